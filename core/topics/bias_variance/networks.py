"""Networks of all widths for all datasets, with their weights in one tensor."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.training.rng import Stream, generator


class BatchedRegressors:
    """Networks with one hidden layer: for each of the W ``widths``, one network per dataset.

    Each network computes x → w2 · φ(w1 x + b1) + b2, where φ is the activation function, and is equivalent to
    `torch.nn.Sequential(Linear(1, width), φ, Linear(width, 1))`. ``weights`` (R, 3 U + W) holds w1, b1, w2, and b2,
    where R is the number of datasets, and U is the sum of the widths.
    """

    def __init__(self, widths: Sequence[int], weights: Tensor, *, activation: str):
        self.widths, self.weights, self.activation = tuple(widths), weights, activation
        self.units = sum(widths)
        self.sizes = [self.units] * 3 + [len(widths)]
        self.network_of_unit = torch.repeat_interleave(torch.arange(len(widths)), torch.tensor(widths))
        self.network_of_weight = torch.cat([self.network_of_unit] * 3 + [torch.arange(len(widths))])

    @classmethod
    def initialize(cls, widths: Sequence[int], data_sets: int, *, activation: str, seed: int) -> "BatchedRegressors":
        """Return networks with the same initialization as `torch.nn.Linear`.

        The weights and biases are drawn uniformly between −1/√fan_in and 1/√fan_in, where fan_in is the number of
        inputs of the layer. All networks of the same width get the same initial weights.
        """
        random = generator(seed, Stream.BIAS_VARIANCE_WEIGHTS)
        w1, b1, w2, b2 = (
            torch.cat([(2 * torch.rand(count, generator=random) - 1) * fan_in**-0.5 for count, fan_in in layer])
            for layer in (
                [(width, 1) for width in widths],
                [(width, 1) for width in widths],
                [(width, width) for width in widths],
                [(1, width) for width in widths],
            )
        )
        return cls(widths, torch.cat([w1, b1, w2, b2]).repeat(data_sets, 1), activation=activation)

    def predict(self, x: Tensor) -> Tensor:
        """Return the outputs (W, R, batch) for inputs x (R, batch), in the dtype of x."""
        return self._output(self._hidden(x.to(self.weights.dtype))).transpose(0, 1).to(x.dtype)

    def gradient(self, x: Tensor, y: Tensor, *, l2: float = 0.0, dropout_mask: Tensor | None = None) -> Tensor:
        """Return the gradient (R, 3 U + W) of the loss with respect to ``weights``.

        The loss of each network is mean((y − outputs)²) + ½ λ Σ (w1² + w2²), where λ is ``l2``. ``x`` and ``y`` have
        the shape (R, batch). ``dropout_mask`` (R, U, batch) is 0 for dropped units, and 1 / (1 − dropout probability)
        for all other units.
        """
        w1, _b1, w2, _b2 = self.weights.split(self.sizes, dim=1)
        h = self._hidden(x)
        h_dropped = h if dropout_mask is None else h * dropout_mask
        grad_output = (self._output(h_dropped) - y.unsqueeze(1)) * (2 / y.shape[1])
        grad_unit = grad_output[:, self.network_of_unit]
        grad_w2 = (grad_unit * h_dropped).sum(2)
        grad_h = grad_unit.mul_(w2.unsqueeze(2))
        if dropout_mask is not None:
            grad_h = grad_h.mul_(dropout_mask)
        grad_z = grad_h * (1 - h * h) if self.activation == "tanh" else grad_h * (h > 0)
        grad_w1 = (grad_z * x.unsqueeze(1)).sum(2)
        if l2:
            grad_w1, grad_w2 = grad_w1 + l2 * w1, grad_w2 + l2 * w2
        return torch.cat([grad_w1, grad_z.sum(2), grad_w2, grad_output.sum(2)], dim=1)

    def copy_from(self, others: "BatchedRegressors", mask: Tensor) -> None:
        """Copy, from ``others``, the weights of the networks for which ``mask`` (W, R) is true."""
        self.weights = torch.where(mask.T[:, self.network_of_weight], others.weights, self.weights)

    def state_dict(self, number: int, data_set: int) -> dict[str, Tensor]:
        """Return the weights of one network, named as in the equivalent `torch.nn.Sequential`.

        ``number`` is the index of the width, and ``data_set`` is the index of the dataset.
        """
        w1, b1, w2, b2 = self.weights[data_set].split(self.sizes)
        units = self.network_of_unit == number
        return {
            "0.weight": w1[units, None],
            "0.bias": b1[units],
            "2.weight": w2[None, units],
            "2.bias": b2[number, None],
        }

    def _hidden(self, x: Tensor) -> Tensor:
        w1, b1, _w2, _b2 = (part.unsqueeze(2) for part in self.weights.split(self.sizes, dim=1))
        z = torch.addcmul(b1, w1, x.unsqueeze(1))
        return z.tanh_() if self.activation == "tanh" else z.relu_()

    def _output(self, h: Tensor) -> Tensor:
        """Return the outputs (R, W, batch): the sum of the weighted units of each network."""
        _w1, _b1, w2, b2 = self.weights.split(self.sizes, dim=1)
        weighted = (h * w2.unsqueeze(2)).split(self.widths, dim=1)
        return torch.stack([part.sum(1) for part in weighted], dim=1) + b2.unsqueeze(2)
