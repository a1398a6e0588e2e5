"""Train networks with many seeds at once to measure how often they solve their task."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import (
    build_network,
    build_optimizer,
    compute_loss,
    penalty,
)
from core.training.batched.sequential import BatchedSequential
from core.training.batching import batch_indices, batches_per_epoch

SOLVED_ACCURACY = 0.95
"""Lowest test accuracy at which a network counts as having solved its task."""
WIDTHS = (2, 3, 4)
"""The numbers of units in the first hidden layer that are compared."""


class WidthResult(NamedTuple):
    """Results for one width of the first hidden layer.

    ``solved_share`` is the fraction of networks that solved the task. ``accuracies`` holds the test accuracy for each
    seed.
    """

    solved_share: float
    accuracies: tuple[float, ...]


def run_seed_study(
    config: PlaygroundConfig,
    seeds: Sequence[int] = range(100),
    watch: Callable[[float], object] = lambda _share: None,
) -> dict[int, WidthResult]:
    """For each seed, train three networks, with 2, 3, and 4 units in the first hidden layer.

    Returns the results, keyed by the number of units.

    Each network is trained in the same way as in `core.topics.playground.train.train`, but without early stopping. The
    task must be classification, and the network must have a hidden layer. After every update, ``watch`` is called with
    the completed fraction of the work.
    """
    results = {}
    for done, units in enumerate(WIDTHS):
        width_config = config.changed(units_1=units, early_stopping=0)

        def tell(share: float, done: int = done) -> None:
            watch((done + share) / len(WIDTHS))

        networks = train_seeds(width_config, seeds, tell)
        accuracies = measure_accuracies(width_config, networks)
        solved_share = float((accuracies >= SOLVED_ACCURACY).double().mean())
        results[units] = WidthResult(solved_share, tuple(accuracies.tolist()))
    return results


def train_seeds(
    config: PlaygroundConfig, seeds: Sequence[int], watch: Callable[[float], object] = lambda _share: None
) -> BatchedSequential:
    """Train one network for each seed. After every update, call ``watch`` with the completed fraction of the work."""
    networks = BatchedSequential([build_network(config.model_copy(update={"seed": seed})) for seed in seeds])
    optimizer = build_optimizer(config, networks.parameters)
    for number, (x, y) in enumerate(_batches(config, seeds), start=1):
        optimizer.zero_grad()
        loss = compute_loss(config, networks.logits(x).flatten(), y.flatten()) * len(seeds)
        if config.l1 or config.l2:
            loss = loss + penalty(config, networks.parameters[::2])
        loss.backward()
        optimizer.step()
        watch(number / config.updates)
    return networks


def _batches(config: PlaygroundConfig, seeds: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one batch per network for every update: inputs (N, batch, features) and targets (N, batch).

    The batches of a network are drawn with the seed of this network.
    """
    points, count = make_dataset(config), config.split_sizes[0]
    x, y = compute_features(points.train_x, config.features), points.train_y
    updates_per_epoch = batches_per_epoch(count, config.batch_size)
    for first in range(0, config.updates, updates_per_epoch):
        steps = range(first, first + updates_per_epoch)
        orders = [[batch_indices(count, config.batch_size, step, seed=seed) for step in steps] for seed in seeds]
        for rows in map(torch.stack, zip(*orders, strict=True)):
            yield x[rows], y[rows]


@torch.no_grad()
def measure_accuracies(config: PlaygroundConfig, networks: BatchedSequential) -> Float64[Tensor, " models"]:
    """Return the test accuracy, from 0 to 1, of each network."""
    points = make_dataset(config)
    x = compute_features(points.test_x, config.features)
    networks.layers.eval()
    logits = networks.logits(x.expand(len(networks.parameters[0]), *x.shape)).squeeze(2)
    networks.layers.train()
    return ((logits > 0) == (points.test_y > 0.5)).double().mean(dim=1)
