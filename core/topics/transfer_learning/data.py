"""The domains: what a network is pre-trained on, and what it then has to learn from few labels."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import pad

from core.data import datasets
from core.data.corruptions import gaussian
from core.data.cropping import crop
from core.topics.transfer_learning.config import CLASSES, Domain
from core.training.batching import sample_indices
from core.training.rng import Stream, generator

Batch = tuple[Tensor, Tensor]
"""Pictures float32 (N, 1, 28, 28) from 0 (black) to 1 (white), and labels int64 (N,) from 0."""


def _inverted(x: Tensor) -> Tensor:
    return 1 - x


def _rotated(x: Tensor) -> Tensor:
    return x.rot90(1, (2, 3))


def _permuted(x: Tensor) -> Tensor:
    """The same pixels of all pictures at other places: what lay side by side no longer does."""
    places = torch.randperm(x[0].numel(), generator=generator(0, Stream.TRANSFER_PERMUTATION))
    return x.flatten(1)[:, places].view_as(x)


_VIEWS: dict[Domain, Callable[[Tensor], Tensor]] = {"inverted": _inverted, "rotated": _rotated, "permuted": _permuted}


@dataclass(frozen=True)
class Split:
    """The pictures of a domain's "train" or "test" split."""

    domain: Domain
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def batch(self, indices: Tensor) -> Batch:
        """Pictures and labels."""
        x = self.images[indices].unsqueeze(1).float() / 255
        return _VIEWS.get(self.domain, lambda x: x)(x), self.labels[indices]


@cache
def load(domain: Domain, split: str) -> Split:
    """A domain. Raises what `core.data.datasets.load` raises."""
    if domain == "uci_digits":
        data = datasets.uci_digits(split)
    else:
        data = datasets.load("fashion_mnist" if domain == "fashion" else "mnist", split)
    images, labels, classes = data.images, data.labels, data.classes
    if domain in CLASSES:
        first = 5 if domain == "digits_5_9" else 0
        chosen = (labels >= first) & (labels < first + CLASSES[domain])
        images, labels, classes = images[chosen], labels[chosen] - first, classes[first : first + CLASSES[domain]]
    if domain == "shuffled" and split == "train":
        labels = labels[torch.randperm(len(labels), generator=generator(0, Stream.TRANSFER_SHUFFLE))]
    return Split(domain, images, labels, classes)


def labelled(domain: Domain, count: int, *, seed: int, noise: float = 0.0, without: int = 0) -> Batch:
    """``count`` training pictures of each class, in the order of the classes; of fewer than that, all that there are.

    The first of them are the same for every count, and the noise of a picture is drawn once. ``without`` leaves out as
    many of each class at the beginning: those that others are trained on.
    """
    split = load(domain, "train")
    order = torch.randperm(len(split.labels), generator=generator(seed, Stream.TRANSFER_LABELS))
    labels = split.labels[order]
    parts = []
    for label in range(len(split.classes)):
        x, y = split.batch(order[labels == label][without : without + count])
        parts.append((noisy(x, noise, seed, label + 1), y))
    return torch.cat([x for x, _y in parts]), torch.cat([y for _x, y in parts])


def unseen(domain: Domain, count: int, *, noise: float) -> Batch:
    """``count`` test pictures of a domain, or all that there are; always the same ones, with the same noise.

    They are drawn at random: MNIST's first 5,000 test digits are of other writers than its last 5,000, and harder.
    """
    split = load(domain, "test")
    x, y = split.batch(sample_indices(len(split.labels), count, 0, Stream.TRANSFER_TEST))
    return noisy(x, noise, 0, len(split.classes) + 1), y


def noisy(x: Tensor, noise: float, *key: int) -> Tensor:
    """Pictures with Gaussian noise, cut to 0..1."""
    return gaussian(x, noise, generator(*key, Stream.TRANSFER_NOISE)) if noise else x


def shifted(x: Tensor, most: int, *key: int) -> Tensor:
    """Every picture moved down and right by its own number of pixels from ``-most`` to ``most``; black comes in."""
    if not most:
        return x
    down, right = torch.randint(2 * most + 1, (2, len(x)), generator=generator(*key, Stream.TRANSFER_SHIFTS))
    return crop(pad(x, [most] * 4), down, right, *x.shape[2:])
