"""Networks of all widths, trained on all data sets as one stacked model."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.training.rng import Stream, generator


class StackedNetworks:
    """Networks x → w2 · φ(w1 x + b1) + b2, each a `torch.nn.Sequential(Linear(1, width), φ, Linear(width, 1))`.

    There is one of each of the ``widths`` for each data set. The hidden units of all widths lie side by side: U units
    in W networks, for R data sets. ``weights`` (R, 3 U + W) holds w1, b1, w2 and b2 of them. On every data set the
    networks of a width start from the same weights: what tells them apart later comes from their points alone.
    """

    def __init__(self, widths: Sequence[int], weights: Tensor, *, activation: str):
        self.widths, self.weights, self.activation = tuple(widths), weights, activation
        self.units = sum(widths)
        self.sizes = [self.units] * 3 + [len(widths)]
        self.owner = torch.repeat_interleave(torch.arange(len(widths)), torch.tensor(widths))
        self.owners = torch.cat([self.owner] * 3 + [torch.arange(len(widths))])

    @classmethod
    def start(cls, widths: Sequence[int], data_sets: int, *, activation: str, seed: int) -> "StackedNetworks":
        """First weights as `torch.nn.Linear` draws them: uniform within ±1/√inputs of the layer."""
        random = generator(seed, Stream.BIAS_VARIANCE_WEIGHTS)
        w1, b1, w2, b2 = (
            torch.cat([(2 * torch.rand(count, generator=random) - 1) * inputs**-0.5 for count, inputs in layer])
            for layer in (
                [(width, 1) for width in widths],
                [(width, 1) for width in widths],
                [(width, width) for width in widths],
                [(1, width) for width in widths],
            )
        )
        return cls(widths, torch.cat([w1, b1, w2, b2]).repeat(data_sets, 1), activation=activation)

    def answers(self, x: Tensor) -> Tensor:
        """The outputs (W, R, batch) for inputs x (R, batch), in x's type: each network answers for its data set."""
        return self._output(self._hidden(x.to(self.weights.dtype))).transpose(0, 1).to(x.dtype)

    def gradient(self, x: Tensor, y: Tensor, *, l2: float = 0.0, keep: Tensor | None = None) -> Tensor:
        """The gradient (R, 3 U + W) of mean((y − answers)²) + λ Σ (w1² + w2²), for points x and y (R, batch).

        ``keep`` (R, U, batch) is dropout: zero where a unit is left out, else 1 / (share of those that are not).
        """
        w1, _b1, w2, _b2 = self.weights.split(self.sizes, dim=1)
        h = self._hidden(x)
        kept = h if keep is None else h * keep
        grad_answer = (self._output(kept) - y.unsqueeze(1)) * (2 / y.shape[1])
        grad_unit = grad_answer[:, self.owner]
        grad_w2 = (grad_unit * kept).sum(2)
        grad_h = grad_unit.mul_(w2.unsqueeze(2))
        if keep is not None:
            grad_h = grad_h.mul_(keep)
        grad_z = grad_h * (1 - h * h) if self.activation == "tanh" else grad_h * (h > 0)
        grad_w1 = (grad_z * x.unsqueeze(1)).sum(2)
        if l2:
            grad_w1, grad_w2 = grad_w1 + 2 * l2 * w1, grad_w2 + 2 * l2 * w2
        return torch.cat([grad_w1, grad_z.sum(2), grad_w2, grad_answer.sum(2)], dim=1)

    def replace(self, networks: Tensor, others: "StackedNetworks") -> None:
        """Take over the weights of others where ``networks`` (W, R) is true."""
        self.weights = torch.where(networks.T[:, self.owners], others.weights, self.weights)

    def single(self, width: int, data_set: int) -> dict[str, Tensor]:
        """One network's weights, named as those of the Sequential; ``width`` is its place among the widths."""
        w1, b1, w2, b2 = self.weights[data_set].split(self.sizes)
        own = self.owner == width
        return {"0.weight": w1[own, None], "0.bias": b1[own], "2.weight": w2[None, own], "2.bias": b2[width, None]}

    def _hidden(self, x: Tensor) -> Tensor:
        w1, b1, _w2, _b2 = (part.unsqueeze(2) for part in self.weights.split(self.sizes, dim=1))
        z = torch.addcmul(b1, w1, x.unsqueeze(1))
        return z.tanh_() if self.activation == "tanh" else z.relu_()

    def _output(self, h: Tensor) -> Tensor:
        """The outputs (R, W, batch): the weighted units of each network, added up."""
        _w1, _b1, w2, b2 = self.weights.split(self.sizes, dim=1)
        weighted = (h * w2.unsqueeze(2)).split(self.widths, dim=1)
        return torch.stack([part.sum(1) for part in weighted], dim=1) + b2.unsqueeze(2)
