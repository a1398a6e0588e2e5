"""Implementation 2: autograd. PyTorch records the forward pass and computes the backward pass."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from core.topics.manual_mlp.losses import Loss
from core.topics.manual_mlp.step import Step


def train_autograd(
    batches: Iterable[tuple[Tensor, Tensor]],
    W1: Tensor,
    W2: Tensor,
    *,
    loss_function: Loss,
    learning_rate: float,
    forget_zero_grad: bool = False,
) -> Iterator[Step]:
    W1.requires_grad_()
    W2.requires_grad_()
    for x, y in batches:
        # Forward pass: from the input to the loss
        h = torch.relu(x @ W1)
        y_pred = h @ W2
        loss = loss_function(y_pred, y)

        # Backward pass: autograd adds to W1.grad and W2.grad
        if not forget_zero_grad:
            W1.grad = W2.grad = None
        loss.backward()
        yield Step(loss.item(), W1.detach(), W2.detach(), W1.grad, W2.grad)

        # Update: gradient descent, not recorded by autograd
        with torch.no_grad():
            W1 -= learning_rate * W1.grad
            W2 -= learning_rate * W2.grad
