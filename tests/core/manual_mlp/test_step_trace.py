"""The trace of a step, compared with autograd and with its run, and the small experiments."""

import time

import numpy as np
import pytest
import torch

from core.engine import prepare
from core.topics.manual_mlp import demonstrations, experiments
from core.topics.manual_mlp.config import PRESETS, MLPConfig
from core.topics.manual_mlp.data import Task, initial_std, initial_weights
from core.topics.manual_mlp.implementations import training_steps
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.step_trace import (
    check_tutorials_gradient,
    last_replayable_step,
    replay_weights,
    trace_step,
    weight_snapshots,
)
from core.topics.manual_mlp.topic import COST
from core.topics.manual_mlp.train import train
from core.training.progress import run_to_end
from core.training.state import TrainingState

TUTORIAL = PRESETS["tutorial"]
CONFIGS = {
    "tutorial": TUTORIAL,
    "digits": MLPConfig(samples=2000, epochs=1),
    "teacher": PRESETS["teacher"].model_copy(update={"epochs": 2}),
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    prepare(MLPConfig())
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_value_is_autograds(name):
    config = CONFIGS[name]
    weights = initial_weights(config, "tensors")
    trace = trace_step(config, 0, weights)

    x, y = Task(config).batch(0)
    W1, W2 = (weight.clone().requires_grad_() for weight in weights)
    z = x @ W1
    h = torch.relu(z)
    y_pred = h @ W2
    loss = LOSSES[config.loss](y_pred, y)
    gradients = torch.autograd.grad(loss, (y_pred, W2, h, z, W1))
    names = ("grad_y_pred", "grad_W2", "grad_h", "grad_z", "grad_W1")
    expected = dict(zip(("x", "y", "W1", "W2"), (x, y, W1, W2), strict=True))
    expected |= dict(zip(("z", "h", "y_pred", "loss", *names), (z, h, y_pred, loss, *gradients), strict=True))
    assert list(trace.values) == list(expected)
    for name, value in trace.values.items():
        value_there = expected[name].detach()
        scale = float(value_there.abs().max())
        torch.testing.assert_close(value, value_there, rtol=1e-5, atol=1e-6 * scale)
    for updated, weight, gradient in zip(trace.updated, (W1, W2), (gradients[-1], gradients[1]), strict=True):
        torch.testing.assert_close(updated, weight.detach() - trace.learning_rate * gradient, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"implementation": "module"},
        {"tutorials_gradient": True},
        {"implementation": "optim", "optimizer": "Adam", "learning_rate": 1e-3},
        {"implementation": "sequential", "forget_zero_grad": True, "learning_rate": 0.01},
        {"implementation": "module", "different_initial_weights": True},
    ],
)
def test_any_step_is_replayed_to_the_last_bit(changes):
    config = MLPConfig.model_validate({"samples": 13_400, "epochs": 2, "implementation": "tensors"} | changes)
    events = []
    model = run_to_end(train(config), events.append)
    snapshots = {event.step: (event.arrays["W1"], event.arrays["W2"]) for event in events if "W1" in event.arrays}
    assert snapshots
    replay = training_steps(config, config.implementations[0], Task(config).batches())
    for number, step in enumerate(replay):
        if number in (0, 1, 99, 100, 101, 205, config.updates):
            W1, W2 = replay_weights(config, number, snapshots)
            assert torch.equal(W1, step.W1)
            assert torch.equal(W2, step.W2)
    assert torch.equal(W1, model.weights["W1"])


def test_a_step_after_changed_settings_is_replayed_to_the_last_bit():
    config, state = MLPConfig(samples=1_000, epochs=4, batch_size=50, implementation="tensors"), TrainingState()
    for event in train(config, state):
        if event.step == 5:
            state.change("batch_size", 30)  # from the second epoch on, which begins with batch 20
        if event.step == 30:
            state.change("learning_rate", 0.3)
        if event.step in (19, 20, 30, 31, 60):
            W1, W2 = replay_weights(config, event.step, {}, state.changes)
            assert torch.equal(W1, state.current_weights()["W1"])
            assert torch.equal(W2, state.current_weights()["W2"])
            trace = trace_step(config, event.step, (W1, W2), state.changes)
            assert len(trace.values["x"]) == (50 if event.step < 20 else 30)
            assert trace.learning_rate == (0.3 if event.step >= 30 else config.learning_rate)
    assert event.step == 20 + 3 * 34


@pytest.mark.parametrize(
    ("changes", "step", "snapshots", "reached"),
    [
        ({}, 150, {100}, 150),
        ({}, 0, {}, 0),
        ({"hidden_size": 2000}, 900, {}, 49),
        ({"hidden_size": 2000}, 900, {938}, 49),
        ({"hidden_size": 2000}, 938, {938}, 938),
        ({"implementation": "optim", "optimizer": "Adam", "epochs": 100}, 40_000, {39_500, 40_100}, 39_500),
        ({"implementation": "optim", "optimizer": "Adam", "epochs": 100}, 300, {100}, 300),
    ],
)
def test_only_what_takes_about_a_second_is_replayed(changes, step, snapshots, reached):
    assert last_replayable_step(MLPConfig.model_validate(changes), step, snapshots) == reached


def test_the_wrong_entries_are_those_that_differ():
    weights = initial_weights(TUTORIAL, "tensors")
    check = check_tutorials_gradient(TUTORIAL, 0, weights)
    x, y = Task(TUTORIAL).batch(0)
    W1, W2 = weights
    z = x @ W1
    grad_h = 2 * (torch.relu(z) @ W2 - y) @ W2.T
    cut, leaked = (z > 0) & (grad_h < 0), (z <= 0) & (grad_h > 0)
    assert torch.equal(check.wrong == -1, cut)
    assert torch.equal(check.wrong == 1, leaked)
    assert check.cut == pytest.approx(float(cut.double().mean()))
    assert check.leaked == pytest.approx(float(leaked.double().mean()))
    assert 0.5 < check.error < 1.5


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_of_the_tutorial_rises_before_it_falls(seed):
    losses = experiments.curve(TUTORIAL.model_copy(update={"seed": seed})).loss
    assert len(losses) == 21
    # ReLU halves the mean square of z, which is the number of inputs. The targets hardly count
    outputs = TUTORIAL.samples * TUTORIAL.output_size
    assert losses[0] == pytest.approx(outputs * TUTORIAL.hidden_size * TUTORIAL.input_size / 2, rel=0.3)
    assert losses[1] > losses[0]
    assert max(losses) > 8 * losses[0]
    assert losses[-1] < 0.1 * losses[0]


def test_the_rate_from_which_the_first_update_raises_the_loss():
    rate = experiments.first_rising_rate(TUTORIAL)
    below, above = experiments.first_step_ratio(TUTORIAL, [rate / 1.02, rate * 1.02])
    assert below < 1 < above
    assert rate < TUTORIAL.learning_rate


def test_a_sum_takes_the_steps_of_a_mean_with_a_larger_rate():
    numbers = TUTORIAL.samples * TUTORIAL.output_size
    mean = TUTORIAL.model_copy(update={"loss": "mean_of_squares", "learning_rate": 1e-6 * numbers})
    by_sum = experiments.curve(TUTORIAL).loss
    by_mean = [loss * numbers for loss in experiments.curve(mean).loss]
    assert by_mean == pytest.approx(by_sum, rel=1e-3)


def test_sum_and_mean_differ_by_their_factor_alone():
    comparison = experiments.compare_sum_and_mean(TUTORIAL)
    assert comparison.factor == 1000
    assert comparison.mean_scaled_rate == pytest.approx(comparison.sum, rel=1e-3)
    assert comparison.mean_same_rate[-1] > 0.9 * comparison.sum[0]


def test_a_wrong_gradient_often_ends_with_the_lower_loss():
    config = TUTORIAL.model_copy(update={"learning_rate": 2e-6})
    comparison = experiments.compare_gradients(config, n_seeds=4)
    settings = {"implementation": "tensors"}
    pairs = [
        [config.changed(seed=seed, tutorials_gradient=wrong, **settings) for wrong in (False, True)]
        for seed in range(4)
    ]
    models = [[run_to_end(train(changed), lambda _event: None) for changed in pair] for pair in pairs]
    correct, wrong = ([model.metrics["loss/tensors"] for model in column] for column in zip(*models, strict=True))
    assert comparison.n_correct_diverged == correct.count(None)
    assert comparison.n_wrong_diverged == wrong.count(None)
    losses = [[float("inf") if loss is None else loss for loss in of_gradient] for of_gradient in (correct, wrong)]
    assert comparison.n_lower == sum(second < first for first, second in zip(*losses, strict=True)) > 0


def test_the_same_initial_weights_give_the_same_final_loss():
    by_hand, by_autograd = (
        experiments.final_losses(TUTORIAL, implementation, range(3)) for implementation in ("tensors", "autograd")
    )
    assert by_autograd == pytest.approx(by_hand, rel=1e-4)
    assert len(set(by_hand)) == 3


def test_the_peak_of_the_loss_is_measured_by_its_start():
    losses = experiments.curve(TUTORIAL).loss
    assert experiments.peak_loss_ratio(TUTORIAL) == pytest.approx(max(losses) / losses[0])


def test_weight_snapshots_are_those_of_the_events_and_of_the_result():
    config = MLPConfig(samples=20_000, epochs=1, implementation="tensors")
    events = []
    model = run_to_end(train(config), events.append)
    saved = weight_snapshots(events, model)
    assert set(saved) == {100, config.updates}
    np.testing.assert_array_equal(saved[config.updates][0], model.weights["W1"])
    assert set(weight_snapshots(events, None)) == {100}
    assert set(weight_snapshots(events[:-1], model)) == {100}
    assert weight_snapshots([], None) == {}


def test_random_targets_are_memorised_not_learnt():
    config = TUTORIAL.model_copy(
        update={"loss": "mean_of_squares", "initialization": 1.0, "learning_rate": 0.3, "epochs": 100}
    )
    losses = experiments.losses_on_fresh_data(config, experiments.train_quickly(config))
    assert losses["training"] < 1e-3
    assert losses["zero"] == pytest.approx(1, rel=0.15)
    assert losses["fresh"] > 1.3 * losses["zero"]
    assert experiments.losses_on_fresh_data(config, experiments.train_quickly(config), 1)["fresh"] != losses["fresh"]


def test_the_first_weights_have_the_deviation_that_is_shown():
    assert initial_std(1000, 0) == 1
    assert initial_std(1000, 1) == pytest.approx((2 / 1000) ** 0.5)
    for initialization in (0.0, 0.5, 1.0):
        W1, _ = initial_weights(TUTORIAL.model_copy(update={"initialization": initialization}), "tensors")
        assert float(W1.std()) == pytest.approx(initial_std(1000, initialization), rel=0.02)


def test_histograms_count_every_activation():
    histograms = experiments.activation_histograms(TUTORIAL)
    counts = {name: int(count.sum()) for name, (count, _edges) in histograms.items()}
    assert counts == {"x": 100_000, "z": 10_000, "h": 10_000, "y_pred": 1000}
    assert abs(histograms["z"][1]).max() > 60


def test_what_does_nothing_does_nothing():
    assert "backward_was_called = False" in demonstrations.override_backward()
    assert "empty parameter list" in demonstrations.module_without_parameters()
    assert demonstrations.wrap_in_variable() == "Tensor, requires_grad = True"
    assert demonstrations.many_backward_passes() == "weights unchanged: True, gradient = [[100.0, 100.0, 100.0]]"
    assert demonstrations.choose_device().startswith("device = c")


def test_the_estimate_grows_with_the_work():
    short, long = (COST(MLPConfig(epochs=epochs)) for epochs in (2, 20))
    assert long == pytest.approx(10 * short, rel=0.3)
    small, large = (COST(MLPConfig(batch_size=size, epochs=5)) for size in (6_000, 60_000))
    assert large == pytest.approx(small, rel=0.9)


def test_estimating_the_largest_run_takes_seconds_not_minutes():
    began = time.perf_counter()
    COST(MLPConfig(batch_size=60_000, hidden_size=2000))
    assert time.perf_counter() - began < 20
