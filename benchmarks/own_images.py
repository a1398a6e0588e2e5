"""Your own images: the accuracy with ImageNet features, and the time saved by computing the features once."""

import io
import time
from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.report import Figure
from core.topics.own_images import backbones
from core.topics.own_images.baselines import compare
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import ImageClass, add_files, all_images, all_labels, inputs
from core.topics.own_images.linear_probe import LabelledFeatures, train_head
from core.training.timing import threads

SEEDS = (0, 1, 2)
REPEATED = 3
CONFIG = OwnImagesConfig()


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`.

    The data are the example photos: 5 classes of 10 images.
    """
    with threads(2):
        yield from _measure()


def _measure() -> Iterator[Figure]:
    backbone, classes = backbones.load("efficientnet_lite0"), len(examples())
    files = [(each.name, [(image.name, _file(image.pixels)) for image in each.images]) for each in examples()]
    yield Figure(
        "5 classes × 10 files: read, compute features, train the head",
        [_whole(backbone, files) for _ in range(REPEATED)],
        "s",
        at_most=15,
    )
    x = inputs(all_images(examples()))
    data = LabelledFeatures.from_features(backbone.features(x), all_labels(examples()))
    shares: dict[str, list[float]] = {}
    for seed in SEEDS:
        for method, share in compare(x, data, classes, CONFIG.changed(seed=seed)):
            shares.setdefault(method, []).append(share)
    for method, values in shares.items():
        yield Figure(f"accuracy in 5-fold cross-validation: {method}", values)
    gains = [ours - theirs for ours, theirs in zip(shares["features"], shares["scratch"], strict=True)]
    yield Figure("accuracy gain of ImageNet features over a network from scratch", gains, at_least=0.2)
    once, naive = [], []
    for _ in range(REPEATED):
        began = time.perf_counter()
        train_head(data, classes, CONFIG)
        once.append((time.perf_counter() - began) / CONFIG.epochs)
        naive.append(_naive_epoch(backbone, x, data.labels, classes))
    yield Figure("an epoch of head training on cached features", once, "s")
    yield Figure("an epoch of head training with recomputed features", naive, "s")
    ratios = [theirs / ours for theirs, ours in zip(naive, once, strict=True)]
    yield Figure("speedup of cached over recomputed features", ratios, at_least=20)


def _file(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _whole(backbone: backbones.Backbone, files: list[tuple[str, list[tuple[str, bytes]]]]) -> float:
    """Return the seconds from the files to a trained head."""
    began = time.perf_counter()
    dataset = tuple(ImageClass(name) for name, _files in files)
    for name, images in files:
        dataset = add_files(dataset, name, images).dataset
    data = LabelledFeatures.from_features(backbone.features(inputs(all_images(dataset))), all_labels(dataset))
    train_head(data, len(dataset), CONFIG)
    return time.perf_counter() - began


def _naive_epoch(backbone: backbones.Backbone, x: Tensor, y: Tensor, classes: int) -> float:
    """Return the seconds of an epoch that recomputes the features of all images."""
    head = torch.nn.Linear(1280, classes)
    adam = torch.optim.Adam(head.parameters(), CONFIG.learning_rate)
    began = time.perf_counter()
    loss = cross_entropy(head(backbone.features(x)), y)
    adam.zero_grad()
    loss.backward()
    adam.step()
    return time.perf_counter() - began
