"""Batched training in the optimizer race, compared with the same networks trained one by one in plain PyTorch."""

import time
from collections.abc import Iterator

import torch

from benchmarks.baselines.one_by_one import train_one_by_one
from benchmarks.report import Figure
from core.engine import prepare
from core.topics.optimizer_race.config import PRESETS
from core.topics.optimizer_race.learning_rates import BEST_LEARNING_RATES
from core.topics.optimizer_race.train import train
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec
from core.training.batched.run import BatchedRun

REPEATED = 5
UPDATES = 100  # updates of each network per measurement
COMPARED = 50  # number of first updates whose losses must agree
CONFIG = PRESETS["digits"]


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    prepare(CONFIG)
    data = DataSplits(CONFIG)
    specs = _specs()
    rates: dict[str, list[float]] = {"batched": [], "one by one": []}
    losses = {}
    for repetition in range(REPEATED):
        for kind in list(rates)[:: 1 if repetition % 2 else -1]:
            batched_run = BatchedRun(CONFIG, data, specs)
            weights = [batched_run.networks.weights(number) for number in range(len(specs))]
            began = time.perf_counter()
            if kind == "batched":
                losses[kind] = torch.stack([batched_run.update(step) for step in range(UPDATES)])
            else:
                losses[kind] = train_one_by_one(CONFIG, specs, weights, data.batch, UPDATES)
            rates[kind].append(len(specs) * UPDATES / (time.perf_counter() - began))
    for kind, values in rates.items():
        yield Figure(f"{len(specs)} networks, {kind}", values, "networks × updates/s")
    ratios = [ours / theirs for ours, theirs in zip(rates["batched"], rates["one by one"], strict=True)]
    yield Figure("speedup of batched over one by one", ratios, at_least=12)
    yield Figure(
        "largest relative difference of losses up to the best learning rates", [_difference(**losses)], at_most=1e-4
    )
    yield from _whole_race()


def _specs() -> list[NetworkSpec]:
    return [
        NetworkSpec(optimizer, rate, seed)
        for optimizer in CONFIG.optimizers
        for rate in CONFIG.learning_rates
        for seed in range(CONFIG.seeds)
    ]


def _difference(batched: torch.Tensor, **others: torch.Tensor) -> float:
    """Return the largest relative difference between the first losses, up to the best learning rates.

    At higher learning rates, rounding errors grow without bound.
    """
    (single,) = others.values()
    compared = [
        number for number, spec in enumerate(_specs()) if spec.learning_rate <= BEST_LEARNING_RATES[spec.variant]
    ]
    return float(((batched - single).abs() / single)[:COMPARED, compared].max())


def _whole_race() -> Iterator[Figure]:
    first, whole = [], []
    for _ in range(3):
        began = time.perf_counter()
        for event in train(CONFIG):
            if event.step and len(first) == len(whole):
                first.append(time.perf_counter() - began)
        whole.append(time.perf_counter() - began)
    yield Figure("default race: time to the first curves", first, "s", at_most=2)
    yield Figure("default race: time to the end", whole, "s", at_most=20)
