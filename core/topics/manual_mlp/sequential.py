"""Implementation 4: nn.Sequential. The network is a list of layers, unnamed or named by an OrderedDict."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from core.topics.manual_mlp.losses import Loss
from core.topics.manual_mlp.step import Step, copy_weights, observe


def train_sequential(
    batches: Iterable[tuple[Tensor, Tensor]],
    W1: Tensor,
    W2: Tensor,
    *,
    loss_function: Loss,
    learning_rate: float,
    forget_zero_grad: bool = False,
    named_layers: bool = False,
) -> Iterator[Step]:
    hidden, output = nn.Linear(*W1.shape, bias=False), nn.Linear(*W2.shape, bias=False)
    if named_layers:
        model = nn.Sequential(OrderedDict([("hidden", hidden), ("relu", nn.ReLU()), ("output", output)]))
    else:
        model = nn.Sequential(hidden, nn.ReLU(), output)
    copy_weights(model, W1, W2)
    for x, y in batches:
        # Forward pass: through the layers in order
        y_pred = model(x)
        loss = loss_function(y_pred, y)

        # Backward pass: autograd adds to every parameter's grad
        if not forget_zero_grad:
            model.zero_grad()
        loss.backward()
        yield observe(loss, model)

        # Update: gradient descent
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= learning_rate * parameter.grad
