"""The settings, the true curves, and their noisy samples."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.topics.bias_variance.config import PRESETS, WIDTHS, BiasVarianceConfig
from core.topics.bias_variance.data import (
    CURVES,
    N_GRID_POINTS,
    N_TEST_POINTS,
    X_LIMIT,
    Task,
    evenly_spaced,
    plot_grid,
)


def test_capacities_are_all_degrees_or_the_widths_up_to_the_largest():
    assert BiasVarianceConfig().capacities == tuple(range(16))
    assert BiasVarianceConfig(largest_degree=0).capacities == (0,)
    assert BiasVarianceConfig(model="network").capacities == WIDTHS
    assert BiasVarianceConfig(model="network", largest_width=10).capacities == (1, 2, 3, 4, 6, 8, 10)
    assert BiasVarianceConfig(model="network", largest_width=1).capacities == (1,)


@pytest.mark.parametrize(
    "changes",
    [
        {"points": 0},
        {"data_sets": 1},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"largest_degree": 16},
        {"largest_width": 0},
        {"l2": -1},
        {"learning_rate": 0},
        {"curve": "cosine"},
        {"model": "network", "epochs": 20_000, "points": 200},
    ],
)
def test_invalid_settings_are_rejected(changes):
    with pytest.raises(ValidationError):
        BiasVarianceConfig(**changes)


def test_points_are_the_curve_plus_noise_of_this_standard_deviation():
    task = Task(BiasVarianceConfig(points=200, noise=0.25))
    for points in (task.train, task.validation, task.test):
        noise = points.y - task.true_curve(points.x)
        assert float(noise.mean()) == pytest.approx(0, abs=5 * 0.25 / noise.numel() ** 0.5)
        assert float(noise.std()) == pytest.approx(0.25, rel=0.03)
        assert points.x.abs().max() <= X_LIMIT
    assert not torch.isin(task.validation.x, task.train.x).any()
    assert not torch.isin(task.test.x, task.validation.x).any()


def test_without_noise_points_lie_on_the_curve():
    for curve in CURVES:
        task = Task(BiasVarianceConfig(noise=0, points=7, curve=curve))
        assert torch.equal(task.train.y, task.true_curve(task.train.x))
        assert task.train.y.dtype == torch.float64
        assert task.train.y.abs().max() <= 1


def test_even_x_are_shared_by_all_data_sets_and_random_x_differ():
    evenly, anywhere = (Task(BiasVarianceConfig(x_sampling=places)).train.x for places in ("even", "random"))
    np.testing.assert_allclose(evenly, np.tile(np.linspace(-3, 3, 20), (30, 1)), atol=1e-12)
    assert len(anywhere.unique()) == 600
    assert evenly_spaced(1).tolist() == [0.0]


def test_curves_are_drawn_from_end_to_end_and_closer_near_the_ends():
    places = plot_grid()
    assert (len(places), float(places[0]), float(places[-1])) == (N_GRID_POINTS, -X_LIMIT, X_LIMIT)
    steps = places.diff()
    assert (steps > 0).all()
    assert steps[0] < steps[N_GRID_POINTS // 2] / 2


def test_test_points_are_one_in_each_equal_part():
    x = Task(BiasVarianceConfig()).test.x
    parts = ((x + X_LIMIT) / (2 * X_LIMIT) * N_TEST_POINTS).floor()
    assert torch.equal(parts, torch.arange(N_TEST_POINTS).double().expand(30, -1))


def test_the_same_seed_gives_the_same_points_however_many_data_sets_there_are():
    few, many = (Task(BiasVarianceConfig(data_sets=count)) for count in (3, 30))
    for split in ("train", "validation", "test"):
        assert torch.equal(getattr(few, split).y, getattr(many, split).y[:3])
        assert len(getattr(many, split).y.unique()) == getattr(many, split).y.numel()
    assert not torch.isin(few.train.y, Task(BiasVarianceConfig(data_sets=3, seed=1)).train.y).any()


def test_remedies_are_compared_on_the_points_of_the_preset_without_them():
    remedies = {"l2": 0.0, "dropout": 0.0, "early_stopping": False}
    assert PRESETS["l2"].changed(**remedies) == PRESETS["polynomials"]
    assert PRESETS["more_data"].changed(points=20) == PRESETS["polynomials"]
    for name in ("early_stopping", "dropout"):
        assert PRESETS[name].changed(**remedies) == PRESETS["overtrained"] != PRESETS[name]


def test_the_old_name_of_a_setting_is_read():
    assert BiasVarianceConfig(places="random") == BiasVarianceConfig(x_sampling="random") != BiasVarianceConfig()
