"""Find the ink in a photo: strokes that are darker or lighter than the background next to them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import grey_closing, grey_dilation, map_coordinates, uniform_filter
from skimage.transform import hough_line, hough_line_peaks

MIN_CONTRAST = 0.06
"""Smallest difference in brightness that counts as ink, as a fraction of the brightness of the background."""
Plane = Float32[np.ndarray, "height width"]

# Strokes are narrower than one of these fractions of the photo's shorter and longer side; the surfaces under them are
# wider than both
_WINDOWS = (0.25, 0.18)
_DARKEST = 25  # lowest brightness of a background (white is 255): below it, differences are noise
_THIN = 9  # pixels: ruled lines are narrower
_TURN, _ANGLE = 20, 0.25  # largest rotation of ruled lines, and the step of the search for it, in degrees
_MIN_LINES, _MIN_LENGTH = 4, 0.3  # number of parallel ruled lines; their length, relative to the longer side
_MANY_LINES, _MIN_SPAN = 8, 0.85  # fewer lines than this have at least this length, relative to the photo
_MAX_LINES = 80  # in each direction
_REACH = 5  # pixels on each side of a line


@dataclass(frozen=True)
class Ink:
    """The dark or the light ink in a photo.

    ``amount`` (0..1) is the fraction by which each pixel is darker than its background. ``background`` (0..255) is the
    brightness of the background at each pixel. If ``light`` is true, the ink is light, and ``amount`` and
    ``background`` are computed from the negative of the photo.
    """

    amount: Plane
    background: Plane
    noise: float
    """Standard deviation of ``amount`` where there is no ink."""
    light: bool
    n_lines: int = 0
    """Number of lines that were removed."""

    @property
    def least(self) -> float:
        """The smallest amount that counts as ink rather than noise."""
        return max(MIN_CONTRAST, 6 * self.noise)


def find_inks(grey: Plane, *, lines: bool = True) -> tuple[Ink, Ink]:
    """Return the dark and the light ink in a photo. The background may have any brightness.

    ``grey`` is the brightness of the photo, 0..255. Only strokes narrower than 25% of the photo's shorter side or
    18% of its longer side count as ink. The edges of wider surfaces, such as shadows and sheets of paper, do not count.
    If ``lines`` is true, the lines of ruled and graph paper are removed.
    """
    dark, grey = _find_ink(grey, lines=lines)
    light, negative = _find_ink(255 - grey, lines=lines)
    if light.n_lines:  # the gaps between light lines are not dark ink
        dark, _grey = _find_ink(255 - negative, lines=False)
    return dark, Ink(light.amount, light.background, light.noise, True, light.n_lines)


def _find_ink(brightness: Plane, *, lines: bool) -> tuple[Ink, Plane]:
    """Return the dark ink, and the photo without the lines that were removed."""
    size = max(9, round(max(part * side for part, side in zip(_WINDOWS, sorted(brightness.shape), strict=True))))
    border = size // 2 + 1  # a desk at the border of the photo is a wide surface, too
    padded = np.pad(brightness, border, mode="edge")
    closed = grey_closing(padded, size=(size, size), mode="nearest")[border:-border, border:-border]
    background = closed.clip(_DARKEST, None)
    amount, noise = _without_bias((1 - brightness / background).clip(0, 1), size)
    without, count = _without_lines(amount, noise) if lines else (amount, 0)
    return Ink(without, background, noise, False, count), brightness + (amount - without) * background


def _without_bias(amount: Plane, size: int) -> tuple[Plane, float]:
    """Subtract the local mean of the pixels without ink, and also return the standard deviation of the noise.

    The mean is not 0, because the estimated background follows the lightest pixels of the noise.
    """
    amount = amount.astype(np.float32)
    empty = amount < np.median(amount) + 3 * _spread(amount) + 0.02
    weight = uniform_filter(empty.astype(np.float32), size)
    mean = uniform_filter(np.where(empty, amount, 0), size) / weight.clip(1e-3, None)
    without = (amount - np.where(weight > 0.05, mean, 0)).astype(np.float32)
    return without.clip(0, None), _spread(without)


def _spread(values: np.ndarray) -> float:
    """Return an estimate of the standard deviation of the noise in ``values`` that is robust to outliers."""
    some = values[::3, ::3]
    return float(1.4826 * np.median(np.abs(some - np.median(some))))


def _ruling(amount: Plane, noise: float) -> Iterator[np.ndarray]:
    """Yield each nearly horizontal ruled line, as the row of its center in each column."""
    thin = amount - np.minimum(-grey_closing(-amount, size=(_THIN, 1)), amount)
    mask = thin > max(0.03, 3 * noise)
    angles = np.radians(np.arange(90 - _TURN, 90 + _TURN, _ANGLE))
    votes, angles, distances = hough_line(mask, angles)
    least = _MIN_LENGTH * max(amount.shape)
    counts, slopes, offsets = hough_line_peaks(
        votes, angles, distances, min_distance=6, min_angle=8, threshold=least, num_peaks=_MAX_LINES
    )
    places = np.sort(offsets)  # both edges of a thick line, or lines that nearly coincide, count once
    count = 1 + (np.diff(places) > 10).sum() if len(places) else 0
    # A few lines that do not span the photo can be digits: 1111
    if count < _MIN_LINES or (count < _MANY_LINES and np.median(counts) < _MIN_SPAN * amount.shape[1]):
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
    values = _sampled(thin, rows, offsets)
    values = values.clip(0, 2 * max(1e-3, float(np.median(values.max(0)))))
    weight = values.sum(0)
    used = weight > 0.5 * np.median(weight)
    if used.sum() < 20:
        return rows
    shift = (values * offsets[:, None]).sum(0) / weight.clip(1e-6, None)
    curve = np.polynomial.Polynomial.fit(columns[used], shift[used], 2)
    return rows + curve(columns)


def _sampled(plane: Plane, rows: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the values at fixed vertical distances from a line, as an array of shape (offsets, columns)."""
    around = rows + offsets[:, None]
    columns = np.broadcast_to(np.arange(len(rows)), around.shape)
    return map_coordinates(plane, (around, columns), order=1, mode="nearest")


def _without_lines(amount: Plane, noise: float) -> tuple[Plane, int]:
    """Return the ink without ruled lines, and the number of removed lines."""
    result, expected = amount.copy(), np.zeros_like(amount)
    directions = []
    for turned in (False, True):
        plane = amount.T if turned else amount
        lines = [_Line(plane, rows) for rows in _ruling(plane, noise)]
        strongest = np.zeros_like(plane)
        for line in lines:
            strongest[line.place] = np.maximum(strongest[line.place], line.amount)
        expected += strongest.T if turned else strongest  # where two lines cross, their ink adds up
        directions.append((result.T if turned else result, expected.T if turned else expected, lines))
    for plane, total, lines in directions:
        for line in lines:
            line.erase(plane, total[line.place], noise)
    return result, sum(len(lines) for _plane, _total, lines in directions)


class _Line:
    """A nearly horizontal line: the pixels around it, and the amount of its ink there."""

    def __init__(self, plane: Plane, rows: np.ndarray):
        offsets = np.arange(-_REACH, _REACH + 2)
        columns = np.arange(len(rows))
        at = np.floor(rows).astype(int) + offsets[:, None]
        profile = np.median(_sampled(plane, rows, offsets), axis=1)
        self.amount = np.interp(at - rows, offsets, profile)
        self.place = at.clip(0, len(plane) - 1), np.broadcast_to(columns, at.shape)

    def erase(self, plane: Plane, expected: np.ndarray, noise: float) -> None:
        """Remove the line from the amounts of ink in ``plane``, but keep the strokes that cross the line.

        ``expected`` is the amount of ink that all lines contribute to each pixel around this line.
        """
        values, line = plane[self.place], self.amount > max(0.02, 2 * noise)
        # A stroke that covers a part of a pixel darkens it by this part of the difference between stroke and line
        stroke = grey_dilation(values, 5)
        covered = ((values - expected) / (stroke - expected).clip(1e-3, None)).clip(0, 1)
        kept = np.where(values < 1.4 * expected + 3 * noise, 0, covered * stroke)
        plane[self.place] = np.where(line, kept, values)
