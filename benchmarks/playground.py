"""Training in the playground, including its events, compared with the same loop in plain PyTorch."""

import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from benchmarks import bias_variance
from benchmarks.baselines.points_loop import train_with_indexing, train_with_loader
from benchmarks.report import Figure
from core.engine import prepare
from core.topics.playground.config import PRESETS
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import build_network
from core.topics.playground.seed_study import run_seed_study
from core.topics.playground.table import MAX_ROWS, read
from core.topics.playground.train import train
from core.training.batching import batch_indices
from core.training.progress import run_to_end

REPEATED = 7
SOLVED_ACCURACY = 0.97
SEEDS = 3


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    yield from _speed()
    yield from _spiral()
    began = time.perf_counter()
    run_seed_study(PRESETS["xor_two"])
    yield Figure("exclusive-or with 2, 3, and 4 units, 100 seeds each", [time.perf_counter() - began], "s", at_most=10)
    rows = b"1.25,2.5,yes\n3.75,1.5,no\n" * (MAX_ROWS // 2)
    began = time.perf_counter()
    read(rows)
    yield Figure("a table of a million rows", [time.perf_counter() - began], "s", at_most=10)
    yield from bias_variance.measure()


def _speed() -> Iterator[Figure]:
    config = PRESETS["circle"]
    prepare(config)
    points = make_dataset(config)
    x, y = compute_features(points.train_x, config.features), points.train_y
    first = build_network(config).state_dict()
    batches = [batch_indices(len(y), config.batch_size, step, seed=config.seed) for step in range(config.updates)]
    orders = torch.cat(batches).view(config.epochs, len(y))
    lists = orders.tolist()
    rates: dict[str, list[float]] = {"ours, with 233 events": [], "DataLoader": [], "indexing": []}
    ours, loader, indexing = rates
    weights = {}
    for number in range(REPEATED):
        for kind in list(rates)[:: 1 if number % 2 else -1]:
            began = time.perf_counter()
            if kind == ours:
                weights[kind] = run_to_end(train(config), lambda event: None).weights
            elif kind == loader:
                weights[kind] = train_with_loader(config, first, x, y, lists).state_dict()
            else:
                weights[kind] = train_with_indexing(config, first, x, y, orders).state_dict()
            rates[kind].append(config.updates / (time.perf_counter() - began))
    for kind, values in rates.items():
        yield Figure(f"the default network, {kind}", values, "updates/s")
    for kind, goal in ((loader, 1.0), (indexing, None)):
        ratios = [one / other for one, other in zip(rates[ours], rates[kind], strict=True)]
        yield Figure(f"speed of ours over {kind}", ratios, at_least=goal)
    flat = [nn.utils.parameters_to_vector(state.values()) for state in weights.values()]
    yield Figure(
        "largest difference between their final weights",
        [float((flat[0] - other).abs().max()) for other in flat[1:]],
        at_most=1e-4,
    )


def _spiral() -> Iterator[Figure]:
    seconds, accuracies = [], []
    for seed in range(SEEDS):
        config = PRESETS["spiral"].changed(seed=seed)
        prepare(config)
        began, solved = time.perf_counter(), np.inf
        for event in train(config):
            accuracy = event.metrics["test_accuracy"]
            if accuracy > SOLVED_ACCURACY:
                solved = min(solved, time.perf_counter() - began)
        seconds.append(solved)
        accuracies.append(accuracy)
    yield Figure(f"the spiral to {SOLVED_ACCURACY:.0%} test accuracy", seconds, "s", at_most=10)
    yield Figure("the spiral: final test accuracy", accuracies, at_least=SOLVED_ACCURACY)
