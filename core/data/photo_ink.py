"""The ink on a photo: what is darker, or lighter, than its immediate background, without ruling and graph lines."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import grey_closing, map_coordinates, maximum_filter1d, uniform_filter
from skimage.transform import hough_line, hough_line_peaks

Plane = Float32[np.ndarray, "height width"]

_WINDOW = 0.25  # of the shorter side: strokes are narrower, and the surfaces that they are on are wider
_DARKEST = 25  # lowest brightness of a background (white is 255): below, differences are noise
_THIN = 9  # pixels: lines of a ruling are narrower
_TURN, _ANGLE = 20, 0.25  # largest rotation of a ruling, and the steps of the search for it, in degrees
_MIN_LINES, _MIN_LENGTH = 4, 0.3  # number of parallel lines of a ruling; their length relative to the longer side
_MAX_LINES = 80  # in each direction
_REACH = 5  # pixels on both sides of a line


@dataclass(frozen=True)
class Ink:
    """The fraction of the local light that ink absorbs, 0..1, in a photo or (``light``) in its negative."""

    amount: Plane
    background: Plane
    noise: float
    """Standard deviation of ``amount`` where there is no ink."""
    light: bool
    n_lines: int = 0
    """Number of lines that were removed."""


def find_ink(grey: Plane, *, light: bool, lines: bool = True) -> Ink:
    """Return the dark ink on a photo of brightness 0..255 (or the light ink), however bright its background is.

    Ink is narrower than a quarter of the photo in at least one direction. The edges of wider surfaces, of shadows and
    of paper, for example, are no ink. With ``lines``, the lines of ruled and graph paper are removed.
    """
    brightness = 255 - grey if light else grey
    size = max(9, round(_WINDOW * min(grey.shape)))
    border = size // 2 + 1  # a desk at the border of the photo is a wide surface, too
    padded = np.pad(brightness, border, mode="edge")
    closed = grey_closing(padded, size=(size, size), mode="nearest")[border:-border, border:-border]
    background = closed.clip(_DARKEST, None)
    amount = (1 - brightness / background).clip(0, 1)
    amount, noise = _without_bias(amount, size)
    if not lines:
        return Ink(amount, background, noise, light)
    count = 0
    for turned in (False, True):
        plane = amount.T if turned else amount
        for line in _ruling(plane, noise):
            _erase(plane, line, noise)
            count += 1
    return Ink(amount, background, noise, light, count)


def _without_bias(amount: Plane, size: int) -> tuple[Plane, float]:
    """Subtract the mean of the pixels without ink, since the background follows the lightest pixels of the noise."""
    amount = amount.astype(np.float32)
    empty = amount < np.median(amount) + 3 * _spread(amount) + 0.02
    weight = uniform_filter(empty.astype(np.float32), size)
    mean = uniform_filter(np.where(empty, amount, 0), size) / weight.clip(1e-3, None)
    without = (amount - np.where(weight > 0.05, mean, 0)).astype(np.float32)
    return without.clip(0, None), _spread(without)


def _spread(values: np.ndarray) -> float:
    """Return the standard deviation of the noise in ``values``, which outliers do not change."""
    some = values[::3, ::3]
    return float(1.4826 * np.median(np.abs(some - np.median(some))))


def _ruling(amount: Plane, noise: float) -> Iterator[np.ndarray]:
    """Yield each nearly horizontal line of a ruling as the rows of its center, one for each column."""
    thin = amount - np.minimum(-grey_closing(-amount, size=(_THIN, 1)), amount)
    mask = thin > max(0.03, 3 * noise)
    angles = np.radians(np.arange(90 - _TURN, 90 + _TURN, _ANGLE))
    votes, angles, distances = hough_line(mask, angles)
    least = _MIN_LENGTH * max(amount.shape)
    _counts, slopes, offsets = hough_line_peaks(
        votes, angles, distances, min_distance=6, min_angle=8, threshold=least, num_peaks=_MAX_LINES
    )
    places = np.sort(offsets)  # both edges of a thick line, or lines that nearly coincide, count once
    if len(places) == 0 or 1 + (np.diff(places) > 10).sum() < _MIN_LINES:
        return
    usual = np.median(slopes)
    columns = np.arange(amount.shape[1])
    for slope, offset in zip(slopes, offsets, strict=True):
        if abs(slope - usual) > np.radians(6):
            continue
        rows = (offset - columns * np.cos(slope)) / np.sin(slope)
        yield _refined(thin, rows)


def _refined(thin: Plane, rows: np.ndarray) -> np.ndarray:
    """Return the rows of a line, moved to the center of its pixels."""
    columns = np.arange(len(rows))
    offsets = np.arange(-_REACH, _REACH + 1)
    around = rows + offsets[:, None]
    values = map_coordinates(thin, (around, np.broadcast_to(columns, around.shape)), order=1)
    values = values.clip(0, 2 * max(1e-3, float(np.median(values.max(0)))))
    weight = values.sum(0)
    used = weight > 0.5 * np.median(weight)
    if used.sum() < 20:
        return rows
    shift = (values * offsets[:, None]).sum(0) / weight.clip(1e-6, None)
    curve = np.polynomial.Polynomial.fit(columns[used], shift[used], 2)
    return rows + curve(columns)


def _erase(amount: Plane, rows: np.ndarray, noise: float) -> None:
    """Remove a line from the ink, except where ink crosses it."""
    height, width = amount.shape
    columns = np.arange(width)
    first = np.floor(rows).astype(int)
    offsets = np.arange(-_REACH, _REACH + 2)
    at = first + offsets[:, None]
    inside = (at >= 0) & (at < height)
    values = amount[at.clip(0, height - 1), columns]
    profile = np.broadcast_to(np.median(values, axis=1, keepdims=True), values.shape)
    line = profile > max(0.02, 2 * noise)
    if not line.any():
        return
    kept = np.where(line & (values < 1.4 * profile + 3 * noise), 0, values)
    # Ink on both sides of the line goes on across it
    top, bottom = np.argmax(line, 0), len(offsets) - 1 - np.argmax(line[::-1], 0)
    above = values[(top - 1).clip(0), columns]
    below = values[(bottom + 1).clip(None, len(offsets) - 1), columns]
    across = np.minimum(maximum_filter1d(above, 5), maximum_filter1d(below, 5))  # strokes may be slanted
    kept = np.where(line, np.maximum(kept, np.where(line.any(0), across, 0)), values)
    amount[at[inside], np.broadcast_to(columns, at.shape)[inside]] = kept[inside]
