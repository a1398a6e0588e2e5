"""Implementation 5: torch.optim. A PyTorch optimizer makes the update."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from core.topics.manual_mlp.losses import Loss
from core.topics.manual_mlp.step import Step, copy_weights, observe


def train_optim(
    batches: Iterable[tuple[Tensor, Tensor]],
    W1: Tensor,
    W2: Tensor,
    *,
    loss_function: Loss,
    learning_rate: float,
    forget_zero_grad: bool = False,
    optimizer_class: type[torch.optim.Optimizer] = torch.optim.SGD,
) -> Iterator[Step]:
    model = nn.Sequential(nn.Linear(*W1.shape, bias=False), nn.ReLU(), nn.Linear(*W2.shape, bias=False))
    copy_weights(model, W1, W2)
    optimizer = optimizer_class(model.parameters(), lr=learning_rate)
    for x, y in batches:
        # Forward pass: through the layers in order
        y_pred = model(x)
        loss = loss_function(y_pred, y)

        # Backward pass: autograd adds to every parameter's grad
        if not forget_zero_grad:
            optimizer.zero_grad()
        loss.backward()
        yield observe(loss, model)

        # Update: by the optimizer's rule
        optimizer.step()
