"""Activations against PyTorch, and their derivatives against autograd."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.topics.activations.functions import (
    ACTIVATIONS,
    SATURATION_SHARE,
    is_saturated,
    neuron,
    saturated_intervals,
    tangent,
)

TORCHS = {
    "sigmoid": torch.nn.Sigmoid(),
    "tanh": torch.nn.Tanh(),
    "relu": torch.nn.ReLU(),
    "leaky_relu": torch.nn.LeakyReLU(),
    "gelu": torch.nn.GELU(),
    "linear": torch.nn.Identity(),
}
GRID = torch.linspace(-6, 6, 1201, dtype=torch.float64)
numbers = st.floats(-700, 700) | st.floats(-6, 6) | st.sampled_from([0.0, -0.0, 1e-300, -1e-300])
names = st.sampled_from(list(ACTIVATIONS))


def double(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_every_activation_has_a_counterpart_in_pytorch():
    assert list(ACTIVATIONS) == list(TORCHS)


@settings(deadline=None)
@given(name=names, x=st.lists(numbers, min_size=1, max_size=5))
def test_functions_are_torchs_and_derivatives_are_those_of_autograd(name, x):
    values = double(x).requires_grad_()
    torchs = TORCHS[name](values)
    (gradient,) = torch.autograd.grad(torchs.sum(), values)
    ours = ACTIVATIONS[name].function(values.detach())
    torch.testing.assert_close(ours, torchs.detach(), rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(ACTIVATIONS[name].derivative(values.detach()), gradient, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_maximum_derivative_is_exact(name):
    fine = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    assert ACTIVATIONS[name].derivative(fine).abs().max().item() == pytest.approx(ACTIVATIONS[name].max_slope, abs=1e-8)


def test_saturated_is_where_the_slope_is_below_a_tenth_of_the_steepest():
    # σ (1 − σ) = ¼ · 0.1 and 1 − tanh² = 0.1, solved for x
    edge = math.log((1 + math.sqrt(1 - SATURATION_SHARE)) / (1 - math.sqrt(1 - SATURATION_SHARE)))
    for name, limit in (("sigmoid", edge), ("tanh", edge / 2)):
        assert torch.equal(is_saturated(name, GRID), GRID.abs() > limit), name
        (_low, before), (after, _high) = saturated_intervals(name, GRID)
        assert (before, after) == pytest.approx((-limit, limit), abs=0.011)
    assert saturated_intervals("relu", GRID) == [(-6, pytest.approx(0, abs=1e-9))]
    assert saturated_intervals("leaky_relu", GRID) == [(-6, pytest.approx(0, abs=1e-9))]
    assert saturated_intervals("linear", GRID) == []
    # GELU is also saturated at its minimum, -0.75
    parts = saturated_intervals("gelu", GRID)
    assert [low < at < high for (low, high), at in zip(parts, (-5, -0.75), strict=True)] == [True, True]
    for name in ACTIVATIONS:
        inside = torch.zeros_like(GRID, dtype=torch.bool)
        for low, high in saturated_intervals(name, GRID):
            inside |= (low <= GRID) & (high >= GRID)
        assert torch.equal(inside, is_saturated(name, GRID)), name


@settings(deadline=None)
@given(name=names, weight=st.floats(-5, 5), bias=st.floats(-5, 5))
def test_a_neuron_is_a_linear_layer_and_its_activation(name, weight, bias):
    layer = torch.nn.Linear(1, 1).double()
    with torch.no_grad():
        layer.weight.fill_(weight)
        layer.bias.fill_(bias)
        expected = TORCHS[name](layer(GRID[::50, None])).flatten()
    torch.testing.assert_close(neuron(name, GRID[::50], weight=weight, bias=bias), expected, rtol=1e-10, atol=1e-12)


def test_only_sigmoids_neuron_without_bias_does_not_pass_through_the_origin():
    at_zero = {name: neuron(name, double([0.0]), weight=3.0).item() for name in ACTIVATIONS}
    assert at_zero == dict.fromkeys(ACTIVATIONS, 0.0) | {"sigmoid": 0.5}


def test_the_tangent_touches_the_curve_with_its_slope():
    for name, activation in ACTIVATIONS.items():
        x, y = tangent(name, GRID, 0.5)
        assert (x.min().item(), x.max().item()) == (pytest.approx(-1), pytest.approx(2))
        slopes = y.diff() / x.diff()
        torch.testing.assert_close(slopes, activation.derivative(double(0.5)).expand_as(slopes))
        middle = int((x - 0.5).abs().argmin())
        torch.testing.assert_close(y[middle], activation.function(double(0.5)))
