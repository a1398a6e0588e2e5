"""Encode points as a short text for the URL of a page, and decode this text."""

import string
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Num, Shaped

from core.errors import CoreError

AXIS_LIMIT = 6.0
"""The coordinates of all points lie between -AXIS_LIMIT and AXIS_LIMIT."""
MIN_POINTS, MAX_POINTS = 4, 500

_ALPHABET = string.ascii_letters + string.digits + "-_"  # 64 characters that need no escaping in a URL
_SEXTETS = np.full(128, 64, np.int64)  # character code -> its 6 bits; 64 for a character outside the alphabet
_SEXTETS[[ord(character) for character in _ALPHABET]] = np.arange(64)


class _Layout(NamedTuple):
    """An encoding of points: the number of characters (6 bits each) per point, and the numbers of quantization steps.

    The number of steps of a coordinate is even, so that 0 is a quantized value.
    """

    characters: int
    steps: int
    value_steps: int


# Bits for x, y, and the class or value: 11 + 11 + 1 and 10 + 10 + 10
_LAYOUTS = {"c": _Layout(4, 2046, 1), "r": _Layout(5, 1022, 1022)}


def pack(xy: Num[np.ndarray, "points 2"], y: Shaped[np.ndarray, " points"], *, regression: bool = False) -> str:
    """Encode points ``xy`` (N, 2) and their classes or values ``y`` (N,) as a string.

    Coordinates are clipped to the range from -6 to 6.

    - Classification: ``y`` contains the classes 0 and 1. Coordinates are quantized to 2,047 levels. The string is "c",
      followed by four characters per point.
    - Regression: ``y`` contains values, which are clipped to the range from -1 to 1. Coordinates and values are
      quantized to 1,023 levels. The string is "r", followed by five characters per point.
    """
    layout = _LAYOUTS["r" if regression else "c"]
    share = np.column_stack(
        [(np.asarray(xy, np.float64) / AXIS_LIMIT + 1) / 2, (np.asarray(y) + regression) / (1 + regression)]
    )
    steps = np.array([layout.steps, layout.steps, layout.value_steps])
    quantized = np.rint(np.clip(share, 0, 1) * steps).astype(np.int64)
    x_step, y_step, value_step = quantized.T
    numbers = (x_step * (layout.steps + 2) + y_step) * (layout.value_steps + 1 + regression) + value_step
    sextets = numbers[:, None] >> 6 * np.arange(layout.characters)[::-1] & 63
    return ("r" if regression else "c") + "".join(_ALPHABET[sextet] for sextet in sextets.ravel())


def unpack(text: str) -> tuple[Float32[np.ndarray, "points 2"], Float32[np.ndarray, " points"]]:
    """Decode a string from `pack`. Return float32 points (N, 2) and their float32 classes or values (N,).

    Raises CoreError "points_damaged" or "points_too_many" (with ``limit``).
    """
    layout = _LAYOUTS.get(text[:1])
    if layout is None or (len(text) - 1) % layout.characters or not text.isascii():
        raise CoreError("points_damaged")
    if count(text) > MAX_POINTS:
        raise CoreError("points_too_many", limit=MAX_POINTS)
    sextets = _SEXTETS[np.frombuffer(text[1:].encode(), np.uint8)].reshape(-1, layout.characters)
    if (sextets > 63).any():
        raise CoreError("points_damaged")
    numbers = sextets @ (64 ** np.arange(layout.characters)[::-1])
    rest, value = np.divmod(numbers, layout.value_steps + 1 + is_regression(text))
    x, y = np.divmod(rest, layout.steps + 2)
    if max(x.max(initial=0), y.max(initial=0)) > layout.steps or value.max(initial=0) > layout.value_steps:
        raise CoreError("points_damaged")
    xy = (np.column_stack([x, y]) / layout.steps * 2 - 1) * AXIS_LIMIT
    values = value / layout.value_steps
    return xy.astype(np.float32), (2 * values - 1 if is_regression(text) else values).astype(np.float32)


def is_regression(text: str) -> bool:
    """Return whether the points in a string from `pack` have values instead of classes."""
    return text.startswith("r")


def count(text: str) -> int:
    """Return the number of points in a string from `pack`, or 0 for an empty string."""
    return (len(text) - 1) // _LAYOUTS["r" if is_regression(text) else "c"].characters if text else 0


def check_trainable(text: str) -> None:
    """Check that a network can be trained on the points in a string from `pack`.

    Raises the same errors as `unpack`, and CoreError "points_too_few" (with ``least``), "points_one_class" (if all
    classes or all values are equal), or "points_one_spot" (if all points coincide).
    """
    xy, y = unpack(text or "c")
    if len(y) < MIN_POINTS:
        raise CoreError("points_too_few", least=MIN_POINTS)
    if (y == y[0]).all():
        raise CoreError("points_one_class")
    if (xy == xy[0]).all():
        raise CoreError("points_one_spot")
