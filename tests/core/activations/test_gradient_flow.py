"""Backpropagation through a chain of neurons."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.topics.activations.functions import ACTIVATIONS
from core.topics.activations.gradient_flow import gradient_flow
from tests.core.activations.test_functions import TORCHS, double, names


@settings(deadline=None)
@given(name=names, x=st.floats(-1, 1), weight=st.floats(-4, 4), length=st.integers(1, 12))
def test_the_gradients_of_a_chain_are_the_products_of_the_derivatives(name, x, weight, length):
    flow = gradient_flow(name, x, weight=weight, length=length)
    assert len(flow.values) == len(flow.gradients) == length + 1
    assert (flow.values[0], flow.gradients[-1]) == (x, 1)
    products = [1.0]
    for z in reversed(flow.inputs):
        products.insert(0, products[0] * weight * ACTIVATIONS[name].derivative(double(z)).item())
    assert flow.gradients == pytest.approx(products, rel=1e-9, abs=1e-300)
    for before, z, after in zip(flow.values, flow.inputs, flow.values[1:], strict=False):
        assert z == pytest.approx(weight * before)
        assert after == pytest.approx(TORCHS[name](double(z)).item(), rel=1e-9, abs=1e-14)


def test_sigmoids_gradient_vanishes_relus_does_not_and_twice_the_weight_explodes():
    assert 0 < gradient_flow("sigmoid", 1.0, weight=1.0).gradients[0] < 1e-6
    assert gradient_flow("relu", 1.0, weight=1.0).gradients == [1.0] * 11
    assert gradient_flow("relu", 1.0, weight=2.0).gradients[0] == 2.0**10
    assert gradient_flow("relu", -1.0, weight=1.0).gradients == [0.0] * 10 + [1.0]


@pytest.mark.parametrize(
    ("name", "weight", "verdict"),
    [
        ("sigmoid", 1.0, "vanishes"),
        ("relu", 1.0, "survives"),
        ("relu", 2.0, "explodes"),
        ("relu", -1.0, "zero"),
        ("linear", -2.0, "explodes"),
    ],
)
def test_the_verdict_names_what_happens_to_the_gradient(name, weight, verdict):
    assert gradient_flow(name, 1.0, weight=weight).verdict == verdict
