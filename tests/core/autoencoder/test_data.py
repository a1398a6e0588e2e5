"""The grid of levels that a slider moves through."""

import pytest

from core.data.corruptions import LIMITS
from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig
from core.topics.autoencoder.data import level_grid, with_level


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_grid_goes_from_the_lowest_level_to_the_highest_and_has_the_one_that_is_set(name):
    low, high = LIMITS[name]
    level = AutoencoderConfig().level(name)
    grid = level_grid(name, level)
    assert (grid[0], grid[-1]) == (low, high)
    assert level in grid
    assert list(grid) == sorted(set(grid))
    assert len(grid) <= 22
    assert all(isinstance(each, type(high)) for each in grid)


def test_a_level_beside_the_grid_is_added():
    assert level_grid("gaussian", 0.33)[6:9] == (0.3, 0.33, 0.35)


def test_one_of_several_corruptions_changes():
    levels = (("mosaic", 4), ("gaussian", 0.5))
    assert with_level(levels, "gaussian", 0.1) == (("mosaic", 4), ("gaussian", 0.1))
