"""The five implementations have one curve for all settings. Mistakes change it, and a seed reproduces it."""

import gc
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.engine import prepare
from core.topics.manual_mlp.config import IMPLEMENTATION_NAMES, PRESETS, MLPConfig
from core.topics.manual_mlp.data import Task, initial_weights
from core.topics.manual_mlp.train import (
    MAX_EVENTS,
    N_FILTERS,
    N_SHOWN,
    keyframe_steps,
    train,
)
from core.training.progress import Progress, TrainedModel, run_to_end

TUTORIAL = PRESETS["tutorial"]
FEW_DIGITS = MLPConfig(samples=2000, epochs=2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    prepare(MLPConfig())
    yield
    torch.set_num_threads(threads)


def run(config: MLPConfig, **changes) -> tuple[list[Progress], TrainedModel]:
    return _run(MLPConfig.model_validate(config.model_dump() | changes))


@cache
def _run(config: MLPConfig) -> tuple[list[Progress], TrainedModel]:
    """Train once for all tests that read the run."""
    events: list[Progress] = []
    return events, run_to_end(train(config), events.append)


def curve(events: list[Progress], metric: str) -> list[float | None]:
    return [event.metrics[metric] for event in events if metric in event.metrics]


@pytest.mark.parametrize(
    "config",
    [
        TUTORIAL,
        TUTORIAL.model_copy(update={"precision": "float64"}),
        TUTORIAL.model_copy(update={"custom_function": True, "named_layers": True}),
        PRESETS["teacher"].model_copy(update={"epochs": 20}),
        FEW_DIGITS,
        MLPConfig(epochs=1, precision="float64"),  # enough updates for float32 curves to separate
    ],
)
def test_the_five_implementations_are_one_curve(config):
    events, model = run(config)
    assert len(events) == config.updates + 1
    tolerance = 1e-5 if config.precision == "float32" else 1e-12
    for name in IMPLEMENTATION_NAMES:
        np.testing.assert_allclose(curve(events, f"loss/{name}"), curve(events, "loss/autograd"), rtol=tolerance)
        assert max(curve(events, f"gradient_error/{name}")) < tolerance
        assert max(curve(events, f"distance/{name}")) < tolerance
        assert model.metrics[f"test_loss/{name}"] == pytest.approx(model.metrics["test_loss/autograd"], rel=1e-3)


def test_implementation_five_does_what_torch_does():
    """Compare with a reference that shares no code with the five: modules, loss and optimizer of torch."""
    config, task = TUTORIAL, Task(TUTORIAL)
    W1, W2 = initial_weights(config, "optim")
    model = torch.nn.Sequential(
        torch.nn.Linear(1000, 100, bias=False), torch.nn.ReLU(), torch.nn.Linear(100, 10, bias=False)
    )
    model[0].weight.data, model[2].weight.data = W1.T.clone(), W2.T.clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    losses = []
    for step in range(config.updates + 1):
        x, y = task.batch(step)
        loss = torch.nn.functional.mse_loss(model(x), y, reduction="sum")
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    events, _ = run(config)
    for name in IMPLEMENTATION_NAMES:
        np.testing.assert_allclose(curve(events, f"loss/{name}"), losses, rtol=1e-4)


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not():
    config = MLPConfig(samples=640, noise=0.2)
    first, second = run(config), _run.__wrapped__(config)
    assert [event.metrics for event in first[0]] == [event.metrics for event in second[0]]
    assert all(torch.equal(first[1].weights[name], second[1].weights[name]) for name in ("W1", "W2"))
    for one, two in zip(first[0], second[0], strict=True):
        assert all(np.array_equal(one.arrays[name], two.arrays[name]) for name in one.arrays)
    other, _ = run(config, seed=1)
    assert curve(other, "loss") != curve(first[0], "loss")


def test_one_implementation_alone_trains_as_with_the_others():
    together, _ = run(FEW_DIGITS)
    alone, model = run(FEW_DIGITS, implementation="module")
    assert curve(alone, "loss") == curve(together, "loss/module")
    assert "loss/tensors" not in alone[0].metrics
    assert model.weights["W1"].shape == (784, 64)


def test_digits_are_learnt_and_noise_makes_it_harder():
    _, clean = run(MLPConfig(implementation="tensors"))
    _, noisy = run(MLPConfig(implementation="tensors", noise=1.0))
    assert clean.metrics["accuracy/tensors"] > 0.95
    assert 0.3 < noisy.metrics["accuracy/tensors"] < 0.9


def test_accuracy_and_loss_are_those_of_the_test_set():
    config = MLPConfig(implementation="tensors", samples=1000)
    _, model = run(config)
    x, y = Task(config).test_data()
    logits = torch.relu(x @ model.weights["W1"]) @ model.weights["W2"]
    labels = y.argmax(dim=1)
    assert len(x) == 10_000
    assert model.metrics["accuracy/tensors"] == pytest.approx(float((logits.argmax(dim=1) == labels).double().mean()))
    expected = torch.nn.functional.cross_entropy(logits, labels)
    assert model.metrics["test_loss/tensors"] == pytest.approx(float(expected), rel=1e-5)


def test_the_tutorials_gradient_ruins_implementation_one_alone():
    events, model = run(FEW_DIGITS, tutorials_gradient=True, samples=10_000)
    assert curve(events, "gradient_error/tensors")[0] > 0.5
    assert curve(events, "gradient_error/autograd")[0] == 0
    assert model.metrics["accuracy/tensors"] < 0.3 < 0.8 < model.metrics["accuracy/autograd"]


def test_forgetting_zero_grad_is_the_sum_of_all_gradients():
    config = TUTORIAL.model_copy(update={"learning_rate": 1e-9, "epochs": 3})
    right, _ = run(config)
    forgotten, _ = run(config, forget_zero_grad=True)
    # The gradient hardly changes at so small a rate: the second one is doubled, the third tripled
    for name in IMPLEMENTATION_NAMES[1:]:
        ratios = np.divide(curve(forgotten, f"gradient_norm/{name}"), curve(right, f"gradient_norm/{name}"))
        np.testing.assert_allclose(ratios, [1, 2, 3, 4], rtol=0.01)
        assert curve(forgotten, f"gradient_error/{name}")[1] == pytest.approx(1, rel=0.01)
    assert curve(forgotten, "loss/tensors") == curve(right, "loss/tensors")


def test_other_start_weights_make_other_curves():
    events, _ = run(TUTORIAL, different_initial_weights=True)
    assert len({curve(events, f"loss/{name}")[0] for name in IMPLEMENTATION_NAMES}) == 5


def test_adam_is_adam():
    events, _ = run(FEW_DIGITS, optimizer="Adam", learning_rate=1e-3)
    losses = curve(events, "loss/optim")
    assert losses[0] == curve(events, "loss/autograd")[0]
    assert losses[-1] < 0.5 * curve(events, "loss/autograd")[-1]


def test_divergence_is_caught_at_its_step():
    events, model = run(PRESETS["break"])
    at = model.metrics["diverged_at/tensors"]
    assert at == events[-1].step < events[-1].total
    assert events[-1].metrics["loss/tensors"] is None
    assert all(value is not None for event in events[:-1] for value in event.metrics.values())
    assert curve(events, "loss/tensors")[-2] > 1e9


def test_diverged_implementations_hold_no_memory():
    config = TUTORIAL.model_copy(update={"learning_rate": 1e-3, "optimizer": "Adam", "epochs": 200, "hidden_size": 50})
    training = train(config)
    for event in training:
        if event.step == 100:
            break
    assert event.metrics["diverged_at/autograd"] < 20
    held = [one for one in gc.get_objects() if type(one) is torch.Tensor and one.shape == (100, 1000)]
    training.close()
    assert len(held) < 10


def test_one_implementation_may_diverge_while_the_others_go_on():
    # With some seeds, this learning rate is too large for the correct gradient but not for the tutorial's
    config = TUTORIAL.model_copy(update={"learning_rate": 2e-6, "tutorials_gradient": True, "seed": 3})
    events, model = run(config)
    assert model.metrics["diverged_at/autograd"] == 8
    assert "diverged_at/tensors" not in model.metrics
    assert events[-1].step == 20


def test_the_first_event_is_the_untrained_network():
    event = next(train(FEW_DIGITS))
    W1, W2 = initial_weights(FEW_DIGITS, "tensors")
    x, _ = Task(FEW_DIGITS).displayed_data(N_SHOWN)
    assert event.step == 0
    np.testing.assert_allclose(event.arrays["outputs"], (torch.relu(x @ W1) @ W2).numpy(), rtol=1e-5, atol=1e-6)
    assert event.arrays["filters"].shape == (N_FILTERS, 784)
    assert not event.arrays["filters"].any()


def test_filters_are_the_change_of_the_weights():
    events, model = run(FEW_DIGITS, implementation="tensors")
    change = (model.weights["W1"] - initial_weights(FEW_DIGITS, "tensors")[0]).T[:N_FILTERS]
    expected = change / change.abs().max() * 127
    np.testing.assert_allclose(events[-1].arrays["filters"], expected.numpy(), atol=0.51)


def test_events_hold_copies_and_long_runs_few_of_them():
    config = TUTORIAL.model_copy(
        update={"epochs": 3000, "input_size": 5, "hidden_size": 3, "implementation": "tensors"}
    )
    events, _ = run(config)
    assert len(events) <= MAX_EVENTS + len(keyframe_steps(config.updates))
    assert [event.step for event in events][-1] == 3000
    assert events[0].arrays["outputs"].tolist() != events[-1].arrays["outputs"].tolist()


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 1e9},
        {"learning_rate": float("nan")},
        {"learning_rate": "fast"},
        {"epochs": 0},
        {"epochs": 1.5},
        {"epochs": 1000},
        {"noise": -1},
        {"hidden_size": 10**9},
        {"input_size": 100},
        {"samples": 60_001},
        {"data": "cats"},
        {"data": "random"},
        {"data": "random", "loss": "sum_of_squares"},
        {"batch_size": 1, "epochs": 100},
        {"seed": -1},
        {"threads": 0},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValidationError):
        MLPConfig.model_validate(settings)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_valid_and_the_limits_hold_their_values(preset):
    config = PRESETS[preset]
    assert MLPConfig.model_validate(config.model_dump()) == config
    for name in ("learning_rate", "epochs", "noise", "samples", "input_size", "output_size"):
        low, high = config.limits(name)
        assert low <= getattr(config, name) <= high


def test_the_tutorials_preset_is_the_tutorials():
    task = Task(TUTORIAL)
    x, y = task.batch(0)
    W1, W2 = initial_weights(TUTORIAL, "tensors")
    assert (x.shape, W1.shape, W2.shape, y.shape) == ((100, 1000), (1000, 100), (100, 10), (100, 10))
    assert (TUTORIAL.learning_rate, TUTORIAL.epochs, TUTORIAL.loss) == (1e-6, 20, "sum_of_squares")
    assert float(W1.std()) == pytest.approx(1, rel=0.02)


def test_old_names_of_settings_are_read():
    old = {"way": "optim", "initialisation": 0.5, "own_weights": True}
    new = {"implementation": "optim", "initialization": 0.5, "different_initial_weights": True}
    assert MLPConfig.model_validate(old) == MLPConfig.model_validate(new) != MLPConfig()


@pytest.mark.parametrize(
    ("changes", "differ"),
    [
        ({}, False),
        ({"learning_rate": 0.1}, False),
        ({"tutorials_gradient": True}, True),
        ({"forget_zero_grad": True}, True),
        ({"different_initial_weights": True}, True),
        ({"optimizer": "Adam"}, True),
    ],
)
def test_settings_that_make_the_implementations_differ(changes, differ):
    assert MLPConfig(**changes).implementations_differ is differ
