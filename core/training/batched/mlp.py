"""Many small networks of one shape, trained at once as one stacked model: the same batch for all of them."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from core.training.optimizers import OPTIMIZERS, AdamW, Muon
from core.training.rng import Stream, generator


class StackedMLP:
    """N networks x → ReLU(x W1ᵀ + b1) W2ᵀ + b2, each a `torch.nn.Sequential(Linear, ReLU, Linear)`.

    ``W1`` (N, hidden, inputs) is a tensor of its own, because all networks read the same x: their first layers are
    one large matrix product. ``rest`` (N, hidden + outputs · hidden + outputs) holds b1, W2 and b2 of each.
    """

    def __init__(self, W1: Tensor, rest: Tensor, *, outputs: int):
        self.W1, self.rest, self.outputs = W1, rest, outputs

    @classmethod
    def start(cls, sizes: tuple[int, int, int], seeds: Sequence[int], *, dtype: torch.dtype) -> "StackedMLP":
        """Networks with PyTorch's own first weights for (inputs, hidden, outputs), one for each of the seeds."""
        drawn = {seed: _first_weights(sizes, seed) for seed in set(seeds)}
        W1, rest = (torch.stack([drawn[seed][part] for seed in seeds]).to(dtype) for part in (0, 1))
        return cls(W1, rest, outputs=sizes[2])

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> "StackedMLP":
        """A stack of one network, with weights as `weights` names them."""
        rest = [weights[name].flatten() for name in ("0.bias", "2.weight", "2.bias")]
        return cls(weights["0.weight"][None], torch.cat(rest)[None], outputs=len(weights["2.bias"]))

    def part(self, networks: slice) -> "StackedMLP":
        """Some of the networks, in the same memory."""
        return StackedMLP(self.W1[networks], self.rest[networks], outputs=self.outputs)

    def weights(self, number: int) -> dict[str, Tensor]:
        """One network's weights, named as those of the Sequential."""
        b1, W2, b2 = self._unpacked()
        return {"0.weight": self.W1[number], "0.bias": b1[number], "2.weight": W2[number], "2.bias": b2[number]}

    def answers(self, x: Tensor) -> Tensor:
        """The outputs (N, outputs, batch) for inputs x (batch, inputs)."""
        return self._forward(x)[1]

    def gradients(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The losses (N,) of a batch, and their gradients in the shapes of ``W1`` and ``rest``.

        y: int64 labels (batch,) for cross-entropy, or targets (batch, outputs) for the mean of squares.
        """
        count, hidden, _inputs = self.W1.shape
        h, answers = self._forward(x)
        losses, grad_answers = loss_and_gradient(answers, y)
        _b1, W2, _b2 = self._unpacked()
        grad_W2 = torch.bmm(grad_answers, h.mT)
        grad_h = torch.bmm(W2.mT, grad_answers)
        grad_z = torch.ops.aten.threshold_backward(grad_h, h, 0)  # 0 where ReLU was off
        grad_W1 = torch.mm(grad_z.view(count * hidden, -1), x).view_as(self.W1)
        grad_rest = torch.cat([grad_z.sum(2), grad_W2.flatten(1), grad_answers.sum(2)], dim=1)
        return losses, grad_W1, grad_rest

    def _forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        count, hidden, inputs = self.W1.shape
        b1, W2, b2 = self._unpacked()
        z = torch.mm(self.W1.view(count * hidden, inputs), x.T).view(count, hidden, -1)
        h = z.add_(b1.unsqueeze(2)).relu_()
        return h, torch.baddbmm(b2.unsqueeze(2), W2, h)

    def _unpacked(self) -> tuple[Tensor, Tensor, Tensor]:
        """b1 (N, hidden), W2 (N, outputs, hidden) and b2 (N, outputs), in the memory of ``rest``."""
        hidden = self.W1.shape[1]
        b1, W2, b2 = self.rest.split([hidden, self.outputs * hidden, self.outputs], dim=1)
        return b1, W2.unflatten(1, (self.outputs, hidden)), b2


class StackedOptimizer:
    """One optimizer for stacked networks, each with a learning rate of its own.

    `torch.optim` has one rate for all weights; the rules of `core.training.optimizers` are equal to it and take one for each.
    Muon is for matrices: it steps the first layers, network by network, and AdamW everything else.
    """

    def __init__(
        self,
        name: str,
        networks: StackedMLP,
        rates: Tensor,
        *,
        weight_decay: float = 0.0,
        settings: Mapping[str, float] | None = None,
    ):
        """``rates`` (N,) are the networks' learning rates, ``settings`` those of the rule beside them."""
        self.rates = rates.to(networks.W1.dtype)
        settings = settings or {}
        self._alone = name == "muon"
        if self._alone:
            self._first = [Muon(W1, 0.0, weight_decay, match_adamw=True, **settings) for W1 in networks.W1]
            self._rest = AdamW(networks.rest, 0.0, weight_decay)
        else:
            rule = OPTIMIZERS[name]
            self._first = [rule(networks.W1, 0.0, weight_decay, **settings)]
            self._rest = rule(networks.rest, 0.0, weight_decay, **settings)
        self.scale(1.0)

    def scale(self, factor: float | Tensor) -> None:
        """From now on take the learning rates times ``factor``, or times a factor (N,) for each network."""
        rates = self.rates * factor
        for number, rule in enumerate(self._first):
            rule.learning_rate = rates[number] if self._alone else rates[:, None, None]
        self._rest.learning_rate = rates[:, None]

    def step(self, grad_W1: Tensor, grad_rest: Tensor) -> None:
        """One step of all networks, with gradients as `StackedMLP.gradients` gives them."""
        for rule, gradient in zip(self._first, grad_W1 if self._alone else [grad_W1], strict=True):
            rule.step(gradient)
        self._rest.step(grad_rest)


def loss_and_gradient(answers: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The mean losses (N,) of answers (N, outputs, batch), and their gradients with respect to the answers.

    y as in `StackedMLP.gradients`. The gradient of cross-entropy is softmax(answers) − one_hot(y), over the batch.
    """
    if y.is_floating_point():
        differences = answers - y.T
        return differences.square().mean((1, 2)), differences * (2 / y.numel())
    wanted = one_hot(y, answers.shape[1]).T.to(answers.dtype)
    losses = -(answers.log_softmax(1) * wanted).sum((1, 2)) / len(y)
    return losses, answers.softmax(1).sub_(wanted).div_(len(y))


def _first_weights(sizes: tuple[int, int, int], seed: int) -> tuple[Tensor, Tensor]:
    """W1 and rest of one network: uniform within ±1/√inputs of each layer, as `torch.nn.Linear` has it."""
    inputs, hidden, outputs = sizes
    random = generator(seed, Stream.BATCHED_WEIGHTS)
    drawn = []
    for fan_in, shape in (
        (inputs, (hidden, inputs)),
        (inputs, (hidden,)),
        (hidden, (outputs, hidden)),
        (hidden, (outputs,)),
    ):
        drawn.append(nn.init.uniform_(torch.empty(shape), -(fan_in**-0.5), fan_in**-0.5, generator=random))
    W1, *rest = drawn
    return W1, torch.cat([part.flatten() for part in rest])
