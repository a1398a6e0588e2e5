"""Training equals plain PyTorch to the last bit, is reproducible by its seed, and never trains on test digits."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.data import datasets
from core.errors import CoreError
from core.topics.mnist_cnn import train as training
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import (
    EVAL_SUBSET,
    N_SHOWN,
    TRAIN_EVAL_SUBSET,
    Digits,
)
from core.topics.mnist_cnn.model import build
from core.topics.mnist_cnn.train import PATIENCE, keyframe_steps, train
from core.training import loop
from core.training.batching import MAX_EVALUATIONS
from core.training.progress import Progress, TrainedModel, run_to_end
from core.training.rng import Stream, generator
from core.training.schedules import learning_rates
from tests.core.topic_metrics import topic_metrics

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = CNNConfig(
    network="own",
    conv_layers=1,
    channels=4,
    linear=16,
    transforms=("center_crop", "normalize"),
    crop=14,
    mean=0.2,
    std=0.4,
    samples=500,
    batch_size=50,
    epochs=2,
    learning_rate=0.003,
    schedule="constant",
    threads=1,
    cpu_optimizations=(),
)
FEW = 1_000
RANDOM = SMALL.changed(
    transforms=("random_crop", "rotation", "normalize"), noise=0.2, dropout=0.3, batch_norm=True, samples=200, epochs=1
)


@pytest.fixture
def all_test_digits() -> None:
    """All 10,000 test digits are evaluated."""


@pytest.fixture(autouse=True)
def few_test_digits(request, monkeypatch) -> None:
    """Replace all test digits by the first 1,000, except in tests that use `all_test_digits`."""
    if all_test_digits.__name__ not in request.fixturenames:
        test_subset = Digits.test_subset
        monkeypatch.setattr(Digits, "test_subset", lambda digits, chosen=slice(FEW): test_subset(digits, chosen))


@pytest.fixture
def short_selection(monkeypatch) -> None:
    """Let the compact network that selects the hardest digits train on 2,000 samples only."""
    monkeypatch.setattr("core.topics.mnist_cnn.config.PROXY_SAMPLES", 2_000)


def run(config: CNNConfig, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config.changed(**changes)), events.append)


def curve(events: list[Progress], metric: str) -> list[float | None]:
    return [event.metrics[metric] for event in events if metric in event.metrics]


def by_hand(weights: list[Tensor], *, dropout: float = 0.0) -> nn.Sequential:
    """Return the network of SMALL written in plain PyTorch, with these weights."""
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 7 * 7, 16),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(16, 10),
    )
    for parameter, weight in zip(network.parameters(), weights, strict=True):
        parameter.data = weight.detach().clone()
    return network


def untrained(config: CNNConfig, **changes: object) -> nn.Sequential:
    return by_hand(list(build(config.changed(**changes)).parameters()), dropout=config.dropout)


def pictures(split: str, indices: Tensor | slice = slice(None)) -> tuple[Tensor, Tensor]:
    """Return digits with the transforms of SMALL: the central 14 x 14 pixels, normalized."""
    data = datasets.load("mnist", split)
    return (data.images[indices][:, None, 7:21, 7:21] / 255 - 0.2) / 0.4, data.labels[indices]


def share(network: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        return float((network.eval()(x).argmax(dim=1) == y).double().mean())


def rows(x: Tensor) -> list[bytes]:
    return [row.numpy().tobytes() for row in x]


@pytest.fixture
def updates(monkeypatch) -> list[tuple[nn.Module, Tensor, Tensor]]:
    """Record the network and the batch of every update."""
    recorded = []
    original = training.update

    def update(config, network, optimizer, x, y):
        recorded.append((network, x, y))
        return original(config, network, optimizer, x, y)

    monkeypatch.setattr(training, "update", update)
    return recorded


# ---- Updates


@pytest.mark.parametrize(
    ("optimizer", "dropout", "make"),
    [
        ("sgd", 0.0, lambda weights: torch.optim.SGD(weights, lr=0.05)),
        (
            "nesterov",
            0.3,
            lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
        ),
        ("adam", 0.0, lambda weights: torch.optim.Adam(weights, lr=0.05)),
        ("adamw", 0.3, lambda weights: torch.optim.AdamW(weights, lr=0.05, weight_decay=0.1)),
    ],
)
def test_training_is_a_plain_loop_to_the_last_bit(optimizer, dropout, make):
    decay = 0.1 if optimizer in ("nesterov", "adamw") else 0.0
    config = SMALL.changed(optimizer=optimizer, learning_rate=0.05, weight_decay=decay, dropout=dropout, epochs=1)
    events, model = run(config)
    network, digits, losses = untrained(config), Digits(config), []
    steps = make(network.parameters())
    for step in range(1, 11):
        x, y = digits.batch(step - 1)
        torch.manual_seed(generator(config.seed, Stream.MNIST_CNN_DROPOUT, step).initial_seed())
        loss = cross_entropy(network(x), y)
        steps.zero_grad()
        loss.backward()
        steps.step()
        losses.append(loss.item())
    assert curve(events, "loss") == losses
    assert losses[-1] < losses[0]
    for ours, theirs in zip(model.weights.values(), network.parameters(), strict=True):
        assert torch.equal(ours, theirs.detach())


def test_every_update_takes_the_learning_rate_of_the_schedule():
    config = SMALL.changed(schedule="cosine", learning_rate=0.5, optimizer="sgd", epochs=1)
    events, _model = run(config)
    rates = [0.5 * (1 + math.cos(math.pi * step / 10)) / 2 for step in range(10)]
    np.testing.assert_allclose(curve(events, "learning_rate"), rates, rtol=1e-6)
    network, digits, losses = untrained(config), Digits(config), []
    for step, rate in enumerate(rates):
        x, y = digits.batch(step)
        loss = cross_entropy(network(x), y)
        for parameter, gradient in zip(
            network.parameters(), torch.autograd.grad(loss, list(network.parameters())), strict=True
        ):
            parameter.data -= rate * gradient
        losses.append(loss.item())
    np.testing.assert_allclose(curve(events, "loss"), losses, rtol=1e-4)


def test_a_network_learns_digits():
    cpu_optimizations = ("pool_first", "fused", "channels_last")
    cpu_optimizations += ("bfloat16",) if torch.cpu._is_avx512_bf16_supported() else ()  # slow on other processors
    config = CNNConfig(samples=4_000, epochs=1, batch_size=50, threads=1, cpu_optimizations=cpu_optimizations)
    events, model = run(config)
    assert model.metrics["accuracy/test"] > 0.9
    assert curve(events, "some/test")[0] < 0.3
    assert model.metrics["loss"] < 1 < curve(events, "loss")[0]
    # The returned network is evaluated in float32, whatever it was trained in
    data = datasets.load("mnist", "test")
    network = build(CNNConfig(cpu_optimizations=()))
    network.load_state_dict(model.weights)
    right = share(network, (data.images[:FEW, None] / 255 - config.mean) / config.std, data.labels[:FEW])
    assert model.metrics["accuracy/test"] == pytest.approx(right, abs=1.5 / FEW)


# ---- Reproducibility


def test_a_seed_reproduces_a_run_to_the_last_bit_also_beside_another_run():
    config = RANDOM.changed(ema_decay=0.5, without_eval=True)
    alone = [run(config, seed=seed) for seed in (0, 1)]
    runs = [train(config.changed(seed=seed)) for seed in (0, 1)]
    beside: tuple[list[Progress], list[Progress]] = ([], [])
    for _ in range(config.updates + 1):
        for one, events in zip(runs, beside, strict=True):
            events.append(next(one))
    for one, events, (expected, model) in zip(runs, beside, alone, strict=True):
        with pytest.raises(StopIteration) as end:
            next(one)
        assert end.value.value.metrics == model.metrics
        assert all(torch.equal(weights, model.weights[name]) for name, weights in end.value.value.weights.items())
        for event, other in zip(events, expected, strict=True):
            assert (event.step, event.metrics) == (other.step, other.metrics)
            assert event.arrays.keys() == other.arrays.keys()
            assert all(np.array_equal(values, other.arrays[name]) for name, values in event.arrays.items())
    assert curve(beside[0], "loss") != curve(beside[1], "loss")


def test_the_state_of_the_caller_is_unchanged_between_events(updates):
    torch.manual_seed(7)
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    for event in train(RANDOM.changed(cpu_optimizations=("bfloat16", "channels_last"), without_eval=True)):
        assert torch.equal(torch.random.get_rng_state(), state)
        assert torch.get_num_threads() == threads
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")
        assert event.step == 0 or updates[-1][0].training


def test_label_smoothing_spreads_the_target_over_all_digits():
    config = SMALL.changed(label_smoothing=0.2, epochs=1)
    events, _model = run(config)
    x, y = Digits(config).batch(0)
    wanted = torch.nn.functional.one_hot(y, 10) * 0.8 + 0.02
    with torch.inference_mode():
        loss = cross_entropy(untrained(config).train()(x), wanted)
    assert events[1].metrics["loss"] == pytest.approx(float(loss), rel=1e-5)
    assert config.least_loss == pytest.approx(float(cross_entropy(wanted[:1].log(), wanted[:1])), rel=1e-5)
    assert SMALL.least_loss == 0


# ---- Digits


@pytest.mark.parametrize("samples", [777, 60_000])
def test_the_training_digits_are_all_different(samples):
    chosen = Digits(SMALL.changed(samples=samples)).train_indices
    assert len(chosen) == len(set(chosen.tolist())) == samples
    assert 0 <= int(chosen.min()) < int(chosen.max()) < 60_000
    other = Digits(SMALL.changed(samples=samples, seed=1)).train_indices
    assert torch.equal(chosen, other) == (samples == 60_000)


def test_every_epoch_has_every_digit_once_in_a_new_order(updates):
    config = SMALL.changed(samples=170, transforms=())
    run(config)
    assert [len(y) for _network, _x, y in updates] == [50, 50, 50, 20] * 2
    x, y = datasets.load("mnist", "train").batch(Digits(config).train_indices)
    first, second = (
        [(row, int(label)) for _network, x, y in part for row, label in zip(rows(x), y, strict=True)]
        for part in (updates[:4], updates[4:])
    )
    assert set(first) == set(second) == set(zip(rows(x), y.tolist(), strict=True))
    assert first != second


def test_every_epoch_draws_new_random_transforms():
    digits = Digits(RANDOM.changed(samples=100, batch_size=100))
    (first, labels), (again, _), (later, same) = (digits.batch(step) for step in (0, 0, 1))
    assert torch.equal(first, again)
    assert torch.equal(labels, same)
    assert not any(torch.equal(one, other) for one, other in zip(first, later, strict=True))


@pytest.mark.usefixtures("all_test_digits")
def test_digits_are_evaluated_without_random_transforms():
    plain, random = Digits(SMALL), Digits(SMALL.changed(transforms="random_crop,rotation,normalize", noise=0.5))
    for ask in (lambda digits: digits.test_subset(slice(50)), lambda digits: digits.train_subset(slice(50))):
        assert torch.equal(ask(plain)[0], ask(random)[0])
    x, y = plain.test_subset()
    torch.testing.assert_close((x, y), pictures("test"))
    x, y = plain.train_subset(slice(None))
    torch.testing.assert_close((x, y), pictures("train", plain.train_indices))


# ---- The hardest digits


@pytest.mark.usefixtures("short_selection")
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_run_trains_on_the_digits_with_the_highest_loss_of_the_compact_network(updates, early_stopping):
    config = SMALL.changed(keep_fraction=0.3, transforms=(), early_stopping=early_stopping)
    events, _model = run(config)
    learnt_from = [(batch, y) for network, batch, y in updates if "conv2" not in dict(network.named_children())]
    updates.clear()
    first = CNNConfig(samples=500, epochs=4, threads=1, cpu_optimizations=(), early_stopping=early_stopping)
    digits, network = Digits(first), build(first)
    steps = torch.optim.Adam(network.parameters())
    for step, rate in enumerate(learning_rates("onecycle", 8)):
        steps.param_groups[0]["lr"] = 0.01 * rate
        x, y = digits.batch(step)
        steps.zero_grad()
        cross_entropy(network(x), y).backward()
        steps.step()
    x, y = digits.train_subset(slice(None))
    with torch.inference_mode():
        answers = network(x)
    order = cross_entropy(answers, y, reduction="none").argsort(descending=True)
    count = 135 if early_stopping else 150
    assert config.n_selected == count
    data = datasets.load("mnist", "train")
    hardest = digits.train_indices[order[:count]]
    assert {row for batch, _y in learnt_from for row in rows(batch)} == set(rows(data.images[hardest][:, None] / 255))
    assert [len(y) for _batch, y in learnt_from] == ([50, 50, 35] if early_stopping else [50, 50, 50]) * 2

    sifted = [event for event in events if "sifted" in event.metrics]
    assert {(event.step, event.total) for event in sifted} == {(0, 6)}
    shares = curve(events, "sifted")
    assert shares == sorted(shares)
    assert shares[-1] == 1
    told = sifted[-1].arrays["hardest"]
    assert (told.shape, told.dtype) == ((N_SHOWN, 2), np.int32)
    assert told[:, 0].tolist() == hardest[:N_SHOWN].tolist()
    assert told[:, 1].tolist() == answers.argmax(dim=1)[order[:N_SHOWN]].tolist()
    assert [event.step for event in events if "sifted" not in event.metrics] == list(range(7))


@pytest.mark.usefixtures("short_selection")
def test_few_selected_digits_are_all_reported():
    events, _model = run(SMALL, keep_fraction=0.05, samples=100, transforms=(), epochs=1)
    (told,) = (event.arrays["hardest"] for event in events if "hardest" in event.arrays)
    assert told.shape == (5, 2)


@pytest.mark.usefixtures("short_selection")
def test_training_accuracy_is_measured_on_all_training_digits():
    """Training accuracy is not that of the selected hardest digits alone, which would be lower."""
    events, model = run(SMALL, keep_fraction=0.1, transforms=(), epochs=1)
    network = build(SMALL.changed(transforms=()))
    network.load_state_dict(model.weights)
    x, y = datasets.load("mnist", "train").batch(Digits(SMALL).train_indices)
    assert events[-1].metrics["some/train"] == share(network, x, y)


# ---- Events


def test_events_are_as_documented():
    config = SMALL.changed(samples=1_500, epochs=2, kernel=5)
    events, model = run(config)
    assert [event.step for event in events] == list(range(61))
    assert {event.total for event in events} == {60}
    snapshots: list[int] = []
    for event in events:
        looks = event.step in keyframe_steps(config) | {0}
        metrics = {"loss", "learning_rate"} if event.step else set()
        metrics |= {"some/train", "some/test"} if looks else set()
        metrics |= {"epoch", "accuracy/train", "accuracy/test"} if event.step in (30, 60) else set()
        assert topic_metrics(event).keys() == metrics
        assert all(math.isfinite(value) for value in event.metrics.values())
        arrays = {name: (values.shape, str(values.dtype)) for name, values in event.arrays.items()}
        expected = {"probabilities": ((N_SHOWN, 10), "float16"), "filters": ((4, 5, 5), "float32")}
        snapshot = arrays.pop("weights", None)
        assert arrays == (expected if looks else {})
        n_weights = sum(weights.numel() for weights in model.weights.values())
        assert snapshot in (None, ((n_weights,), "float16"))
        snapshots += [event.step] * (snapshot is not None)
    assert 3 <= len(snapshots) <= 6
    assert set(snapshots) < keyframe_steps(config) - {60}
    assert curve(events, "epoch") == [1, 2]
    assert model.metrics == topic_metrics(events[-1]) | {"updates": 60}
    assert events[-1].metrics["accuracy/train"] > 0.5


@pytest.mark.usefixtures("all_test_digits")
def test_the_metrics_are_those_of_the_network():
    """Step 0 has the metrics of the untrained network, the last step those of the trained one."""
    events, model = run(SMALL, samples=1_200)
    chosen = Digits(SMALL.changed(samples=1_200)).train_indices
    test, some_train, all_train = (
        pictures("test"),
        pictures("train", chosen[:EVAL_SUBSET]),
        pictures("train", chosen[:TRAIN_EVAL_SUBSET]),
    )
    for event, network in ((events[0], untrained(SMALL)), (events[-1], by_hand(list(model.weights.values())))):
        x, y = test
        assert event.metrics["some/test"] == share(network, x[:EVAL_SUBSET], y[:EVAL_SUBSET])
        assert event.metrics["some/train"] == share(network, *some_train)
        expected = network(x[:N_SHOWN]).softmax(dim=1).detach()
        np.testing.assert_allclose(event.arrays["probabilities"], expected, atol=1e-3)
        np.testing.assert_allclose(event.arrays["filters"], next(network.parameters())[:, 0].detach())
    assert events[-1].metrics["accuracy/train"] == pytest.approx(share(network, *all_train))
    assert model.metrics["accuracy/test"] == pytest.approx(share(network, *test))
    assert abs(events[-1].arrays["filters"] - events[0].arrays["filters"]).max() > 0.01


def test_long_runs_have_few_events(monkeypatch):
    monkeypatch.setattr(loop, "MAX_EVENTS", 5)
    events, _model = run(SMALL, epochs=3)
    steps = {event.step for event in events}
    assert steps == {0, *range(6, 31, 6), 10, 20, 30} | keyframe_steps(SMALL.changed(epochs=3))
    assert len(steps) == len(events) < 30


@pytest.mark.parametrize("samples", [100, 1_000, 10_000, 60_000])
@pytest.mark.parametrize("batch_size", [10, 50, 128, 1_600])
@pytest.mark.parametrize("epochs", [1, 2, 13])
def test_evaluations_come_early_then_evenly_spaced_then_at_the_end(samples, batch_size, epochs):
    config = CNNConfig(samples=samples, batch_size=batch_size, epochs=epochs)
    steps = sorted(keyframe_steps(config))
    first = {1, 2, 4, 8, 16}
    assert (steps[0], steps[-1]) == (1, config.updates)
    assert min(config.updates, 5) <= len(set(steps) - first) + 5 <= MAX_EVALUATIONS + 5
    assert len(set(np.diff([step for step in steps if step > 16][:-1]))) <= 1


# ---- Early stopping


def test_early_stopping_restores_the_best_weights():
    config = SMALL.changed(early_stopping=True, epochs=60, optimizer="sgd", learning_rate=0.3, transforms="center_crop")
    events, model = run(config)
    validated = curve(events, "accuracy/validation")
    best = int(np.argmax(validated)) + 1
    assert len(validated) == best + PATIENCE < 60
    assert model.metrics["updates"] == events[-1].step == 9 * len(validated)
    assert events[-1].total == config.updates == 540
    short, stopped = run(config, epochs=best)
    assert curve(short, "accuracy/validation") == validated[:best]
    assert all(torch.equal(weights, model.weights[name]) for name, weights in stopped.weights.items())
    tested = curve(events, "accuracy/test")
    assert model.metrics["accuracy/test"] == tested[best - 1] != tested[-1]
    assert (model.metrics["accuracy/validation"], model.metrics["epoch"]) == (max(validated), best)


def test_validation_digits_are_neither_training_nor_test_digits(updates):
    config = SMALL.changed(early_stopping=True, transforms=())
    run(config)
    digits = Digits(config)
    assert (len(digits.validation_indices), len(digits.train_indices)) == (50, 450)
    assert set(digits.validation_indices.tolist() + digits.train_indices.tolist()) == set(
        Digits(SMALL).train_indices.tolist()
    )
    data = datasets.load("mnist", "train")
    x, y = digits.validation_set()
    assert torch.equal(x[:, 0], data.images[digits.validation_indices] / 255)
    assert torch.equal(y, data.labels[digits.validation_indices])
    trained = {row for _network, batch, _y in updates for row in rows(batch)}
    assert trained == set(rows(data.images[digits.train_indices][:, None] / 255))
    assert not trained & set(rows(x))
    assert not set(rows(x)) & set(rows(digits.test_subset()[0]))


def test_the_last_epoch_is_evaluated_in_float32(monkeypatch):
    asked, answers = [], training.logits
    monkeypatch.setattr(
        training,
        "logits",
        lambda *args, **how: asked.append((len(args[2]), args[0].cpu_optimizations)) or answers(*args, **how),
    )
    events, model = run(SMALL, epochs=2, cpu_optimizations=("bfloat16", "fused"))
    assert [names for count, names in asked if count == FEW] == [
        ("bfloat16", "fused"),
        ("fused",),
    ]
    assert model.metrics["accuracy/test"] == events[-1].metrics["accuracy/test"]


# ---- Averages, forgetting eval(), divergence


def test_averaged_weights_are_a_running_average_of_all(updates):
    memory = 0.9
    config = SMALL.changed(ema_decay=memory)
    trajectory, averages = [], []
    for event in train(config):
        if event.step:
            trajectory.append([parameter.detach().clone() for parameter in updates[-1][0].parameters()])
            averages = [
                memory * average + (1 - memory) * weight
                for average, weight in zip(averages or trajectory[0], trajectory[-1], strict=True)
            ]
    events, model = run(config)
    for average, last, weights in zip(averages, trajectory[-1], model.weights.values(), strict=True):
        torch.testing.assert_close(weights, average, rtol=1e-5, atol=1e-6)
        assert not torch.allclose(weights, last, rtol=1e-2)
    # The averaged weights are evaluated, and the training is not changed
    test = pictures("test", slice(FEW))
    assert model.metrics["accuracy/test"] == pytest.approx(share(by_hand(averages), *test), abs=1.5 / FEW)
    assert model.metrics["accuracy/test"] == events[-1].metrics["accuracy/test"]
    assert model.metrics["accuracy/test"] != share(by_hand(trajectory[-1]), *test)
    np.testing.assert_allclose(events[-1].arrays["filters"], averages[0][:, 0], rtol=1e-5, atol=1e-6)
    assert curve(events, "loss") == curve(run(SMALL)[0], "loss")


def test_the_statistics_of_batch_norm_are_averaged_too(updates):
    means: list[Tensor] = []
    for event in train(SMALL.changed(ema_decay=0.9, batch_norm=True, epochs=1)):
        if event.step:
            now = updates[-1][0].norm1.running_mean.clone()
            means.append(0.9 * means[-1] + 0.1 * now if means else now)
    _events, model = run(SMALL, ema_decay=0.9, batch_norm=True, epochs=1)
    torch.testing.assert_close(model.weights["norm1.running_mean"], means[-1])
    assert not torch.allclose(means[-1], now, rtol=1e-2)


def test_without_eval_dropout_stays_on():
    config = SMALL.changed(dropout=0.5, samples=1_000, learning_rate=0.01, without_eval=True)
    events, model = run(config)
    forgotten, right = (curve(events, name)[-1] for name in ("accuracy/without_eval", "accuracy/test"))
    assert forgotten < right - 0.05
    plain, weights = run(config, without_eval=False)
    assert "accuracy/without_eval" not in plain[-1].metrics
    assert all(torch.equal(values, weights.weights[name]) for name, values in model.weights.items())


def test_without_eval_batch_norm_uses_the_batch_and_keeps_its_statistics(updates):
    config = SMALL.changed(batch_norm=True, epochs=1, samples=1_000, batch_size=300)
    events, model = run(config, without_eval=True)
    _events, weights = run(config)
    assert {"norm1.running_mean", "norm1.running_var", "norm1.num_batches_tracked"} < model.weights.keys()
    assert all(torch.equal(values, weights.weights[name]) for name, values in model.weights.items())
    assert int(model.weights["norm1.num_batches_tracked"]) == len(updates) / 2 == 4
    network, right = copy.deepcopy(updates[3][0]).train(), 0
    x, y = pictures("test", slice(FEW))
    with torch.no_grad():
        for start in range(0, FEW, 500):
            right += int((network(x[start : start + 500]).argmax(dim=1) == y[start : start + 500]).sum())
    assert curve(events, "accuracy/without_eval") == [right / FEW] != curve(events, "accuracy/test")


@pytest.mark.parametrize("changes", [{}, {"ema_decay": 0.9}, {"early_stopping": True}])
def test_divergence_ends_the_run_and_is_reported(changes):
    config = SMALL.changed(optimizer="sgd", learning_rate=10, activation="leaky_relu", **changes)
    events, model = run(config)
    last = events[-1]
    assert last.step == last.metrics["diverged_at"] == model.metrics["diverged_at"] == model.metrics["updates"]
    assert last.step < last.total == config.updates
    assert last.metrics["loss"] is None is model.metrics["loss"]
    assert [event.step for event in events] == list(range(last.step + 1))
    assert all(value is not None for event in events[:-1] for value in event.metrics.values())
    assert all("diverged_at" not in event.metrics for event in events[:-1])
    assert model.metrics["accuracy/test"] == 0  # outputs that are not finite count as wrong


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"three_means": True}, "network_unfit"),
        ({"channels": 128, "linear": 2048, "pooling": "none", "conv_layers": 3}, "network_too_large"),
        ({"three_means": True, "cpu_optimizations": ("automatic",)}, "network_unfit"),
    ],
)
def test_a_network_that_cannot_be_built_raises_at_the_start(changes, code):
    with pytest.raises(CoreError) as told:
        next(train(SMALL.changed(**changes)))
    assert told.value.code == code
