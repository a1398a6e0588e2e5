"""Schedules compared with their formulas and torch's schedulers, and gradient noise compared with autograd."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch.optim import lr_scheduler

from core.topics.lr_schedules.config import LRSchedulesConfig
from core.topics.lr_schedules.gradient_noise import gradient_noise
from core.topics.lr_schedules.train import train
from core.training.batched.data import DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.batched.results import Results
from core.training.progress import Progress, run_to_end
from core.training.schedules import SCHEDULES, learning_rates
from tests.core import torch_reference

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = LRSchedulesConfig(rates=1, seeds=2, samples=800, hidden_size=8, learning_rate=0.05)


def one_cycle(step: int, updates: int) -> float:
    """From 1/25 up to 1 within the first 30%, and down to 1/25 of a ten-thousandth, both along half a cosine."""
    top = 0.3 * (updates + 1) - 1
    if step <= top:
        return 1 + (1 / 25 - 1) * (1 + math.cos(math.pi * step / top)) / 2
    low = 1 / 25 / 1e4
    return low + (1 - low) * (1 + math.cos(math.pi * (step - top) / (updates - top))) / 2


FORMULAS = {
    "constant": lambda step, updates: 1.0,
    "step": lambda step, updates: 0.1 ** (step // math.ceil(updates / 3)),
    "cosine": lambda step, updates: (1 + math.cos(math.pi * step / updates)) / 2,
    "warmup": lambda step, updates: min(1.0, 0.01 + 0.99 * step / (updates // 5)),
    "onecycle": one_cycle,
}


@pytest.mark.parametrize("updates", [99, 50, 1000])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_learning_rates_are_those_of_the_formula(schedule, updates):
    expected = [FORMULAS[schedule](step, updates) for step in range(updates)]
    np.testing.assert_allclose(learning_rates(schedule, updates), expected, rtol=1e-9, atol=1e-12)


def test_schedules_have_their_shapes():
    assert learning_rates("step", 99)[32:67:17] == pytest.approx((1.0, 0.1, 0.01))
    warm = learning_rates("warmup", 100)
    assert (warm[0], warm[20:]) == (0.01, (pytest.approx(1.0),) * 80)
    np.testing.assert_allclose(np.diff(warm[:21]), 0.99 / 20)
    cycle = learning_rates("onecycle", 99)
    assert max(cycle) == cycle[29] == pytest.approx(1)
    assert cycle[0] == pytest.approx(0.04)
    assert cycle[-1] < 1e-2


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(list(SCHEDULES)), st.integers(1, 300))
def test_no_schedule_goes_beyond_its_highest_rate(schedule, updates):
    rates = learning_rates(schedule, updates)
    assert len(rates) == updates
    assert all(0 < rate <= 1 + 1e-12 for rate in rates)


TORCHS = {
    "constant": lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda step: 1.0),
    "step": lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [17, 34]),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 50),
    "warmup": lambda optimizer: lr_scheduler.LinearLR(optimizer, 0.01, total_iters=10),
    "onecycle": lambda optimizer: lr_scheduler.OneCycleLR(
        optimizer, optimizer.param_groups[0]["lr"], total_steps=51, cycle_momentum=False
    ),
}


@pytest.mark.parametrize("name", ["momentum", "adamw"])
def test_training_is_that_of_torchs_optimizers_and_schedulers(name):
    """Make 50 updates with every schedule in float32, from the same initial weights."""
    config = SMALL.changed(optimizer=name, learning_rate=0.05 if name == "momentum" else 0.002, weight_decay=0.01)
    assert config.updates == 50
    events: list[Progress] = []
    model = run_to_end(train(config), events.append)
    data, start = DataSplits(config), BatchedMLP.initialize(config.sizes, [0, 1], dtype=torch.float32)
    table = [(config.schedules[int(number)], rate, seed) for number, rate, seed in events[0].arrays["members"]]
    assert table == [(schedule, config.learning_rates[0], seed) for schedule in SCHEDULES for seed in (0, 1)]
    for number, (schedule, rate, seed) in enumerate(table):
        network = torch_reference.sequential(start.weights(int(seed)))
        (optimizer,) = torch_reference.optimizers(name, network, rate, weight_decay=0.01)
        scheduler = TORCHS[schedule](optimizer)
        losses = []
        for step in range(50):
            optimizer.zero_grad()
            value = torch_reference.loss(network, *data.batch(step))
            value.backward()
            optimizer.step()
            scheduler.step()
            losses.append(float(value.detach()))
        ours = [event.arrays["train"][number] for event in events]
        np.testing.assert_allclose(ours, [losses[0], *losses], rtol=1e-4)
    assert len(np.unique(events[-1].arrays["train"])) == 10
    results = Results.from_events(config, events)
    winner = results.ranking()[0]
    assert (
        model.metrics["loss"]
        == model.metrics[f"validation_loss/{winner.variant}"]
        == pytest.approx(winner.validation_loss)
    )
    x, y = data.test()
    number = table.index((winner.variant, winner.learning_rate, 0))
    accuracy = float((torch_reference.sequential(model.weights)(x).argmax(1) == y).double().mean())
    assert accuracy == pytest.approx(events[-1].arrays["test"][number])


def all_gradients(config: LRSchedulesConfig, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """The gradient (samples, weights) of every training sample, by autograd in float64."""
    network = torch_reference.sequential({name: part.double() for name, part in weights.items()})
    x, y = DataSplits(config).training_samples(torch.arange(config.samples))
    rows = []
    for one, label in zip(x.double(), y, strict=True):
        gradients = torch.autograd.grad(
            torch_reference.loss(network, one[None], label[None]), list(network.parameters())
        )
        rows.append(torch.cat([gradient.flatten() for gradient in gradients]))
    return torch.stack(rows)


def test_the_noise_is_how_far_autograds_gradients_of_batches_are(monkeypatch):
    config = SMALL.changed(samples=200, noise=0.2)
    weights = BatchedMLP.initialize(config.sizes, [7], dtype=torch.float32).weights(0)
    requested = []
    original = DataSplits.training_samples
    monkeypatch.setattr(
        DataSplits, "training_samples", lambda self, indices: requested.append(indices) or original(self, indices)
    )
    noise = gradient_noise(config, weights, [8])
    monkeypatch.undo()
    gradients = all_gradients(config, weights)
    full = gradients.mean(0)
    (batches,) = (indices for indices in requested if indices.shape[-1] == 8)
    assert len(batches) >= 32
    squares = [float((gradients[indices].mean(0) - full).square().sum() / full.square().sum()) for indices in batches]
    assert noise[8] == pytest.approx(np.mean(squares) ** 0.5, rel=1e-4)


def test_the_noise_falls_as_one_over_the_root_of_the_batch_size():
    config = SMALL.changed(samples=200)
    sizes = [1, 4, 16, 64, 256]
    noise = gradient_noise(config, None, sizes)
    assert list(noise) == sizes
    weights = BatchedMLP.initialize(config.sizes, [0], dtype=torch.float32).weights(0)
    gradients = all_gradients(config, weights)
    full = gradients.mean(0)
    # The mean square of the distance of one sample; that of a batch is smaller by its size
    single = float((gradients - full).square().sum(1).mean() / full.square().sum())
    for size, value in noise.items():
        assert value == pytest.approx((single / size) ** 0.5, rel=0.2)
    slope = np.polyfit(np.log(sizes), np.log(list(noise.values())), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)


@pytest.mark.parametrize(
    "values",
    [{"schedules": "linear"}, {"schedules": ""}, {"optimizer": "muon"}, {"optimizer": "gd"}, {"epochs": 21}],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        LRSchedulesConfig.model_validate(values)
