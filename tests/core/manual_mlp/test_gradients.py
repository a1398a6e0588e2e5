"""Gradients by hand compared with autograd for any shape, and losses compared with those of torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.topics.manual_mlp.custom_function import ReLUByHand
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import TwoLayerNet
from core.topics.manual_mlp.tensors import train_tensors

SIZES = st.integers(1, 12)
PRECISIONS = {torch.float32: 1e-5, torch.float64: 1e-10}


def draw(shape: tuple[int, int, int, int], dtype: torch.dtype, seed: int, loss: str):
    """Inputs, targets and weights of a network with these sizes."""
    samples, inputs, hidden, outputs = shape
    random = torch.Generator().manual_seed(seed)
    # Drawn in the same precision for both, so that the same units are on
    x, y, W1, W2 = (
        torch.randn(size, generator=random, dtype=torch.float64).to(dtype)
        for size in ((samples, inputs), (samples, outputs), (inputs, hidden), (hidden, outputs))
    )
    if loss == "cross_entropy":
        y = y.softmax(dim=1)
    return x, y, W1, W2


def by_autograd(x, y, W1, W2, loss):
    W1, W2 = W1.clone().requires_grad_(), W2.clone().requires_grad_()
    value = LOSSES[loss](torch.relu(x @ W1) @ W2, y)
    return value.item(), *torch.autograd.grad(value, (W1, W2))


def relative(value, expected) -> float:
    return float((value - expected).norm() / expected.norm().clamp(min=1e-12))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", PRECISIONS)
@given(shape=st.tuples(SIZES, SIZES, SIZES, SIZES), seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_gradients_by_hand_are_those_of_autograd(loss, dtype, shape, seed):
    x, y, W1, W2 = draw(shape, dtype, seed, loss)
    step = next(train_tensors([(x, y)], W1.clone(), W2.clone(), loss_function=LOSSES[loss], learning_rate=0.1))
    value, grad_W1, grad_W2 = by_autograd(x, y, W1, W2, loss)
    assert step.loss == pytest.approx(value, rel=PRECISIONS[dtype])
    # Where little is left of a sum, its rounding is not relative to it
    for gradient, expected in ((step.grad_W1, grad_W1), (step.grad_W2, grad_W2)):
        assert float((gradient - expected).norm()) < PRECISIONS[dtype] * max(float(expected.norm()), 0.1)


def test_the_tutorials_gradient_is_wrong_at_the_same_weights():
    x, y, W1, W2 = draw((100, 1000, 100, 10), torch.float32, 0, "sum_of_squares")
    options = {"loss_function": LOSSES["sum_of_squares"], "learning_rate": 1e-6, "tutorials_gradient": True}
    step = next(train_tensors([(x, y)], W1.clone(), W2.clone(), **options))
    _, grad_W1, grad_W2 = by_autograd(x, y, W1, W2, "sum_of_squares")
    assert relative(step.grad_W2, grad_W2) < 1e-5
    assert 0.5 < relative(step.grad_W1, grad_W1) < 1.5


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("mean_of_squares", torch.nn.MSELoss()),
        ("sum_of_squares", torch.nn.MSELoss(reduction="sum")),
        ("cross_entropy", torch.nn.CrossEntropyLoss()),
    ],
)
def test_losses_are_those_of_torch(name, module):
    random = torch.Generator().manual_seed(0)
    y_pred = torch.randn(7, 4, generator=random, dtype=torch.float64, requires_grad=True)
    y = torch.randn(7, 4, generator=random, dtype=torch.float64).softmax(dim=1)
    expected = module(y_pred, y)
    torch.testing.assert_close(LOSSES[name](y_pred, y), expected)
    (gradient,) = torch.autograd.grad(expected, y_pred)
    torch.testing.assert_close(LOSSES[name].gradient(y_pred.detach(), y), gradient)


def test_the_relu_by_hand_has_the_gradient_of_torch():
    z = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    assert torch.autograd.gradcheck(ReLUByHand.apply, (z,))
    model = TwoLayerNet(3, 4, 2, relu=ReLUByHand.apply)
    model(torch.ones(1, 3)).sum().backward()
    assert model.hidden.weight.grad is not None
