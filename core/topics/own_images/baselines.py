"""Baselines for ImageNet features: a linear head on raw pixels, and a small network trained from scratch.

All methods are evaluated on the same folds. A fold contains all copies of a photo or none.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from core.evaluation.metrics import accuracy
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.linear_probe import LabelledFeatures, folds, train_head
from core.training.rng import Stream, seeded

Method = Literal["features", "pixels", "scratch"]
N_FOLDS = 5
SIDE = 32  # side length of the inputs of both baselines, in pixels
N_UPDATES, LEARNING_RATE = 60, 0.003  # of the network trained from scratch; each update uses all images

Images = Float[Tensor, "images 3 height width"]


def downsample(x: Images) -> Float[Tensor, "images 3 side side"]:
    """Downsample images with values in 0..1 to SIDE x SIDE pixels with values in -0.5..0.5."""
    return interpolate(x, SIDE, mode="area") - 0.5


def build_network(n_classes: int) -> nn.Sequential:
    """Build an untrained convolutional network with about 25,000 parameters, for images (N, 3, SIDE, SIDE)."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
        *(nn.Flatten(), nn.Linear(64, n_classes)),
    )


def train_network(x: Tensor, labels: Tensor, n_classes: int, *, seed: int) -> nn.Sequential:
    """Train a network from scratch on images (N, 3, SIDE, SIDE) with labels (N,), and return it in eval mode.

    The network is built by `build_network`. In each update, every image is flipped horizontally with probability 1/2.
    """
    with seeded(seed, Stream.OWN_IMAGES_WEIGHTS):
        network = build_network(n_classes)
        optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
        for _update in range(N_UPDATES):
            flipped = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
            loss = cross_entropy(network(flipped), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval().requires_grad_(False)


def compare(
    x: Images, data: LabelledFeatures, n_classes: int, config: OwnImagesConfig
) -> Iterator[tuple[Method, float]]:
    """Yield each method with its cross-validated accuracy, from 0 to 1.

    ``x`` holds the images, with values in 0..1, and ``data`` holds their features and labels.
    """
    pixels = downsample(x)

    def linear(data: LabelledFeatures) -> Callable[[Tensor], Tensor]:
        def held_out_logits(held_out: Tensor) -> Tensor:
            head, _losses = train_head(data.subset(~held_out), n_classes, config)
            return head(data.features[held_out])

        return held_out_logits

    def scratch(held_out: Tensor) -> Tensor:
        network = train_network(pixels[~held_out], data.labels[~held_out], n_classes, seed=config.seed)
        return network(pixels[held_out])

    methods: dict[Method, Callable[[Tensor], Tensor]] = {
        "features": linear(data),
        "pixels": linear(data._replace(features=pixels.flatten(1))),
        "scratch": scratch,
    }
    for method, held_out_logits in methods.items():
        logits = torch.empty(len(x), n_classes)
        for held_out in folds(data.photos, N_FOLDS):
            logits[held_out] = held_out_logits(held_out)
        yield method, accuracy(logits, data.labels)


def feature_gain(accuracies: Mapping[Method, float]) -> float:
    """Return the accuracy with ImageNet features minus the accuracy of the better baseline."""
    return accuracies["features"] - max(accuracies["pixels"], accuracies["scratch"])
