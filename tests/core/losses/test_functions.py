"""Losses against PyTorch, and their gradients against autograd."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from core.topics.losses import functions as losses
from core.topics.losses.functions import CLASSIFICATION, REGRESSION

numbers = st.floats(-50, 50)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6)
TORCHS = {
    "mse": F.mse_loss,
    "rmse": lambda prediction, target: F.mse_loss(prediction, target).sqrt(),
    "mae": F.l1_loss,
}


def double(values) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def check(ours: losses.Loss, torchs, prediction: Tensor, target: Tensor, **settings: float) -> None:
    """Check the value against PyTorch and the gradient against autograd."""
    prediction.requires_grad_()
    expected = torchs(prediction, target, **settings)
    (gradient,) = torch.autograd.grad(expected, prediction)
    prediction = prediction.detach()
    torch.testing.assert_close(ours.value(prediction, target, **settings), expected.detach(), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(ours.gradient(prediction, target, **settings), gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", TORCHS)
@settings(deadline=None)
@given(pairs=pairs)
def test_regression_losses(name, pairs):
    prediction, target = double(pairs).T.clone()
    assume(name != "rmse" or (prediction - target).abs().max() > 1e-3)  # otherwise the gradient is undefined
    check(REGRESSION[name], TORCHS[name], prediction, target)


@settings(deadline=None)
@given(pairs=pairs, delta=st.floats(0.01, 20))
def test_huber_loss(pairs, delta):
    check(REGRESSION["huber"], F.huber_loss, *double(pairs).T.clone(), delta=delta)


def test_the_root_has_no_gradient_where_there_is_no_error():
    assert REGRESSION["rmse"].gradient(double([1.0, 2]), double([1.0, 2])).isnan().all()


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.floats(-800, 800), st.sampled_from([0.0, 1.0])), min_size=1, max_size=6))
def test_binary_cross_entropy(pairs):
    logit, target = double(pairs).T.clone()
    check(CLASSIFICATION["binary_cross_entropy"], F.binary_cross_entropy_with_logits, logit, target)


@settings(deadline=None)
@given(data=st.data(), classes=st.integers(2, 6), count=st.integers(1, 4))
def test_cross_entropy(data, classes, count):
    rows = st.lists(st.floats(-300, 300), min_size=classes, max_size=classes)
    logits = double(data.draw(st.lists(rows, min_size=count, max_size=count)))
    target = torch.tensor(data.draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count)))
    check(CLASSIFICATION["cross_entropy"], F.cross_entropy, logits, target)


def test_curves_are_those_of_a_single_point():
    errors = double([-3.0, -0.5, 0.5, 2])
    closed = {
        "mse": (errors**2, 2 * errors),
        "rmse": (errors.abs(), errors.sign()),
        "mae": (errors.abs(), errors.sign()),
        "huber": (double([2.5, 0.125, 0.125, 1.5]), double([-1, -0.5, 0.5, 1])),
    }
    for name, loss in REGRESSION.items():
        for ours, expected in zip(loss.curve(errors), closed[name], strict=True):
            torch.testing.assert_close(ours, expected)
    torch.testing.assert_close(REGRESSION["huber"].curve(errors, delta=2.0)[1], errors.clamp(-2, 2))
