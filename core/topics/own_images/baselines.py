"""The same pictures learnt with ImageNet's features, from raw pixels, and by a network from scratch.

All three are judged on the same folds: of no photo is one picture on both sides.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from core.evaluation.metrics import accuracy
from core.topics.own_images.config import OwnPicturesConfig
from core.topics.own_images.linear_probe import Examples, folds, train_head
from core.training.rng import Stream, seeded

Way = Literal["features", "pixels", "scratch"]
FOLDS = 5
SIDE = 32  # pixels of what is learnt from raw pixels, and by the network from scratch
UPDATES, RATE = 60, 0.003  # of the network from scratch; every update sees all pictures


def small(x: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) in 0..1 at (N, 3, SIDE, SIDE), about zero."""
    return interpolate(x, SIDE, mode="area") - 0.5


def network(classes: int) -> nn.Sequential:
    """The network from scratch: 25 thousand weights, for pictures (N, 3, SIDE, SIDE)."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
        *(nn.Flatten(), nn.Linear(64, classes)),
    )


def train_network(x: Tensor, labels: Tensor, classes: int, *, seed: int) -> nn.Sequential:
    """The network, trained on pictures (N, 3, SIDE, SIDE); half of them are mirrored, other ones in every update."""
    with seeded(seed, Stream.OWN_IMAGES_WEIGHTS):
        learner = network(classes)
        adam = torch.optim.Adam(learner.parameters(), RATE)
        for _step in range(UPDATES):
            mirrored = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
            loss = cross_entropy(learner(mirrored), labels)
            adam.zero_grad()
            loss.backward()
            adam.step()
    return learner.eval().requires_grad_(False)


def compare(x: Tensor, examples: Examples, classes: int, config: OwnPicturesConfig) -> Iterator[tuple[Way, float]]:
    """The accuracy of each way on pictures (N, 3, H, W), whose features are the ``examples``'."""
    inputs = small(x)
    pixels = examples._replace(features=inputs.flatten(1))

    def linear(of: Examples) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda learnt, asked: train_head(of.some(learnt), classes, config).head(of.features[asked])

    ways: dict[Way, Callable[[Tensor, Tensor], Tensor]] = {
        "features": linear(examples),
        "pixels": linear(pixels),
        "scratch": lambda learnt, asked: train_network(
            inputs[learnt], examples.labels[learnt], classes, seed=config.seed
        )(inputs[asked]),
    }
    for way, answer in ways.items():
        answers = torch.empty(len(x), classes)
        for asked in folds(examples.photos, FOLDS):
            answers[asked] = answer(~asked, asked)
        yield way, accuracy(answers, examples.labels)
