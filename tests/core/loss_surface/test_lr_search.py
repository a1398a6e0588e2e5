"""The search for the best learning rates, against loops of torch's optimizers."""

import numpy as np
import pytest
import torch

from core.topics.loss_surface import lr_search
from core.topics.loss_surface.config import PRESETS, SURFACE_OPTIMIZERS, LossSurfaceConfig
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES
from core.topics.loss_surface.lr_search import best_rates
from core.topics.loss_surface.surfaces import SURFACES
from core.topics.loss_surface.trajectories import descend
from tests.core.loss_surface.helpers import plain_loop

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Presets and their learning rates


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_begin_with_the_rates_of_the_search(preset):
    config = PRESETS[preset]
    assert {name: config.rate(name) for name in SURFACE_OPTIMIZERS} == BEST_LEARNING_RATES[preset]
    assert LossSurfaceConfig.model_validate(config.model_dump()) == config
    if preset in SURFACES:
        assert (config.x, config.y) == SURFACES[preset].start
    for name in ("x", "y", "steps", "noise", "learning_rate", "condition"):
        low, high = config.limits(name)
        assert low <= getattr(config, name) <= high


@pytest.mark.parametrize(
    ("preset", "name"), [(preset, name) for preset, config in PRESETS.items() for name in config.optimizers]
)
def test_who_begins_on_a_page_arrives(preset, name):
    trajectory = descend(PRESETS[preset])[name]
    assert trajectory.diverged_at is None
    assert (trajectory.left_at is None) != (preset == "saddle")
    surface = PRESETS[preset].build_surface()
    assert (trajectory.reached_at is None) == (surface.lowest is None)
    assert trajectory.lowest < trajectory.losses[0]


def cost(config: LossSurfaceConfig, name: str, rate: float, starts: torch.Tensor, noise: torch.Tensor) -> list[float]:
    """Return the costs of the trajectories from all starts as documented in `best_rates`, with torch's optimizers."""
    surface, costs = config.build_surface(), []
    x_low, x_high, y_low, y_high = surface.bounds
    trajectories = plain_loop(config.with_rates({name: rate}), name, noise, starts)
    for points in trajectories.transpose(1, 0, 2):
        losses = surface(*torch.tensor(points).T).numpy()
        gaps = (losses - surface.lowest) / (losses[0] - surface.lowest)
        away = np.abs(points - [(x_low + x_high) / 2, (y_low + y_high) / 2]) > [x_high - x_low, y_high - y_low]
        far = np.flatnonzero(away.any(axis=1) | ~np.isfinite(losses))
        stays = next((step for step in range(len(gaps)) if (gaps[step:] <= 0.01).all()), None)
        if len(far):
            costs.append(2 * config.steps)
        elif stays is None:
            costs.append(config.steps * (1 + min(gaps[-(config.steps // 10) :].mean(), 1)))
        else:
            costs.append(stays)
    return costs


@pytest.mark.parametrize(("surface", "name"), [("ravine", "momentum"), ("himmelblau", "adam"), ("bowl", "sgd")])
def test_a_best_rate_costs_no_more_than_a_third_and_three_times_of_it(surface, name, monkeypatch):
    config = PRESETS[surface].changed(steps=60, noise=0.3)
    searched = []
    original = lr_search._losses
    monkeypatch.setattr(lr_search, "SURFACE_OPTIMIZERS", (name,))
    monkeypatch.setattr(lr_search, "_losses", lambda *given: searched.append(given) or original(*given))
    best = best_rates(config)[name]
    starts, noise = searched[0][3:]
    assert starts[0].tolist() == [config.x, config.y]
    assert len(starts) == lr_search.N_STARTS
    costs = {factor: cost(config, name, factor * best, starts, noise) for factor in (1 / 3, 1, 3)}
    means = {factor: values[0] + np.mean(values[1:]) for factor, values in costs.items()}
    assert means[1] < means[1 / 3]
    assert means[1] < means[3]
    assert costs[1][0] < config.steps


def test_the_search_of_a_surface_gives_the_table():
    assert best_rates(PRESETS["ravine"]) == BEST_LEARNING_RATES["ravine"]
    assert best_rates(PRESETS["saddle"]) == BEST_LEARNING_RATES["saddle"]


# ---- Anything


def test_the_search_leaves_out_starts_where_the_surface_has_no_value():
    config = PRESETS["formula"].changed(formula="log(x) ^ 2 + y ^ 2", steps=40)
    config = config.with_rates(best_rates(config))
    trajectory = descend(config)["sgd"]
    assert trajectory.losses[-1] < 0.05 * trajectory.losses[0]
