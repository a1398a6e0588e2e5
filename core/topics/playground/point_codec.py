"""Own points as a short text that fits into an address, and back."""

import string
from typing import NamedTuple

import numpy as np

from core.errors import CoreError

AXIS_LIMIT = 6.0
"""The points lie in the square from -EDGE to EDGE."""
MIN_POINTS, MAX_POINTS = 4, 500

_LETTERS = string.ascii_letters + string.digits + "-_"  # which an address needs not to escape
_FIGURES = np.full(128, 64, np.int64)
_FIGURES[[ord(letter) for letter in _LETTERS]] = np.arange(64)


class _Layout(NamedTuple):
    """Points of one kind: letters of 6 bits for each, and steps of a coordinate between its lowest and highest value.

    The steps are even, so that 0 is one of them.
    """

    letters: int
    steps: int
    value_steps: int


# 11 + 11 + 1 and 10 + 10 + 10 bits
_LAYOUTS = {"c": _Layout(4, 2046, 1), "r": _Layout(5, 1022, 1022)}


def pack(xy: np.ndarray, y: np.ndarray, *, regression: bool = False) -> str:
    """Points (N, 2) from -6 to 6 with classes 0 or 1, or for regression values from -1 to 1, (N,), as a text.

    Each is rounded to the nearest of 2,047 places on an axis, of regression 1,023, and 1,023 values. The text has four
    or five letters or figures a point after the first, "c" or "r". Points beyond the square are set to its edge.
    """
    layout = _LAYOUTS["r" if regression else "c"]
    share = np.column_stack(
        [(np.asarray(xy, np.float64) / AXIS_LIMIT + 1) / 2, (np.asarray(y) + regression) / (1 + regression)]
    )
    steps = np.array([layout.steps, layout.steps, layout.value_steps])
    places = np.rint(np.clip(share, 0, 1) * steps).astype(np.int64)
    numbers = (places[:, 0] * (layout.steps + 2) + places[:, 1]) * (layout.value_steps + 1 + regression) + places[:, 2]
    figures = numbers[:, None] >> 6 * np.arange(layout.letters)[::-1] & 63
    return ("r" if regression else "c") + "".join(_LETTERS[figure] for figure in figures.ravel())


def unpack(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The points float32 (N, 2) of a packed text, and their classes or values float32 (N,).

    Raises CoreError "points_damaged" or "points_too_many" (limit).
    """
    layout = _LAYOUTS.get(text[:1])
    if layout is None or (len(text) - 1) % layout.letters or not text.isascii():
        raise CoreError("points_damaged")
    if count(text) > MAX_POINTS:
        raise CoreError("points_too_many", limit=MAX_POINTS)
    figures = _FIGURES[np.frombuffer(text[1:].encode(), np.uint8)].reshape(-1, layout.letters)
    if (figures > 63).any():
        raise CoreError("points_damaged")
    numbers = figures @ (64 ** np.arange(layout.letters)[::-1])
    rest, value = np.divmod(numbers, layout.value_steps + 1 + is_regression(text))
    x, y = np.divmod(rest, layout.steps + 2)
    if max(x.max(initial=0), y.max(initial=0)) > layout.steps or value.max(initial=0) > layout.value_steps:
        raise CoreError("points_damaged")
    xy = (np.column_stack([x, y]) / layout.steps * 2 - 1) * AXIS_LIMIT
    values = value / layout.value_steps
    return xy.astype(np.float32), (2 * values - 1 if is_regression(text) else values).astype(np.float32)


def is_regression(text: str) -> bool:
    """Whether the packed points have values, not classes."""
    return text.startswith("r")


def count(text: str) -> int:
    """How many points are packed."""
    return (len(text) - 1) // _LAYOUTS["r" if is_regression(text) else "c"].letters if text else 0


def check(text: str) -> None:
    """Whether a network can learn packed points.

    Raises what `unpack` raises, and CoreError "points_too_few" (least), "points_one_class" (also where all values of a
    regression are the same) or "points_one_spot".
    """
    xy, y = unpack(text or "c")
    if len(y) < MIN_POINTS:
        raise CoreError("points_too_few", least=MIN_POINTS)
    if (y == y[0]).all():
        raise CoreError("points_one_class")
    if (xy == xy[0]).all():
        raise CoreError("points_one_spot")
