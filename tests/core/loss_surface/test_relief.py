"""The height map of a surface."""

import numpy as np
import pytest
import torch

from core.topics.loss_surface.config import LossSurfaceConfig
from core.topics.loss_surface.surfaces import SURFACES, relief

pytestmark = pytest.mark.usefixtures("one_thread")


def height_map(formula: str, extent: float = 2.0, size: int = 33) -> np.ndarray:
    config = LossSurfaceConfig(surface="formula", formula=formula, extent=extent, x=1, y=1)
    return relief(config.build_surface(), size=size).heights


@pytest.mark.parametrize("name", SURFACES)
def test_heights_lie_between_0_and_1_and_rise_with_the_loss(name):
    surface = SURFACES[name]
    heights = relief(surface, size=65).heights
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 65), np.linspace(y_low, y_high, 65))
    losses = surface(torch.tensor(x), torch.tensor(y)).numpy()
    assert (heights.shape, heights.min(), heights.max()) == ((65, 65), 0, 1)
    order = np.argsort(losses.ravel())
    assert (np.diff(heights.ravel()[order]) >= -1e-12).all()
    # Nowhere is most of the map one colour
    counts, _edges = np.histogram(heights, 10, (0, 1))
    assert counts.max() < 0.7 * heights.size


@pytest.mark.parametrize("name", SURFACES)
def test_the_heights_of_losses_are_those_of_the_map(name):
    surface, map_ = SURFACES[name], relief(SURFACES[name], size=65)
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 65), np.linspace(y_low, y_high, 65))
    losses = surface(torch.tensor(x), torch.tensor(y)).numpy()
    shown = losses <= map_.high
    assert 0.99 < shown.mean() <= 1
    np.testing.assert_allclose(map_.height(losses)[shown], map_.heights[shown], atol=1e-12)
    assert (map_.height(losses)[~shown] > 1).all()


def test_the_first_row_is_the_lowest_y():
    heights = height_map("y")
    np.testing.assert_allclose(heights[:, 0], np.linspace(0, 1, 33), atol=0.03)
    assert (np.diff(heights, axis=1) == 0).all()
    assert (np.diff(height_map("x"), axis=0) == 0).all()


def test_where_there_is_no_value_there_is_a_hole():
    holes = np.isnan(height_map("log(x)", size=64))
    assert holes[:, :32].all()
    assert not holes[:, 32:].any()


@pytest.mark.parametrize("formula", ["3", "0*x", "1/x", "tan(x)", "1.7e308*tanh(100*x)", "1e-300*x", "x^99", "log(x)"])
def test_poles_and_plains_have_heights_between_0_and_1(formula):
    heights = height_map(formula, size=64)
    known = heights[~np.isnan(heights)]
    assert known.size >= heights.size / 2
    assert known.min() >= 0
    assert known.max() <= 1
    varies = len(np.unique(known)) > 1
    assert varies == ("x" in formula and not formula.startswith("0"))
