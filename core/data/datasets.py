"""Bundled datasets, read from gzip files into uint8 tensors once per process."""

import gzip
import math
import warnings
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn.functional import interpolate, pad

from core.errors import CoreError
from core.paths import DATA
from core.translatable import N_

_DIGITS = tuple("0123456789")
_CLOTHES = (
    N_("T-shirt/top"),
    N_("Trouser"),
    N_("Pullover"),
    N_("Dress"),
    N_("Coat"),
    N_("Sandal"),
    N_("Shirt"),
    N_("Sneaker"),
    N_("Bag"),
    N_("Ankle boot"),
)

DATASETS: dict[str, tuple[dict[str, tuple[str, int]], tuple[str, ...]]] = {
    "mnist": ({"train": ("train", 60_000), "test": ("t10k", 10_000)}, _DIGITS),
    "fashion_mnist": ({"train": ("train10k", 10_000), "test": ("t10k", 10_000)}, _CLOTHES),
}
"""Name -> (split -> (prefix of the file names, number of images), class names)."""


@dataclass(frozen=True)
class Dataset:
    """A dataset of labeled images.

    ``images`` is uint8 (N, 28, 28), ``labels`` is int64 (N,) with values from 0 to 9, and ``classes`` holds the class
    names.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images at ``indices`` with their labels, as a batch of B samples.

        The images are float32 (B, 1, 28, 28) from 0 (black) to 1 (white). The labels are int64 (B,).
        """
        return self.images[indices].unsqueeze(1).float() / 255, self.labels[indices]


@cache
def load(name: str, split: str, *, folder: Path = DATA) -> Dataset:
    """Load the "train" or "test" split of the dataset ``name`` (see `DATASETS`) from the files under ``folder``.

    The result is cached: do not change its tensors. Raises CoreError "data_missing" or "data_damaged" with the
    parameters ``file`` and ``restore`` (a command that restores the file).
    """
    splits, classes = DATASETS[name]
    prefix, count = splits[split]
    images = _read(folder, f"{name}/{prefix}-images-idx3-ubyte.gz", (count, 28, 28))
    labels = _read(folder, f"{name}/{prefix}-labels-idx1-ubyte.gz", (count,))
    return Dataset(images, labels.long(), classes)


@cache
def uci_digits(split: str) -> Dataset:
    """Load the "train" split (1,000 images) or the "test" split (797 images) of scikit-learn's handwritten digits.

    The digits were written by people who did not contribute to MNIST. The original images have 8 x 8 pixels. They are
    upsampled to 20 x 20 pixels, then padded to 28 x 28 pixels.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits  # takes a second to import

    data = load_digits()
    original = torch.from_numpy(data.images).float().unsqueeze(1) / 16
    scaled = pad(interpolate(original, size=(20, 20), mode="bilinear"), (4, 4, 4, 4))[:, 0]
    part = {"train": slice(1_000), "test": slice(1_000, None)}[split]
    return Dataset((255 * scaled).round().to(torch.uint8)[part], torch.from_numpy(data.target).long()[part], _DIGITS)


@cache
def downsampled(name: str, split: str, *, side: int = 14) -> UInt8[Tensor, "images {side}*{side}"]:
    """Return the images of a split, downsampled by block averaging and flattened: uint8 (N, ``side`` * ``side``).

    ``name`` and ``split`` select the images as in `load`. ``side`` must divide 28. Raises the same errors as `load`.
    """
    images = load(name, split).images
    block = images.shape[-1] // side
    if block == 1:
        return images.flatten(1)
    rows = images.unflatten(1, (side, block)).sum(2, dtype=torch.int16)
    sums = rows.unflatten(2, (side, block)).sum(3, dtype=torch.int16)
    return sums.add_(block * block // 2).floor_divide_(block * block).to(torch.uint8).flatten(1)


def _read(folder: Path, file: str, shape: tuple[int, ...]) -> UInt8[Tensor, "*shape"]:
    """Read a gzip-compressed IDX file of unsigned bytes, and return its data as a tensor of the given shape.

    The format is: two zero bytes, the type code 8, the number of dimensions, the size of each dimension (four bytes,
    big-endian), and the data. Source: the MNIST files, http://yann.lecun.com/exdb/mnist.
    """
    problem = {"file": file, "restore": f"git checkout -- data/{file}"}
    try:
        content = gzip.decompress((folder / file).read_bytes())
    except FileNotFoundError:
        raise CoreError("data_missing", **problem) from None
    except (OSError, EOFError, zlib.error):
        raise CoreError("data_damaged", **problem) from None
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    if not content.startswith(header) or len(content) != len(header) + math.prod(shape):
        raise CoreError("data_damaged", **problem)
    with warnings.catch_warnings():
        # The bytes are read-only on purpose: nothing writes to a dataset
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        return torch.frombuffer(content, dtype=torch.uint8, offset=len(header)).reshape(shape)
