"""Examples of tutorial code that has no effect or fails. Each function runs one and returns its result as text."""

import torch
from torch import Tensor, nn
from torch.autograd import Variable


def override_backward() -> str:
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3, 1, bias=False)
            self.backward_was_called = False

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x)

        def backward(self, gradient: Tensor) -> None:
            self.backward_was_called = True

    model = Net()
    model(torch.ones(2, 3)).sum().backward()
    return f"backward_was_called = {model.backward_was_called}, gradient = {model.linear.weight.grad.tolist()}"


def module_without_parameters() -> str:
    class Net(nn.Module):
        def forward(self, x: Tensor, W1: Tensor, W2: Tensor) -> Tensor:
            return (x @ W1).clamp(min=0) @ W2

    try:
        torch.optim.SGD(Net().parameters(), lr=0.1)
    except ValueError as error:
        return f"ValueError: {error}"
    return "no error"


def many_backward_passes() -> str:
    x = torch.ones(1, 3)
    model = nn.Linear(3, 1, bias=False)
    before = model.weight.detach().clone()
    for _ in range(100):
        model(x).sum().backward()
    is_unchanged = torch.equal(model.weight, before)
    return f"weights unchanged: {is_unchanged}, gradient = {model.weight.grad.tolist()}"


def choose_device() -> str:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, x = nn.Linear(3, 1).to(device), torch.ones(2, 3).to(device)
    return f"device = {model(x).device}"


def wrap_in_variable() -> str:
    x = torch.ones(2, requires_grad=True)
    wrapped = Variable(x, requires_grad=True)
    return f"{type(wrapped).__name__}, requires_grad = {wrapped.requires_grad}"
