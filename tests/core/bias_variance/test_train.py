"""Complete runs: their events, early stopping, bias and variance, and extreme settings."""

import math

import numpy as np
import pytest
import torch
from numpy.polynomial.legendre import legval

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import (
    N_GRID_POINTS,
    X_LIMIT,
    Task,
    plot_grid,
)
from core.topics.bias_variance.topic import COST
from core.topics.bias_variance.train import (
    MAX_EVENTS,
    MAX_FRAMES,
    Trainer,
    decompose,
    train,
)
from core.training import timing
from core.training.progress import Progress, TrainedModel, run_to_end
from core.training.state import Change, with_changes
from tests.core.bias_variance.test_networks import sequential

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = BiasVarianceConfig(model="network", epochs=70, data_sets=3, largest_width=6, learning_rate=0.03)


def run(config: BiasVarianceConfig) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config), events.append)


def analyse(config: BiasVarianceConfig) -> CapacityAnalysis:
    return CapacityAnalysis.from_events(config, run(config)[0])


def test_polynomials_are_one_step():
    events, model = run(PRESETS["polynomials"])
    assert [(event.step, event.total) for event in events] == [(0, 1), (1, 1)]
    assert not events[0].arrays["curves"].any()
    shapes = {name: (array.shape, array.dtype) for name, array in events[1].arrays.items()}
    assert shapes == {
        "now": ((3, 16), np.float32),
        "errors": ((3, 16, 30), np.float32),
        "parts": ((2, 16), np.float32),
        "curves": ((16, 30, N_GRID_POINTS), np.float16),
    }
    assert model.metrics == events[1].metrics


@pytest.mark.parametrize("epochs", [1, 5, 64, 70, 999])
def test_events_cover_the_run_from_the_initial_weights_to_the_last_update(epochs):
    events, _model = run(SMALL.changed(epochs=epochs))
    steps = [event.step for event in events]
    frames = [event.step for event in events if "curves" in event.arrays]
    assert (steps[0], steps[-1], frames[0], frames[-1]) == (0, epochs, 0, epochs)
    assert steps == sorted(set(steps))
    assert min(MAX_EVENTS // 2, epochs) < len(steps) <= MAX_EVENTS + 2
    assert min(MAX_FRAMES // 2, epochs) < len(frames) <= MAX_FRAMES + 2
    assert all(event.arrays["now"].shape == (3, 5) for event in events)
    assert events[-1].metrics["train"] < events[0].metrics["train"] or epochs == 1


@pytest.mark.parametrize("config", [PRESETS["polynomials"], SMALL.changed(dropout=0.3, early_stopping=True)])
def test_the_same_seed_gives_the_same_run_bit_for_bit(config):
    (events, model), (again, same) = run(config), run(config)
    for event, other in zip(events, again, strict=True):
        assert event.metrics == other.metrics
        assert event.arrays.keys() == other.arrays.keys()
        assert all(np.array_equal(array, other.arrays[name]) for name, array in event.arrays.items())
    assert all(torch.equal(weights, same.weights[name]) for name, weights in model.weights.items())
    assert run(config.changed(seed=1))[0][-1].metrics["test"] != events[-1].metrics["test"]


def test_the_errors_are_those_of_the_fits_on_each_data_sets_own_points():
    config = PRESETS["polynomials"]
    errors, task = analyse(config).errors, Task(config)
    for degree in (0, 5, 12):
        for number in (0, 29):
            fit = np.polynomial.Polynomial.fit(*(part[number].numpy() for part in task.train), degree)
            for place, (x, y) in enumerate((task.train, task.validation, task.test)):
                expected = np.mean((fit(x[number].numpy()) - y[number].numpy()) ** 2)
                assert errors[place, degree, number] == pytest.approx(expected, rel=1e-5)


def test_the_returned_coefficients_are_the_plotted_curve():
    config = PRESETS["polynomials"]
    events, model = run(config)
    best = CapacityAnalysis.from_events(config, events).best_index
    places = plot_grid().numpy() / X_LIMIT
    assert len(model.weights["coefficients"]) == best + 1
    curve = legval(places, model.weights["coefficients"].numpy())
    np.testing.assert_allclose(events[-1].arrays["curves"][best, 0], curve, atol=2e-3)


@pytest.mark.parametrize("changes", [{}, {"early_stopping": True, "activation": "relu"}])
def test_the_returned_network_is_the_plotted_curve(changes):
    config = SMALL.changed(**changes)
    events, model = run(config)
    best = CapacityAnalysis.from_events(config, events).best_index
    assert len(model.weights["0.bias"]) == config.capacities[best] == model.metrics["capacity"]
    network = sequential({name: part.double() for name, part in model.weights.items()}, config.activation)
    places = plot_grid()[:, None]
    np.testing.assert_allclose(events[-1].arrays["curves"][best, 0], network(places).detach()[:, 0], atol=2e-3)


# ---- Bias and variance


@pytest.mark.parametrize(
    "changes", [{}, {"points": 200}, {"curve": "wiggly"}, {"l2": 1.0}, {"curve": "step", "noise": 1.0}]
)
def test_bias_variance_and_noise_add_up_to_the_test_error_that_is_measured(changes):
    """The measured error of 6,000 noisy points has a sampling error of a few percent."""
    state = analyse(PRESETS["polynomials"].changed(**changes))
    np.testing.assert_allclose(state.decomposition.sum(0) + state.noise_variance, state.mean_errors[2], rtol=0.05)


def test_the_parts_add_up_to_the_mean_square_distance_exactly():
    random = torch.Generator().manual_seed(0)
    fits, true_curve = torch.randn(4, 6, 50, generator=random).double(), torch.randn(50, generator=random).double()
    direct = (fits - true_curve).square().mean((1, 2))
    torch.testing.assert_close(decompose(fits, true_curve).sum(0), direct)


def test_bias_is_the_offset_and_variance_the_spread():
    random = torch.Generator().manual_seed(0)
    true_curve, offsets = torch.randn(2000, generator=random).double(), torch.tensor([0.0, 0.5, 2.0]).double()
    spread = 0.7 * torch.randn(3, 5, 2000, generator=random).double()
    bias2, variance = decompose(true_curve + offsets[:, None, None] + spread, true_curve)
    # Without the correction for few fits even the first would have a bias² of 0.49 / 5
    np.testing.assert_allclose(bias2, offsets.square(), atol=0.02, rtol=0.05)
    np.testing.assert_allclose(variance, 0.49, rtol=0.05)


def test_one_curve_for_all_data_sets_has_no_variance():
    bias2, variance = decompose(torch.ones(1, 4, 10).double(), torch.zeros(10).double())
    assert (float(bias2), float(variance)) == (1.0, 0.0)


# ---- Early stopping


def test_early_stopping_selects_each_network_at_its_lowest_validation_error():
    config = BiasVarianceConfig(
        model="network", noise=0.5, learning_rate=0.1, epochs=384, data_sets=4, largest_width=16, early_stopping=True
    )
    events, _model = run(config)
    steps = [event.step for event in events]
    task = Task(config)
    plain = Trainer(config.changed(early_stopping=False), task)
    validation, test = [], []
    for step in range(config.epochs + 1):
        if step:
            plain.update(step)
        if step in steps:
            for kept, (x, y) in ((validation, task.validation), (test, task.test)):
                kept.append((plain.networks.predict(x) - y).square().mean(2))
    lowest = torch.stack(validation).min(0)
    state = CapacityAnalysis.from_events(config, events)
    np.testing.assert_array_equal(state.stopped_at, torch.tensor(steps)[lowest.indices])
    np.testing.assert_allclose(state.errors[1], lowest.values, rtol=1e-5)
    np.testing.assert_allclose(state.errors[2], torch.stack(test).gather(0, lowest.indices[None])[0], rtol=1e-5)
    np.testing.assert_allclose(state.current_means[2], test[-1].mean(1), rtol=1e-5)
    assert (state.errors[1].mean(1) < state.current_means[1]).all()
    assert len(np.unique(state.stopped_at)) > 5


# ---- Extreme settings


@pytest.mark.parametrize(
    "changes",
    [
        {"points": 1},
        {"points": 1, "x_sampling": "random", "data_sets": 2},
        {"points": 8},
        {"noise": 0.0},
        {"noise": 0.0, "curve": "constant"},
        {"curve": "constant"},
        {"x_sampling": "random"},
        {"l2": 1.0, "points": 1},
    ],
)
@pytest.mark.parametrize("model", ["polynomial", "network"])
def test_extreme_settings_give_finite_numbers(model, changes):
    config = BiasVarianceConfig(**{"model": model, "epochs": 30, "data_sets": 3, **changes})
    events, model = run(config)
    for event in events:
        assert all(np.isfinite(array).all() for array in event.arrays.values())
        assert None not in event.metrics.values()
    assert all(weights.isfinite().all() for weights in model.weights.values())


def test_every_degree_fits_a_constant_curve_without_noise():
    state = analyse(BiasVarianceConfig(curve="constant", noise=0.0))
    assert state.errors.max() < 1e-20


def test_one_capacity_alone_is_a_run_too():
    for config in (BiasVarianceConfig(largest_degree=0), SMALL.changed(largest_width=1)):
        state = analyse(config)
        assert (state.best_index, len(state.capacities), state.underfits, state.overfits) == (0, 1, False, False)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_learning_rate_that_is_far_too_high_is_detected(activation):
    config = SMALL.changed(learning_rate=10.0, activation=activation, epochs=200, largest_width=64)
    assert analyse(config).failed
    usual = analyse(config.changed(learning_rate=0.03))
    assert (usual.failed, usual.hardly_trained, usual.worse_than_constant) == (False, False, [])
    hardly = analyse(config.changed(learning_rate=1e-5))
    assert (hardly.failed, hardly.hardly_trained) == (False, True)


def test_a_network_with_nan_is_counted_and_affects_no_other(monkeypatch):
    update = Trainer.update

    def breaking(trainer: Trainer, step: int) -> None:
        update(trainer, step)
        if step == 30:
            trainer.networks.weights[1, trainer.networks.network_of_weight == 2] = math.nan

    plain = analyse(SMALL)
    monkeypatch.setattr(Trainer, "update", breaking)
    events, model = run(SMALL)
    state = CapacityAnalysis.from_events(SMALL, events)
    assert model.metrics["diverged_at"] == next(event.step for event in events if event.step >= 30)
    assert "diverged_at" not in events[10].metrics
    assert events[-1].metrics["loss"] is None
    assert state.n_not_finite == 1
    assert np.isnan(state.errors[:, 2, 1]).all()
    others = np.delete(state.errors.reshape(3, -1), 2 * 3 + 1, axis=1)
    np.testing.assert_array_equal(others, np.delete(plain.errors.reshape(3, -1), 2 * 3 + 1, axis=1))
    assert state.capacities[2] in state.worse_than_constant
    assert state.best_index != 2
    assert state.failed
    assert not plain.failed


def test_the_estimate_counts_updates_and_measurements(monkeypatch):
    monkeypatch.setattr(timing, "measure_once", lambda measure, config: (0.01, 0.5, 1.0))
    assert COST(SMALL.changed(epochs=1000)) == pytest.approx(10 + 32 + 10)
    assert COST(SMALL.changed(epochs=9)) == pytest.approx(0.09 + 5 + 10)


def test_costs_are_measured():
    assert all(0 < cost < 1 for cost in COST.measure(SMALL))
    assert 0 < COST(PRESETS["polynomials"]) < 10


def test_a_penalty_that_is_changed_before_the_fit_applies_to_it():
    config, changed = PRESETS["polynomials"], PRESETS["polynomials"].changed(l2=0.1)
    events = list(with_changes(train, config, [Change(0, "l2", 0.1)]))
    expected = list(train(changed))
    assert [event.step for event in events] == [0, 1]
    assert events[1].metrics == expected[1].metrics
