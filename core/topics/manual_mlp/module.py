"""Implementation 3: nn.Module. The network is an object that holds its parameters; you write only `forward`."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from core.topics.manual_mlp.custom_function import ReLUByHand
from core.topics.manual_mlp.losses import Loss
from core.topics.manual_mlp.step import Step, copy_weights, observe


class TwoLayerNet(nn.Module):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        relu: Callable[[Tensor], Tensor] = torch.relu,
    ):
        super().__init__()
        self.hidden = nn.Linear(input_size, hidden_size, bias=False)
        self.output = nn.Linear(hidden_size, output_size, bias=False)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.relu(self.hidden(x)))


def train_module(
    batches: Iterable[tuple[Tensor, Tensor]],
    W1: Tensor,
    W2: Tensor,
    *,
    loss_function: Loss,
    learning_rate: float,
    forget_zero_grad: bool = False,
    custom_function: bool = False,
) -> Iterator[Step]:
    model = TwoLayerNet(*W1.shape, W2.shape[1], relu=ReLUByHand.apply if custom_function else torch.relu)
    copy_weights(model, W1, W2)
    for x, y in batches:
        # Forward pass: calling the model calls its forward method
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
