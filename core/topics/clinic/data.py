"""The data of the programs, and placeholders for their settings."""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate
from torch.utils.data import TensorDataset

from core.data import datasets
from core.data.digit_preprocessing import SIDE, center_digit
from core.topics.clinic.config import ClinicConfig
from core.training.rng import Stream, generator, seeded
from core.training.timing import threads

LEARNING_RATE, EPOCHS = 0.1, 10
"""Placeholders in the programs. The settings of a run replace them."""

N_DIGITS, N_NEW, N_FOLDER_TEST, N_CROWD, N_OLD, N_PHOTOS = 2_000, 500, 100, 500, 500, 100
"""Numbers of samples: digits, new digits, test digits of the folders, and so on."""
RANDOM_LABELS = 0.3
"""Fraction of the labels in `load_crowd_labels` that are random."""
PHOTO_SIDE = 64
"""Side length of the photos in pixels."""
_PRETRAINING_UPDATES, _PRETRAINING_BATCH = 120, 64

Samples = tuple[Tensor, Tensor]
"""Inputs and targets."""


def load_digits(config: ClinicConfig | None = None) -> Samples:
    """Return 2,000 handwritten digits, uint8 (2000, 28, 28), and their labels, int64 (2000,), in random order."""
    return _digits(config, 0, N_DIGITS)


def load_new_digits(config: ClinicConfig | None = None) -> Samples:
    """Return 500 other digits, uint8 (500, 28, 28), and their labels."""
    return _digits(config, N_DIGITS, N_DIGITS + N_NEW)


def load_folders(split: str, config: ClinicConfig | None = None) -> Samples:
    """Return digits that are sorted by class, as if each class had a folder: float32 (N, 1, 28, 28) from 0 to 1.

    There are 1,000 training digits and 100 test digits.
    """
    images, labels = _digits(config, 0, 1_000) if split == "train" else _digits(config, 1_000, 1_000 + N_FOLDER_TEST)
    order = labels.argsort(stable=True)
    return images[order].unsqueeze(1) / 255, labels[order]


def load_crowd_labels(split: str, config: ClinicConfig | None = None) -> Samples:
    """Return 500 flat digits, float32 (500, 784), and their labels. Of the training labels, 3 of 10 are random."""
    config = config or ClinicConfig()
    images, labels = _digits(config, 0, N_CROWD) if split == "train" else _digits(config, N_CROWD, 2 * N_CROWD)
    if split == "train":
        random = generator(config.seed, Stream.CLINIC_LABELS)
        replaced = torch.rand(len(labels), generator=random) < RANDOM_LABELS
        labels = torch.where(replaced, torch.randint(10, labels.shape, generator=random), labels)
    return images.flatten(1) / 255, labels


def load_clothes(split: str, config: ClinicConfig | None = None) -> Samples:
    """Return images of clothes, float32 (N, 1, 28, 28) from 0 to 1: 1,000 for training or 500 for the test.

    The background is white, as in photos of products.
    """
    config = config or ClinicConfig()
    clothes = datasets.load("fashion_mnist", "train")
    first, last = (0, 1_000) if split == "train" else (1_000, 1_500)
    chosen = torch.randperm(len(clothes.labels), generator=generator(config.seed, Stream.CLINIC_DATA))[first:last]
    return 1 - with_noise(clothes.images[chosen], config).unsqueeze(1) / 255, clothes.labels[chosen]


def load_old_digits(config: ClinicConfig | None = None) -> Samples:
    """Return 500 digits for the pretrained network, float32 (500, 1, 28, 28) from 0 to 1, and their labels."""
    images, labels = _digits(config, 0, N_OLD)
    return images.unsqueeze(1) / 255, labels


def load_pretrained(config: ClinicConfig | None = None) -> tuple[nn.Module, nn.Module]:
    """Return a network with batch norm that is trained on digits, in two parts: the backbone and the head.

    The backbone returns 576 features. Both parts are in evaluation mode.
    """
    with torch.random.fork_rng(devices=()):
        backbone, head = _new_network()
    for part, weights in zip((backbone, head), _pretrained_weights(), strict=True):
        part.load_state_dict(weights)
        part.eval()
    return backbone, head


def load_photos(config: ClinicConfig | None = None) -> Samples:
    """Return photos of handwritten digits, uint8 (100, 64, 64): dark ink on gray paper with a shadow, and their labels.

    The digits are from MNIST's test set: other people wrote them. Their size and position vary.
    """
    config = config or ClinicConfig()
    digits, random = datasets.load("mnist", "test"), generator(config.seed, Stream.CLINIC_DATA)
    chosen = torch.randperm(len(digits.labels), generator=random)[:N_PHOTOS]
    rows = torch.linspace(0, 1, PHOTO_SIDE)
    photos = torch.empty(N_PHOTOS, PHOTO_SIDE, PHOTO_SIDE)
    for photo, index in zip(photos, chosen, strict=True):
        side = int(torch.randint(28, 56, (), generator=random))
        top, left = torch.randint(0, PHOTO_SIDE - side, (2,), generator=random).tolist()
        ink = torch.zeros(PHOTO_SIDE, PHOTO_SIDE)
        digit = digits.images[index][None, None].float() / 255
        ink[top : top + side, left : left + side] = interpolate(digit, (side, side), mode="bilinear")[0, 0]
        paper = 165 + 25 * torch.rand((), generator=random) - 10 * rows[:, None] - 6 * rows
        photo.copy_(paper * (1 - 0.75 * ink) + 2 * torch.randn(ink.shape, generator=random))
    return with_noise(photos.round().clamp(0, 255).to(torch.uint8), config), digits.labels[chosen]


def center(ink: Tensor) -> Tensor:
    """Return a digit as in MNIST, float32 (28, 28) from 0 to 1: scaled to 20 pixels, and centered by its mass.

    ``ink`` (height, width) holds intensities from 0 (background) on. An image without ink becomes black.
    """
    if not ink.max() > 0:
        return torch.zeros(SIDE, SIDE)
    return torch.from_numpy(center_digit((ink / ink.max()).numpy().astype(np.float32)))


def resize(ink: Tensor) -> Tensor:
    """Return an image that is scaled to 28 x 28 pixels and to intensities up to 1: float32 (28, 28)."""
    scaled = interpolate(ink[None, None].float(), (SIDE, SIDE), mode="area")[0, 0]
    return scaled / scaled.max().clamp(min=1)


def load_points(config: ClinicConfig | None = None) -> Samples:
    """Return points of a sine curve in random order: x, float32 (256, 1), and y, float32 (256,).

    Without noise, x ranges from -3 to 3, and y from -2 to 2.
    """
    config = config or ClinicConfig()
    random = generator(config.seed, Stream.CLINIC_DATA)
    x = 6 * torch.rand(256, 1, generator=random) - 3
    noise = torch.randn(256, generator=random)
    return x, 2 * torch.sin(x[:, 0] * math.pi / 2) + config.noise * noise


LOADERS: dict[str, Callable[..., Any]] = {
    "load_digits": load_digits,
    "load_new_digits": load_new_digits,
    "load_folders": load_folders,
    "load_crowd_labels": load_crowd_labels,
    "load_clothes": load_clothes,
    "load_old_digits": load_old_digits,
    "load_pretrained": load_pretrained,
    "load_photos": load_photos,
    "load_points": load_points,
}
"""The functions that load the data of the programs, by name. Their last argument is the settings of the run."""
TRAINING_DATA = ("load_digits", "load_folders", "load_crowd_labels", "load_clothes", "load_points")
"""The functions that load training data."""


def with_noise(images: Tensor, config: ClinicConfig) -> Tensor:
    """Add Gaussian noise to uint8 images. `ClinicConfig.noise` is its standard deviation, relative to the range."""
    if not config.noise:
        return images
    noise = torch.randn(images.shape, generator=generator(config.seed, Stream.CLINIC_NOISE))
    return (images + 255 * config.noise * noise).round().clamp(0, 255).to(torch.uint8)


def _digits(config: ClinicConfig | None, first: int, last: int) -> Samples:
    """Return the digits from number ``first`` to number ``last`` - 1 of a random order."""
    config = config or ClinicConfig()
    mnist = datasets.load("mnist", "train")
    chosen = torch.randperm(len(mnist.labels), generator=generator(config.seed, Stream.CLINIC_DATA))[first:last]
    return with_noise(mnist.images[chosen], config), mnist.labels[chosen]


def _new_network() -> tuple[nn.Module, nn.Module]:
    """Return an untrained backbone with batch norm, and its head."""
    backbone = nn.Sequential(
        *(nn.Conv2d(1, 8, kernel_size=3, stride=2), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 16, kernel_size=3, stride=2), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten()),
    )
    return backbone, nn.Linear(16 * 6 * 6, 10)


@cache
def _pretrained_weights() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Train the network on the first digits of MNIST's test set, and return the weights of its parts.

    Uses one thread, because the weights are cached and the number of threads would change them slightly.
    """
    digits = datasets.load("mnist", "test")
    with threads(1), seeded(0, Stream.CLINIC_PRETRAINING), torch.enable_grad():
        backbone, head = _new_network()
        optimizer = torch.optim.SGD([*backbone.parameters(), *head.parameters()], lr=0.2)
        for _update in range(_PRETRAINING_UPDATES):
            images, labels = digits.batch(torch.randint(len(digits.labels), (_PRETRAINING_BATCH,)))
            optimizer.zero_grad()
            cross_entropy(head(backbone(images)), labels).backward()
            optimizer.step()
    return backbone.state_dict(), head.state_dict()


class Batches:
    """The batches of a program, with random numbers of its own. The arguments are those of PyTorch's data loader.

    So the batches of two programs are equal even if one of them draws more random numbers, for example for dropout.
    """

    def __init__(self, dataset: TensorDataset, batch_size: int, shuffle: bool = False, *, seed: int):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self._random = generator(seed, Stream.BATCHES)

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield the batches of one epoch."""
        count = len(self.dataset)
        order = torch.randperm(count, generator=self._random) if self.shuffle else torch.arange(count)
        for indices in order.split(self.batch_size):
            yield self.dataset[indices]


class OneBatch(Batches):
    """The first batch, again and again."""

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield the first batch as often as there are batches."""
        if not hasattr(self, "_batch"):
            self._batch = next(super().__iter__())
        for _ in range(len(self)):
            yield self._batch
