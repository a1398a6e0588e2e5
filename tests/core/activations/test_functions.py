"""Activations against torch's own, their derivatives and those of a chain of neurons against autograd."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.topics.activations.functions import (
    ACTIVATIONS,
    FLAT,
    chain,
    neuron,
    saturated,
    saturated_parts,
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


def test_all_of_torchs_are_there():
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
def test_the_steepest_slope_is_known(name):
    fine = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    assert ACTIVATIONS[name].derivative(fine).abs().max().item() == pytest.approx(ACTIVATIONS[name].steepest, abs=1e-8)


def test_saturated_is_where_the_slope_is_below_a_tenth_of_the_steepest():
    # σ (1 − σ) = ¼ · 0.1 and 1 − tanh² = 0.1, solved for x
    edge = math.log((1 + math.sqrt(1 - FLAT)) / (1 - math.sqrt(1 - FLAT)))
    for name, limit in (("sigmoid", edge), ("tanh", edge / 2)):
        assert torch.equal(saturated(name, GRID), GRID.abs() > limit), name
        (_low, before), (after, _high) = saturated_parts(name, GRID)
        assert (before, after) == pytest.approx((-limit, limit), abs=0.011)
    assert saturated_parts("relu", GRID) == [(-6, pytest.approx(0, abs=1e-9))]
    assert saturated_parts("leaky_relu", GRID) == [(-6, pytest.approx(0, abs=1e-9))]
    assert saturated_parts("linear", GRID) == []
    # GELU is also flat where it turns, at -0.75
    parts = saturated_parts("gelu", GRID)
    assert [low < at < high for (low, high), at in zip(parts, (-5, -0.75), strict=True)] == [True, True]
    for name in ACTIVATIONS:
        inside = torch.zeros_like(GRID, dtype=torch.bool)
        for low, high in saturated_parts(name, GRID):
            inside |= (low <= GRID) & (high >= GRID)
        assert torch.equal(inside, saturated(name, GRID)), name


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


@settings(deadline=None)
@given(name=names, x=st.floats(-1, 1), weight=st.floats(-4, 4), length=st.integers(1, 12))
def test_the_gradients_of_a_chain_are_the_products_of_the_derivatives(name, x, weight, length):
    made = chain(name, x, weight=weight, length=length)
    assert len(made.values) == len(made.gradients) == length + 1
    assert (made.values[0], made.gradients[-1]) == (x, 1)
    products = [1.0]
    for z in reversed(made.inputs):
        products.insert(0, products[0] * weight * ACTIVATIONS[name].derivative(double(z)).item())
    assert made.gradients == pytest.approx(products, rel=1e-9, abs=1e-300)
    for before, z, after in zip(made.values, made.inputs, made.values[1:], strict=False):
        assert z == pytest.approx(weight * before)
        assert after == pytest.approx(TORCHS[name](double(z)).item(), rel=1e-9, abs=1e-14)


def test_sigmoids_gradient_vanishes_relus_does_not_and_twice_the_weight_explodes():
    assert 0 < chain("sigmoid", 1.0, weight=1.0).gradients[0] < 1e-6
    assert chain("relu", 1.0, weight=1.0).gradients == [1.0] * 11
    assert chain("relu", 1.0, weight=2.0).gradients[0] == 2.0**10
    assert chain("relu", -1.0, weight=1.0).gradients == [0.0] * 10 + [1.0]
