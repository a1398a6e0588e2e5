"""The training of the playground: reproducibility, events, dropout, early stopping, and divergence."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from core.topics.playground import train as training
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import build_network
from core.topics.playground.topic import COST
from core.topics.playground.train import MAX_EVENTS, event_steps, train
from tests.core.playground.oracle import SMALL, batch, loss, predict, run, split, weights
from tests.core.topic_metrics import topic_metrics

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_same_seed_gives_the_same_weights_to_the_last_bit_and_another_gives_others():
    config = SMALL.changed(dropout=0.3, optimizer="Adam")
    (first, _), (again, _), (other, _) = run(config), run(config), run(config, seed=1)
    assert [event.metrics for event in first] == [event.metrics for event in again]
    for one, two, three in zip(first, again, other, strict=True):
        for name in ("weights", "gradients"):
            np.testing.assert_array_equal(one.arrays[name], two.arrays[name])
        assert not (one.arrays["weights"] == three.arrays["weights"]).any()
    assert batch(config, 0)[0].tolist() != batch(config.changed(seed=1), 0)[0].tolist()


def test_initial_weights_depend_only_on_the_seed():
    first = run(SMALL)[0][0].arrays["weights"]
    for changes in (
        {"data": "spiral", "data_seed": 3, "noise": 0.9, "samples": 77, "train_share": 0.2},
        {"learning_rate": 5, "optimizer": "Adam", "epochs": 9, "batch_size": 3},
        {"l1": 0.1, "dropout": 0.5, "early_stopping": 2, "loss": "squares", "activation": "relu"},
    ):
        np.testing.assert_array_equal(run(SMALL, **changes)[0][0].arrays["weights"], first)
    for W, b in split(SMALL, torch.from_numpy(first)):  # PyTorch's default: uniform within ±1/√inputs
        assert max(float(W.abs().max()), float(b.abs().max())) <= W.shape[1] ** -0.5
    assert first.std() > 0.1


def test_a_run_leaves_no_trace():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    for _event in train(SMALL.changed(dropout=0.5)):
        assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_events_keep_their_values():
    events, _model = run(SMALL)
    kept = [{name: array.copy() for name, array in event.arrays.items()} for event in train(SMALL)]
    for event, arrays in zip(events, kept, strict=True):
        for name, array in arrays.items():
            np.testing.assert_array_equal(event.arrays[name], array)


@pytest.mark.parametrize("updates", [1, 5, 10, 11, 200, 230, 231, 4_000, 99_999])
def test_the_first_updates_have_events_and_there_are_not_too_many(updates):
    steps = sorted(event_steps(updates))
    assert steps[: min(11, updates + 1)] == list(range(min(11, updates + 1)))
    assert steps[-1] == updates
    assert len(steps) <= MAX_EVENTS + 1
    assert len(steps) >= min(updates, MAX_EVENTS / 2)
    gaps = np.diff(steps)
    assert gaps.max(initial=0) <= math.ceil(updates / (MAX_EVENTS - 10))


def test_events_cover_a_run_from_start_to_end():
    config = SMALL.changed(epochs=150)
    events, model = run(config)
    assert config.updates == 300
    assert [event.step for event in events] == sorted(event_steps(300))
    assert {event.total for event in events} == {300}
    size = sum(
        (inputs + 1) * outputs for inputs, outputs in zip(config.layer_sizes[:-1], config.layer_sizes[1:], strict=True)
    )
    for event in events:
        for array in event.arrays.values():
            assert (array.shape, array.dtype) == ((size,), np.float32)
    assert model.metrics == topic_metrics(events[-1])
    assert {name for name in model.metrics if "/" not in name} == {
        "loss",
        "epoch",
        "train_loss",
        "test_loss",
        "train_accuracy",
        "test_accuracy",
    }


def test_dead_units_are_those_that_are_zero_everywhere():
    config = PRESETS["dying_relu"]
    events, _model = run(config)
    x = compute_features(make_dataset(config).train_x, config.features).double()
    for event in (events[0], events[-1]):
        h, dead = x, 0
        for W, b in split(config, weights(event))[:-1]:
            h = (h @ W.T + b).clamp(min=0)
            dead += int((h.max(dim=0).values == 0).sum())
        assert event.metrics["dead_share"] == dead / 16
    assert "dead_share" not in run(SMALL)[0][0].metrics


def test_dropout_is_on_in_training_and_off_in_evaluation():
    config = SMALL.changed(dropout=0.5, learning_rate=0.01)
    dataset, (events, _model) = make_dataset(config), run(config)
    changed = 0
    for event in events:
        outputs = predict(config, weights(event), compute_features(dataset.train_x, config.features))
        assert event.metrics["train_loss"] == pytest.approx(float(loss(config, outputs, dataset.train_y)), rel=1e-4)
        x, y = batch(config, event.step)
        plain = float(loss(config, predict(config, weights(event), x), y))
        changed += event.metrics["loss"] != pytest.approx(plain, rel=1e-3)
    assert changed == len(events)


def test_early_stopping_returns_the_weights_with_the_lowest_validation_loss():
    config = PRESETS["overfit"].changed(early_stopping=15)  # one batch an epoch
    events, model = run(config)
    last = events[-1]
    assert last.step == last.metrics["stopped_at"] < 200
    best_at = last.metrics["best_at"]
    assert last.step == best_at + 15
    every, _model = run(config.changed(epochs=200, early_stopping=500))
    assert [event.step for event in every[:-1]] == list(range(200))
    losses = [event.metrics["validation_loss"] for event in every[: last.step + 1]]
    assert int(np.argmin(losses)) == best_at
    np.testing.assert_array_equal(last.arrays["weights"], every[int(best_at)].arrays["weights"])
    assert last.metrics["validation_loss"] == pytest.approx(min(losses))
    flat = nn.utils.parameters_to_vector(model.weights.values())
    np.testing.assert_array_equal(flat, last.arrays["weights"])
    np.testing.assert_allclose(last.arrays["gradients"], every[int(best_at)].arrays["gradients"], rtol=1e-4, atol=1e-6)
    points = make_dataset(config)
    outputs = predict(config, weights(last), compute_features(points.validation_x, config.features))
    assert last.metrics["validation_loss"] == pytest.approx(float(loss(config, outputs, points.validation_y)), rel=1e-4)
    assert last.metrics["test_loss"] < run(PRESETS["overfit"])[1].metrics["test_loss"]


def test_early_stopping_that_never_stops_returns_the_best_weights_too():
    events, _model = run(PRESETS["overfit"].changed(epochs=100, early_stopping=500))
    assert events[-1].metrics["stopped_at"] == 100
    assert events[-1].metrics["best_at"] < 100
    best = min(event.metrics["validation_loss"] for event in events[:-1])
    assert events[-1].metrics["validation_loss"] <= best


def test_early_stopping_never_looks_at_the_test_points(monkeypatch):
    config = PRESETS["overfit"].changed(early_stopping=15)
    events, model = run(config)
    original = make_dataset(config)
    swapped = original._replace(test_x=-original.test_x.flip(0), test_y=1 - original.test_y)
    monkeypatch.setattr(training, "make_dataset", lambda _config: swapped)
    others, same = run(config)
    assert len(events) == len(others)
    for one, two in zip(events, others, strict=True):
        np.testing.assert_array_equal(one.arrays["weights"], two.arrays["weights"])
        assert {name for name in one.metrics if one.metrics[name] != two.metrics[name]} <= {
            "test_loss",
            "test_accuracy",
        }
    assert model.metrics["test_loss"] != same.metrics["test_loss"]
    # The validation points are not used for training either
    worse = original._replace(validation_y=1 - original.validation_y)
    monkeypatch.setattr(training, "make_dataset", lambda _config: worse)
    stopped = run(config)[0]
    for one, two in zip(events, stopped[:-1], strict=False):
        np.testing.assert_array_equal(one.arrays["weights"], two.arrays["weights"])
    assert stopped[-1].metrics["best_at"] != events[-1].metrics["best_at"]


DIVERGING = [
    {"data": "plane", "layers": 0, "learning_rate": 1.0},
    {"data": "hills", "activation": "linear", "layers": 3, "learning_rate": 10.0, "optimizer": "Momentum"},
    {"activation": "relu", "data": "plane", "learning_rate": 50.0, "early_stopping": 3},
    {"activation": "linear", "layers": 6, "learning_rate": 100.0, "l2": 1.0, "epochs": 200},
]


@pytest.mark.parametrize("changes", DIVERGING)
def test_a_diverging_run_reports_the_update_and_ends(changes):
    events, model = run(PlaygroundConfig(**changes))
    *before, last = events
    assert last.metrics["diverged_at"] == last.step == model.metrics["diverged_at"] < last.total
    assert last.metrics["train_loss"] is last.metrics["test_loss"] is None
    assert not last.arrays
    for event in events:
        assert all(value is None or math.isfinite(value) for value in event.metrics.values())
        assert ("diverged_at" in event.metrics) == (event is last)
    for event in before:
        assert all(np.isfinite(array).all() for array in event.arrays.values())
    assert model.weights.keys() == build_network(PlaygroundConfig(**changes)).state_dict().keys()
    flat = nn.utils.parameters_to_vector(model.weights.values())
    np.testing.assert_array_equal(flat, before[-1].arrays["weights"])


def test_the_gradient_norm_before_a_divergence_is_reported():
    events, _model = run(PlaygroundConfig(**DIVERGING[0]))
    *_others, before, last = events
    assert last.metrics["loss"] is None or last.metrics["loss"] > 1e30
    assert before.metrics["gradient_norm/1"] > 1e6 or last.metrics["gradient_norm/1"] is None


def test_an_estimate_is_close_to_the_duration_of_a_run(monkeypatch):
    ticks = [0.0]

    def clock() -> float:
        return ticks[0]

    original = training._Evaluation.batches

    def counted(evaluation, *first):
        for inputs_and_targets in original(evaluation, *first):
            ticks[0] += 0.001  # an update takes a millisecond, an evaluation none
            yield inputs_and_targets

    monkeypatch.setattr(training._Evaluation, "batches", counted)
    monkeypatch.setattr("core.training.timing.time.perf_counter", clock)
    for changes in ({}, {"epochs": 1, "batch_size": 50}, {"early_stopping": 3}, {"data": "plane", "learning_rate": 99}):
        config = PlaygroundConfig(**changes)
        assert COST(config) == pytest.approx(0.001 * config.updates, rel=0.01)
