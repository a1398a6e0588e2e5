"""The surfaces: published values and minima, gradients in closed form, documented curvatures."""

import math

import numpy as np
import pytest
import torch
from torch.autograd.functional import hessian, jacobian

from core.topics.loss_surface.config import LossSurfaceConfig
from core.topics.loss_surface.surfaces import SURFACES, Surface

# Function, derivative by x, derivative by y, as one writes them on paper
CLOSED = {
    "ravine": (lambda x, y: x**2 / 100 + y**2 / 2, lambda x, y: x / 50, lambda x, y: y),
    "beale": (
        lambda x, y: sum((c - x * (1 - y**n)) ** 2 for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
        lambda x, y: sum(-2 * (c - x * (1 - y**n)) * (1 - y**n) for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
        lambda x, y: sum(2 * (c - x * (1 - y**n)) * n * x * y ** (n - 1) for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    ),
    "rosenbrock": (
        lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2,
        lambda x, y: -400 * x * (y - x**2) - 2 * (1 - x),
        lambda x, y: 200 * (y - x**2),
    ),
    "himmelblau": (
        lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        lambda x, y: 4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
        lambda x, y: 2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
    ),
    "saddle": (lambda x, y: x**2 - y**2 / 2, lambda x, y: 2 * x, lambda x, y: -y),
    "cliff": (
        lambda x, y: 1 / (1 + np.exp(-6 * x)) + (x + 2) ** 2 / 200 + y**2 / 20,
        lambda x, y: 6 * np.exp(-6 * x) / (1 + np.exp(-6 * x)) ** 2 + (x + 2) / 100,
        lambda x, y: y / 10,
    ),
    "bowl": (lambda x, y: (x**2 + y**2) / 2, lambda x, y: x, lambda x, y: y),
}

PUBLISHED = [
    ("beale", (0.0, 0.0), 14.203125),
    ("beale", (1.0, 1.0), 14.203125),
    ("rosenbrock", (-1.2, 1.0), 24.2),
    ("himmelblau", (0.0, 0.0), 170.0),
    ("himmelblau", (-0.270845, -0.923039), 181.617),
]
MINIMA = [(name, minimum) for name, surface in SURFACES.items() for minimum in surface.minima]


def at(surface: Surface, point: tuple[float, float]) -> tuple[float, np.ndarray, np.ndarray]:
    """Value, gradient and Hessian at a point, by autograd in float64."""
    where = torch.tensor(point, dtype=torch.float64)
    function = lambda p: surface(p[0], p[1])  # noqa: E731
    return float(function(where)), jacobian(function, where).numpy(), hessian(function, where).numpy()


def test_every_surface_is_tested():
    assert CLOSED.keys() == SURFACES.keys()


@pytest.mark.parametrize("name", CLOSED)
def test_values_and_gradients_are_those_of_the_closed_form(name):
    surface = SURFACES[name]
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 9), np.linspace(y_low, y_high, 7))
    value, by_x, by_y = (function(x, y) for function in CLOSED[name])
    points = [torch.tensor(part, requires_grad=True) for part in (x, y)]
    losses = surface(*points)
    assert losses.shape == (7, 9)
    gradients = torch.autograd.grad(losses.sum(), points)
    np.testing.assert_allclose(losses.detach().numpy(), value, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gradients[0].numpy(), by_x, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(gradients[1].numpy(), by_y, rtol=1e-10, atol=1e-10)
    assert torch.autograd.gradcheck(surface, points, rtol=1e-4)


@pytest.mark.parametrize(("name", "point", "value"), PUBLISHED)
def test_values_are_the_published_ones(name, point, value):
    assert at(SURFACES[name], point)[0] == pytest.approx(value, abs=5e-4)


def test_the_minima_are_the_published_ones():
    assert SURFACES["beale"].minima == ((3.0, 0.5),)
    assert SURFACES["rosenbrock"].minima == ((1.0, 1.0),)
    assert sorted(SURFACES["himmelblau"].minima) == [
        (-3.779310, -3.283186),
        (-2.805118, 3.131312),
        (3.0, 2.0),
        (3.584428, -1.848126),
    ]


@pytest.mark.parametrize(("name", "minimum"), MINIMA)
def test_at_a_minimum_the_value_is_the_lowest_and_the_gradient_zero(name, minimum):
    value, gradient, curvature = at(SURFACES[name], minimum)
    # Six published decimals leave 2e-6 to be told apart, times the curvature
    assert np.linalg.norm(gradient) < 2e-6 * np.linalg.eigvalsh(curvature).max()
    assert np.linalg.eigvalsh(curvature).min() > 0
    assert value == pytest.approx(SURFACES[name].lowest, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("name", "minimum"), MINIMA)
def test_newtons_method_stays_at_a_minimum_and_nothing_on_the_map_is_lower(name, minimum):
    surface, point = SURFACES[name], np.array(minimum) + 1e-3
    for _ in range(8):
        _value, gradient, curvature = at(surface, tuple(point))
        point = point - np.linalg.solve(curvature, gradient)
    np.testing.assert_allclose(point, minimum, atol=1e-6)
    assert at(surface, tuple(point))[0] == pytest.approx(surface.lowest, rel=1e-4, abs=1e-12)
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 201), np.linspace(y_low, y_high, 201))
    assert CLOSED[name][0](x, y).min() >= surface.lowest


@pytest.mark.parametrize("condition", [1.0, 7.5, 50.0, 10_000.0])
def test_the_ravines_condition_number_is_that_of_its_hessian(condition):
    surface = LossSurfaceConfig(surface="ravine", condition=condition).build_surface()
    for point in ((-9.0, 2.0), (0.3, -0.7)):
        curvatures = np.linalg.eigvalsh(at(surface, point)[2])
        assert curvatures.max() / curvatures.min() == pytest.approx(condition)
        assert curvatures.max() == pytest.approx(1)
    assert surface.bounds == SURFACES["ravine"].bounds


def test_the_saddle_has_one_way_down():
    value, gradient, curvature = at(SURFACES["saddle"], (0.0, 0.0))
    assert (value, gradient.tolist()) == (0, [0, 0])
    assert sorted(np.sign(np.linalg.eigvalsh(curvature))) == [-1, 1]
    assert at(SURFACES["saddle"], (0.0, 1e6))[0] < -1e11
    assert (SURFACES["saddle"].minima, SURFACES["saddle"].lowest) == ((), None)


def test_the_cliff_is_a_plateau_a_drop_and_a_hollow():
    steepness = {x: abs(at(SURFACES["cliff"], (x, 0.0))[1][0]) for x in (-2.0, 0.0, 4.0)}
    assert steepness[0.0] == pytest.approx(6 / 4 + 2 / 100)
    assert steepness[4.0] < 0.07
    assert steepness[-2.0] < 1e-4


@pytest.mark.parametrize("name", SURFACES)
def test_the_map_holds_the_start_and_all_minima(name):
    surface = SURFACES[name]
    x_low, x_high, y_low, y_high = surface.bounds
    for x, y in (surface.start, *surface.minima):
        assert x_low < x < x_high
        assert y_low < y < y_high
    value, gradient, _curvature = at(surface, surface.start)
    assert math.isfinite(value)
    assert np.linalg.norm(gradient) > 0.01
    assert surface.lowest is None or value > surface.lowest + 0.1
