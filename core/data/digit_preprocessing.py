"""Digits that people draw or photograph, made into pictures as MNIST has them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from core.errors import CoreError

MOST_POINTS = 20_000

_FIELD, _BOX, _CENTRE = 28, 20, 14  # MNIST: side of a picture, longer side of a digit, row and column of its centre
_FINER = 4  # strokes are drawn with so many times the pixels, for soft edges
_SIDE = 400  # photos are made so small
_COARSE, _WINDOW = 64, 25  # their light is known from even smaller ones, each point from those around it
_EDGE = 0.25  # of the strongest ink: fainter ink beyond it is none of the digit's size
_LEAST_CONTRAST = 0.06  # of ink, as a share of the paper's brightness
_DARKEST_PAPER = 25  # of 255; below it, differences are noise


@dataclass(frozen=True)
class Found:
    """The ``digit`` of a picture, float32 (28, 28) as in MNIST.

    ``inverted``: the ink was dark on light. ``as_it_is``: the picture already was one as in MNIST, and kept its pixels.
    """

    digit: np.ndarray
    inverted: bool
    as_it_is: bool


def rasterize(strokes: Sequence[Sequence[Sequence[float]]], *, pen: float, side: int = 280) -> np.ndarray:
    """Ink float32 (side, side), from 0 for paper to 1, of polylines with points (x, y) in 0..1, y downwards.

    ``pen`` is the diameter of the round pen as a share of the side; one point is a dot. Points outside of the field
    move to its edge. Raises CoreError "drawing_damaged" for what is no such list, or has more than `MOST_POINTS`.
    """
    fine = side * _FINER
    sheet = Image.new("L", (fine, fine))
    draw = ImageDraw.Draw(sheet)
    radius = max(1, round((pen * fine - 1) / 2))  # around the middle of a pixel, and so diameters are odd
    for points in _polylines(strokes):
        corners = [tuple(corner) for corner in (points.clip(0, 1) * fine).astype(int).tolist()]
        draw.line(corners, fill=255, width=2 * radius + 1)
        for corner in corners:
            draw.circle(corner, radius, fill=255)
    return np.asarray(sheet.reduce(_FINER), np.float32) / 255


def like_mnist(ink: np.ndarray) -> np.ndarray:
    """The digit that is drawn in ``ink`` (H, W) from 0 to 1, as float32 (28, 28) in the way of MNIST.

    The box around it is scaled to a longer side of 20 pixels, and moved by whole pixels until its centre of mass is
    nearest to row and column 14, counted from 0, where all of MNIST has it; it stays inside of the field. The strongest
    pixel becomes 1. Raises CoreError "no_ink". Source: http://yann.lecun.com/exdb/mnist.
    """
    if not ink.max(initial=0) > 0:
        raise CoreError("no_ink")
    box = Image.fromarray(ink[_box(ink > _EDGE * ink.max())].astype(np.float32))
    scale = _BOX / max(box.size)
    # Means over areas leave as many pixels grey as MNIST has
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(box.resize([max(1, round(length * scale)) for length in box.size], resampling)).clip(0)
    digit = np.zeros((_FIELD, _FIELD), np.float32)
    top, left = (
        int(np.clip(round(_CENTRE - centre), 0, _FIELD - length))
        for centre, length in zip(_centre(small), small.shape, strict=True)
    )
    digit[top : top + small.shape[0], left : left + small.shape[1]] = small / small.max()
    return digit


def find_digit(image: Image.Image) -> Found:
    """The digit in a photo or a drawing of any size, dark on light or light on dark.

    A picture as in MNIST is kept to the last bit, and one that is only dark on light is inverted. Raises CoreError
    "no_ink" for a picture without contrast; where there is no digit, something else is found.
    """
    grey = image.convert("L")
    if grey.size == (_FIELD, _FIELD):
        pixels = np.asarray(grey)
        for inverted, ink in ((False, pixels), (True, 255 - pixels)):
            if _is_like_mnist(ink):
                return Found(ink.astype(np.float32) / 255, inverted, as_it_is=True)
    grey.thumbnail((_SIDE, _SIDE))
    grey = grey.filter(ImageFilter.GaussianBlur(max(grey.size) / _SIDE))  # the noise of a camera
    ink, inverted = _even(grey)
    return Found(like_mnist(_clean(ink)), inverted, as_it_is=False)


def _polylines(strokes: object) -> list[np.ndarray]:
    """Each polyline as numbers (points, 2); what comes from a browser may be anything."""
    try:
        if sum(len(stroke) for stroke in strokes) > MOST_POINTS:
            raise ValueError
        polylines = [np.asarray(stroke) for stroke in strokes if len(stroke)]
    except (TypeError, ValueError):
        raise CoreError("drawing_damaged") from None
    for points in polylines:
        if points.dtype.kind not in "iuf" or points.shape[1:] != (2,) or not np.isfinite(points).all():
            raise CoreError("drawing_damaged")
    return polylines


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the box around what is true."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _centre(ink: np.ndarray) -> tuple[float, float]:
    """Row and column of the centre of mass, counted from 0."""
    rows, columns = np.indices(ink.shape)
    return float((rows * ink).sum() / ink.sum()), float((columns * ink).sum() / ink.sum())


def _is_like_mnist(pixels: np.ndarray) -> bool:
    """Whether a digit (28, 28) has the size and the place that it has in all of MNIST's 70,000 pictures."""
    if not pixels.any():
        return False
    longer = max(part.stop - part.start for part in _box(pixels > 0))
    return longer in (_BOX - 1, _BOX) and all(abs(centre - _CENTRE) < 0.55 for centre in _centre(pixels))


def _even(grey: Image.Image) -> tuple[np.ndarray, bool]:
    """Ink (H, W) from 0 to 1, the share of the light on the paper that it takes; and whether it was dark on light."""
    size = [max(1, round(_COARSE * length / max(grey.size))) for length in grey.size]
    coarse = grey.resize(size, Image.Resampling.BOX)
    # The median keeps slopes of light and edges of shadows, and passes over strokes
    light = coarse.filter(ImageFilter.MedianFilter(_WINDOW))
    # Ink is what there is less of
    inverted = bool(((np.asarray(coarse, np.float64) - np.asarray(light)) ** 3).sum() < 0)
    if not inverted:
        grey, light = ImageOps.invert(grey), ImageOps.invert(light)
    paper = np.asarray(light.resize(grey.size, Image.Resampling.BILINEAR), np.float32).clip(_DARKEST_PAPER)
    return (1 - np.asarray(grey, np.float32) / paper).clip(0, 1), inverted


def _clean(ink: np.ndarray) -> np.ndarray:
    """The main parts of the ink with their soft edges, stretched to 0..1, on empty paper."""
    if np.ptp(ink) < _LEAST_CONTRAST:
        raise CoreError("no_ink")
    mask = ink > _otsu(ink)
    paper, full = np.median(ink[~mask]), np.median(ink[mask])
    if full - paper < _LEAST_CONTRAST:
        raise CoreError("no_ink")
    around = Image.fromarray(_main_parts(mask)).convert("L").filter(ImageFilter.BoxBlur(1 + max(ink.shape) // 50))
    return np.where(np.asarray(around) > 0, ((ink - paper) / (full - paper)).clip(0, 1), 0).astype(np.float32)


def _otsu(values: np.ndarray) -> float:
    """The threshold between the two classes of values in 0..1 whose means lie farthest apart. Source: Otsu, 1979."""
    count, edges = np.histogram(values, 256, (0, 1))
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = count.cumsum()[:-1], (count * middles).cumsum()[:-1]
    above = count.sum() - below
    total = (count * middles).sum()
    between = (sums * (below + above) - total * below) ** 2 / np.maximum(below * above, 1)
    return float(edges[1:-1][between == between.max()].mean())


def _main_parts(mask: np.ndarray) -> np.ndarray:
    """Of the connected parts of a mask the one with most pixels, and all that are not much shorter than it.

    What touches the edge, such as a shadow, is left out if there is something else.
    """
    places = np.argwhere(mask)
    _, part, area = np.unique(_roots(mask), return_inverse=True, return_counts=True)
    first, last = np.full((len(area), 2), max(mask.shape)), np.zeros((len(area), 2), int)
    np.minimum.at(first, part, places)
    np.maximum.at(last, part, places)
    length = (last - first).max(1) + 1
    inside = (first > 0).all(1) & (last < np.array(mask.shape) - 1).all(1)
    if (length[inside] > max(mask.shape) / 8).any():
        area = area * inside
    kept = (area > 0) & (length > length[area.argmax()] / 8)
    main = np.zeros_like(mask)
    main[mask] = kept[part]
    return main


def _roots(mask: np.ndarray) -> np.ndarray:
    """For each true pixel, row by row, the number of the first one that it is connected to, diagonally too."""
    number = np.full(mask.shape, -1)
    number[mask] = np.arange(mask.sum())
    neighbours = (
        np.stack([number[:, 1:], number[:, :-1]]),
        np.stack([number[1:], number[:-1]]),
        np.stack([number[1:, 1:], number[:-1, :-1]]),
        np.stack([number[1:, :-1], number[:-1, 1:]]),
    )
    pairs = np.concatenate([pair[:, (pair >= 0).all(0)] for pair in neighbours], axis=1)
    root = np.arange(mask.sum())
    while ((ends := root[pairs])[0] != ends[1]).any():
        np.minimum.at(root, ends.max(0), ends.min(0))
        while (root != root[root]).any():
            root = root[root]
    return root
