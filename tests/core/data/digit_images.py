"""MNIST's test digits as photos and drawings, and distances between images of digits."""

import numpy as np
import pytest
from PIL import Image

from core.data import datasets
from core.errors import CoreError

MNIST = datasets.load("mnist", "test").images.numpy()


def refused(function, *arguments, **options) -> str:
    with pytest.raises(CoreError) as caught:
        function(*arguments, **options)
    return caught.value.code


def size_and_centre(picture: np.ndarray) -> tuple[int, float, float]:
    """The longer side of the bounding box of nonblack pixels, and the row and column of the center of mass."""
    rows, columns = np.nonzero(picture)
    weights = picture[rows, columns].astype(np.float64)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    return int(longer), np.average(rows, weights=weights), np.average(columns, weights=weights)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference of images (28, 28) in 0..1, up to a shift of one pixel, since centers are rounded."""
    moves = (np.roll(one, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1))
    return min(float(np.abs(moved - other).mean()) for moved in moves)


def rgb(brightness: np.ndarray) -> Image.Image:
    """Return a photo from brightness values in 0..1."""
    return Image.fromarray((255 * brightness).clip(0, 255).round().astype(np.uint8)).convert("RGB")


def upscaled(digit: np.ndarray, scale: int) -> np.ndarray:
    """Return an MNIST digit as it may have looked before downscaling, in 0..1."""
    large = Image.fromarray(digit.astype(np.float32)).resize((28 * scale, 28 * scale), Image.Resampling.LANCZOS)
    return np.asarray(large).clip(0, 255) / 255


def placed(ink: np.ndarray, *, top: int, left: int, height: int = 480, width: int = 640) -> np.ndarray:
    canvas = np.zeros((height, width))
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return canvas
