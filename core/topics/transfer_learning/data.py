"""The datasets of the source and target tasks, called domains."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch.nn.functional import pad

from core.data import datasets
from core.data.corruptions import gaussian
from core.data.cropping import crop
from core.topics.transfer_learning.config import CLASSES, Domain
from core.training.batching import sample_indices
from core.training.rng import Stream, generator

Images = Float32[Tensor, "batch 1 28 28"]
"""Grayscale images, from 0 (black) to 1 (white)."""

N_SHOWN = 20
"""Number of test images whose predictions are saved with a run."""

Batch = tuple[Images, Int64[Tensor, " batch"]]
"""Images and their labels (class indices, counted from 0)."""


def _inverted(x: Tensor) -> Tensor:
    return 1 - x


def _rotated(x: Tensor) -> Tensor:
    return x.rot90(1, (2, 3))


def _permuted(x: Tensor) -> Tensor:
    """Apply one fixed permutation of the pixels to all images."""
    permutation = torch.randperm(x[0].numel(), generator=generator(0, Stream.TRANSFER_PERMUTATION))
    return x.flatten(1)[:, permutation].view_as(x)


_TRANSFORMS: dict[Domain, Callable[[Tensor], Tensor]] = {
    "inverted": _inverted,
    "rotated": _rotated,
    "permuted": _permuted,
}


@dataclass(frozen=True)
class Split:
    """The "train" or "test" split of a domain: ``images`` is uint8 (N, 28, 28), and ``labels`` is int64 (N,).

    ``classes`` holds the names of the classes.
    """

    domain: Domain
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def batch(self, indices: Int64[Tensor, " batch"]) -> Batch:
        """Return the images at ``indices`` and their labels. The transform of the domain is applied to the images."""
        x = self.images[indices].unsqueeze(1).float() / 255
        return _TRANSFORMS.get(self.domain, lambda x: x)(x), self.labels[indices]


@cache
def load(domain: Domain, split: str) -> Split:
    """Return the split "train" or "test" of a domain. Raises the same errors as `core.data.datasets.load`."""
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


def labelled_samples(domain: Domain, count: int, *, seed: int, noise: float = 0.0, skip: int = 0) -> Batch:
    """Return up to ``count`` training images of each class, and their labels. The images are ordered by class.

    With the same seed, the images for a smaller ``count`` are a subset of the images for a larger ``count``, with the
    same noise. The first ``skip`` images of each class are left out, for example because they are in a training set.
    ``noise`` is the standard deviation of the added noise.
    """
    split = load(domain, "train")
    order = torch.randperm(len(split.labels), generator=generator(seed, Stream.TRANSFER_LABELS))
    labels = split.labels[order]
    parts = []
    for label in range(len(split.classes)):
        x, y = split.batch(order[labels == label][skip : skip + count])
        parts.append((add_noise(x, noise, seed, label + 1), y))
    return torch.cat([x for x, _y in parts]), torch.cat([y for _x, y in parts])


def held_out_samples(domain: Domain, count: int, *, noise: float) -> Batch:
    """Return up to ``count`` test images of a domain, and their labels.

    The images and their noise are the same in every call. The images are drawn at random, because the first 5,000 and
    the last 5,000 test digits of MNIST come from different groups of writers. The digits of one group are harder to
    classify.
    """
    split = load(domain, "test")
    x, y = split.batch(sample_indices(len(split.labels), count, generator(0, Stream.TRANSFER_TEST)))
    return add_noise(x, noise, 0, len(split.classes) + 1), y


def shown_samples(domain: Domain, *, noise: float) -> Batch:
    """Return N_SHOWN test images to display, and their labels. The classes alternate.

    The images and their noise are the same in every call.
    """
    split = load(domain, "test")
    order = torch.randperm(len(split.labels), generator=generator(0, Stream.TRANSFER_TEST))
    classes = len(split.classes)
    first = torch.stack([order[split.labels[order] == label][: N_SHOWN // classes] for label in range(classes)])
    x, y = split.batch(first.T.flatten())
    return add_noise(x, noise, 0, classes + 2), y


def add_noise(x: Images, noise: float, seed: int, number: int) -> Images:
    """Add Gaussian noise with standard deviation ``noise`` to images, and clamp the pixel values to 0..1.

    ``seed`` and ``number`` determine the random numbers.
    """
    return gaussian(x, noise, generator(seed, Stream.TRANSFER_NOISE, number)) if noise else x


def random_shift(x: Tensor, max_shift: int, seed: int, step: int) -> Tensor:
    """Shift each image horizontally and vertically by random numbers of pixels, from ``-max_shift`` to ``max_shift``.

    ``seed`` and ``step`` determine the random numbers.
    """
    if not max_shift:
        return x
    down, right = torch.randint(2 * max_shift + 1, (2, len(x)), generator=generator(seed, Stream.TRANSFER_SHIFTS, step))
    return crop(pad(x, [max_shift] * 4), down, right, *x.shape[2:])
