"""What the five implementations share: the Step that they yield, and how a model gets its initial weights."""

from typing import NamedTuple

from torch import Tensor, nn


class Step(NamedTuple):
    """The loss of a batch and its gradients, before the update that they cause.

    W1 (inputs, hidden) and W2 (hidden, outputs) are the live weights: read them, do not keep them.
    """

    loss: float
    W1: Tensor
    W2: Tensor
    grad_W1: Tensor
    grad_W2: Tensor


def copy_weights(model: nn.Module, W1: Tensor, W2: Tensor) -> None:
    """Start the model's two Linear layers from W1 and W2 (a Linear keeps its weight as (outputs, inputs))."""
    first, second = model.parameters()
    first.data, second.data = W1.T.clone(), W2.T.clone()


def observe(loss: Tensor, model: nn.Module) -> Step:
    """Return the step of a model with two Linear layers, its weights transposed to (inputs, outputs)."""
    first, second = model.parameters()
    return Step(loss.item(), first.detach().T, second.detach().T, first.grad.T, second.grad.T)
