"""How often a network solves its task, over the luck of its first weights: many of them, trained at once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import (
    build_network,
    build_optimizer,
    compute_loss,
    penalty,
)
from core.training.batching import batch_indices, batches_per_epoch

SOLVED_ACCURACY = 0.95
"""Share of the test points that have to be right."""
WIDTHS = (2, 3, 4)


class WidthResult(NamedTuple):
    """How networks of one width ended: the share of seeds that solved the task, and each seed's test accuracy."""

    solved: float
    accuracies: tuple[float, ...]


def run_seed_study(config: PlaygroundConfig, seeds: Sequence[int] = range(100)) -> dict[int, WidthResult]:
    """How often a first hidden layer of 2, 3 and 4 units solves the task of the settings, by the number of units.

    Each network learns as `core.topics.playground.train.train` would have it learn with that seed, without early
    stopping. For classes, and networks with a hidden layer.
    """
    found = {}
    for units in WIDTHS:
        accuracies = train_seeds(config.changed(units_1=units, early_stopping=0), seeds).accuracies()
        found[units] = WidthResult(float((accuracies >= SOLVED_ACCURACY).double().mean()), tuple(accuracies.tolist()))
    return found


def train_seeds(config: PlaygroundConfig, seeds: Sequence[int]) -> "Stack":
    """The networks of the settings with each of the seeds, trained to their end."""
    stack = Stack(config, seeds)
    optimizer = build_optimizer(config, stack.weights)
    for x, y in stack.batches():
        optimizer.zero_grad()
        # Each network's loss depends on its own weights alone, so the sum has the gradients of all
        loss = compute_loss(config, stack.answers(x).flatten(), y.flatten()) * len(seeds)
        if config.l1 or config.l2:
            loss = loss + penalty(config, stack.weights[::2])
        loss.backward()
        optimizer.step()
    return stack


class Stack:
    """Networks of one shape: each of the ``weights`` has a first dimension N, one network for each of the seeds.

    They are the matrices (N, out, in) and biases (N, out) of the layers, in turn.
    """

    def __init__(self, config: PlaygroundConfig, seeds: Sequence[int]):
        self.config, self.seeds, self.points = config, seeds, make_dataset(config)
        networks = [build_network(config.model_copy(update={"seed": seed})) for seed in seeds]
        self._layers = networks[0]
        parameters = zip(*(network.parameters() for network in networks), strict=True)
        self.weights = [torch.stack([weight.detach() for weight in same]).requires_grad_() for same in parameters]

    def answers(self, x: Tensor) -> Tensor:
        """The outputs (N, B) for features (N, B, features)."""
        weights = iter(self.weights)
        for layer in self._layers:
            if isinstance(layer, nn.Linear):
                matrix, bias = next(weights), next(weights)
                x = torch.baddbmm(bias[:, None], x, matrix.mT)
            else:
                x = layer(x)
        return x.squeeze(2)

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches (N, B, features) and (N, B) of all updates: for every network those of its seed."""
        config, count = self.config, self.config.split_sizes[0]
        x, y = compute_features(self.points.train_x, config.features), self.points.train_y
        epoch = batches_per_epoch(count, config.batch_size)
        for first in range(0, config.updates, epoch):
            orders = [
                [batch_indices(count, config.batch_size, step, seed=seed) for step in range(first, first + epoch)]
                for seed in self.seeds
            ]
            for rows in map(torch.stack, zip(*orders, strict=True)):
                yield x[rows], y[rows]

    def accuracies(self) -> Tensor:
        """The share of test points that each network has right: float64 (N,)."""
        self._layers.eval()
        with torch.no_grad():
            x = compute_features(self.points.test_x, self.config.features)
            answers = self.answers(x.expand(len(self.seeds), *x.shape))
        self._layers.train()
        return ((answers > 0) == (self.points.test_y > 0.5)).double().mean(dim=1)
