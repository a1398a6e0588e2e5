"""Shared parts of the five implementations: the `Step` that they yield, and helpers for their models."""

from typing import NamedTuple

from torch import Tensor, nn


class Step(NamedTuple):
    """The loss of a batch, the weights, and the gradients of the loss with respect to the weights.

    All values are those before the update. W1 (inputs, hidden) and W2 (hidden, outputs) are the weights themselves, not
    copies. The update changes them in place.
    """

    loss: float
    W1: Tensor
    W2: Tensor
    grad_W1: Tensor
    grad_W2: Tensor


def copy_weights(model: nn.Module, W1: Tensor, W2: Tensor) -> None:
    """Copy W1 and W2 into the model's two Linear layers, whose weights have the shape (outputs, inputs)."""
    first, second = model.parameters()
    first.data, second.data = W1.T.clone(), W2.T.clone()


def observe(loss: Tensor, model: nn.Module) -> Step:
    """Return the `Step` of a model with two Linear layers.

    Weights and gradients are transposed to (inputs, outputs).
    """
    first, second = model.parameters()
    return Step(loss.item(), first.detach().T, second.detach().T, first.grad.T, second.grad.T)
