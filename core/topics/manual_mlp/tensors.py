"""Implementation 1: tensors only. The backward pass is the chain rule, written by hand."""

from collections.abc import Iterable, Iterator

from torch import Tensor

from core.topics.manual_mlp.losses import Loss
from core.topics.manual_mlp.step import Step


def train_tensors(
    batches: Iterable[tuple[Tensor, Tensor]],
    W1: Tensor,
    W2: Tensor,
    *,
    loss_function: Loss,
    learning_rate: float,
    tutorials_gradient: bool = False,
) -> Iterator[Step]:
    for x, y in batches:
        # Forward pass: from the input to the loss
        z = x @ W1
        h = z.clamp(min=0)
        y_pred = h @ W2
        loss = loss_function(y_pred, y)

        # Backward pass: the chain rule, from the loss to the weights
        grad_y_pred = loss_function.gradient(y_pred, y)
        grad_W2 = h.T @ grad_y_pred
        grad_h = grad_y_pred @ W2.T
        if tutorials_gradient:
            grad_z = grad_h.clamp(min=0)
        else:
            grad_z = grad_h * (h > 0)
        grad_W1 = x.T @ grad_z
        yield Step(loss.item(), W1, W2, grad_W1, grad_W2)

        # Update: gradient descent
        W1 -= learning_rate * grad_W1
        W2 -= learning_rate * grad_W2
