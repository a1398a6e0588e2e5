"""Many small networks with the same architecture, trained together on the same batches."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import one_hot

from core.training.rng import Stream, generator


class BatchedMLP:
    """N networks x → ReLU(x W1ᵀ + b1) W2ᵀ + b2, each equivalent to `torch.nn.Sequential(Linear, ReLU, Linear)`.

    ``W1`` has shape (N, hidden, inputs). All networks get the same x, so one large matrix product computes all first
    layers. ``rest`` (N, hidden + outputs · hidden + outputs) holds b1, W2, and b2 of each network.
    """

    def __init__(
        self, W1: Float[Tensor, "models hidden inputs"], rest: Float[Tensor, "models parameters"], *, outputs: int
    ):
        self.W1, self.rest, self.outputs = W1, rest, outputs

    @classmethod
    def initialize(cls, sizes: tuple[int, int, int], seeds: Sequence[int], *, dtype: torch.dtype) -> "BatchedMLP":
        """Create one network for each seed, with PyTorch's initialization.

        ``sizes`` are the numbers of inputs, hidden units, and outputs of a network.
        """
        initial = {seed: _initial_weights(sizes, seed) for seed in set(seeds)}
        W1, rest = (torch.stack([initial[seed][part] for seed in seeds]).to(dtype) for part in (0, 1))
        return cls(W1, rest, outputs=sizes[2])

    @classmethod
    def from_weights(cls, weights: Mapping[str, Tensor]) -> "BatchedMLP":
        """Create a `BatchedMLP` that holds one network. The weights are named as in `BatchedMLP.weights`."""
        rest = [weights[name].flatten() for name in ("0.bias", "2.weight", "2.bias")]
        return cls(weights["0.weight"][None], torch.cat(rest)[None], outputs=len(weights["2.bias"]))

    def select(self, networks: slice) -> "BatchedMLP":
        """Return a `BatchedMLP` with a slice of the networks. The new object shares memory with this object."""
        return BatchedMLP(self.W1[networks], self.rest[networks], outputs=self.outputs)

    def weights(self, number: int) -> dict[str, Tensor]:
        """Return the weights of network ``number``, named as in the state dict of the equivalent `Sequential`."""
        b1, W2, b2 = self._unpack()
        return {"0.weight": self.W1[number], "0.bias": b1[number], "2.weight": W2[number], "2.bias": b2[number]}

    def state_dict(self) -> dict[str, Tensor]:
        """Return the weights of all networks."""
        return {"W1": self.W1, "rest": self.rest}

    def load_state_dict(self, state_dict: dict[str, Tensor]) -> None:
        """Copy the weights of all networks from ``state_dict``."""
        self.W1.copy_(state_dict["W1"])
        self.rest.copy_(state_dict["rest"])

    def logits(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "models outputs batch"]:
        """Return the outputs of all networks for the same inputs ``x``."""
        return self._forward(x)[1]

    def gradients(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss (N,) of each network on a batch, and the gradients with respect to ``W1`` and ``rest``.

        ``x`` (batch, inputs) holds the inputs. ``y`` holds int64 labels (batch,) for cross-entropy, or targets (batch,
        outputs) for the mean squared error.
        """
        count, hidden, _inputs = self.W1.shape
        h, logits = self._forward(x)
        losses, grad_logits = loss_and_gradient(logits, y)
        _b1, W2, _b2 = self._unpack()
        grad_W2 = torch.bmm(grad_logits, h.mT)
        grad_h = torch.bmm(W2.mT, grad_logits)
        grad_z = torch.ops.aten.threshold_backward(grad_h, h, 0)  # 0 where the output of ReLU is 0
        grad_W1 = torch.mm(grad_z.view(count * hidden, -1), x).view_as(self.W1)
        grad_rest = torch.cat([grad_z.sum(2), grad_W2.flatten(1), grad_logits.sum(2)], dim=1)
        return losses, grad_W1, grad_rest

    def _forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        count, hidden, inputs = self.W1.shape
        b1, W2, b2 = self._unpack()
        z = torch.mm(self.W1.view(count * hidden, inputs), x.T).view(count, hidden, -1)
        h = z.add_(b1.unsqueeze(2)).relu_()
        return h, torch.baddbmm(b2.unsqueeze(2), W2, h)

    def _unpack(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return views of b1 (N, hidden), W2 (N, outputs, hidden), and b2 (N, outputs) in ``rest``."""
        hidden = self.W1.shape[1]
        b1, W2, b2 = self.rest.split([hidden, self.outputs * hidden, self.outputs], dim=1)
        return b1, W2.unflatten(1, (self.outputs, hidden)), b2


def loss_and_gradient(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean loss (N,) of each network on a batch, and the gradients of the losses with respect to ``logits``.

    ``logits`` has shape (N, outputs, batch). ``y`` is as in `BatchedMLP.gradients`. The gradient of the cross-entropy
    is (softmax(logits) − one_hot(y)) / batch.
    """
    if y.is_floating_point():
        errors = logits - y.T
        return errors.square().mean((1, 2)), errors * (2 / y.numel())
    target = one_hot(y, logits.shape[1]).T.to(logits.dtype)
    losses = -(logits.log_softmax(1) * target).sum((1, 2)) / len(y)
    return losses, logits.softmax(1).sub_(target).div_(len(y))


def _initial_weights(sizes: tuple[int, int, int], seed: int) -> tuple[Tensor, Tensor]:
    """Draw W1 and rest of one network as `torch.nn.Linear` does.

    The distribution is uniform between ±1/√fan_in, where fan_in is the number of inputs of the layer.
    """
    inputs, hidden, outputs = sizes
    random = generator(seed, Stream.BATCHED_WEIGHTS)
    W1, *rest = (
        nn.init.uniform_(torch.empty(shape), -(fan_in**-0.5), fan_in**-0.5, generator=random)
        for fan_in, shape in (
            (inputs, (hidden, inputs)),
            (inputs, (hidden,)),
            (hidden, (outputs, hidden)),
            (hidden, (outputs,)),
        )
    )
    return W1, torch.cat([part.flatten() for part in rest])
