"""Digit preprocessing: draw, fill, and thicken the strokes of a digit, and scale and center it as in MNIST."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Num, Shaped, UInt8
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt
from skimage.measure import label, regionprops
from skimage.morphology import skeletonize

from core.errors import CoreError

MAX_POINTS = 20_000

SIDE = 28
"""Side length of MNIST's images, in pixels."""
_BOX_SIDE, _CENTRE = 20, 14  # in MNIST: the longer side of a digit; the row and the column of its center
_MIN_STROKE, _STROKE = 1.7, 2.2  # stroke widths in pixels: strokes thinner than the first are thickened to the second
_OUTLINE_SIDE = 120  # longer side of a digit during the search for its outline, in pixels
_OUTLINE_GAPS = (0, 0.02, 0.04, 0.06)  # gaps in an outline are up to twice as wide, relative to the digit's longer side
_OUTLINE_THRESHOLDS = (0.4, 0.7)  # least intensities of an outline; blurred outlines are narrower at the second
_MAX_SOLIDITY = 0.6  # of the area inside an outline (its size relative to that of its convex hull)
_MIN_INSIDE, _MIN_BESIDE = 0.2, 0.85  # size of this area, and of the ink beside it, both relative to all ink
_SUPERSAMPLING = 4  # for the soft edges of strokes
_MIN_EDGE = 0.25  # fraction of the highest intensity: fainter pixels are outside the bounding box


def rasterize(strokes: Sequence[Sequence[Sequence[float]]], *, pen: float, side: int = 280) -> np.ndarray:
    """Draw strokes in a new image: float32 (``side``, ``side``) from 0 (background) to 1 (strokes).

    Each stroke is a polyline, a sequence of points (x, y) in 0..1; the y-axis points down. A stroke with a single point
    is a dot. Points outside the image are moved to its edge. ``pen`` is the diameter of the round pen, as a fraction of
    the side. Raises CoreError "drawing_damaged" if ``strokes`` is not valid or has more than `MAX_POINTS` points.
    """
    fine_side = side * _SUPERSAMPLING
    sheet = Image.new("L", (fine_side, fine_side))
    draw = ImageDraw.Draw(sheet)
    radius = max(1, round((pen * fine_side - 1) / 2))  # diameters are odd: the center is the middle of a pixel
    for points in _polylines(strokes):
        corners = [tuple(corner) for corner in (points.clip(0, 1) * fine_side).astype(int).tolist()]
        draw.line(corners, fill=255, width=2 * radius + 1)
        for corner in corners:
            draw.circle(corner, radius, fill=255)
    return np.asarray(sheet.reduce(_SUPERSAMPLING), np.float32) / 255


def center_digit(ink: Shaped[np.ndarray, "height width"]) -> Float32[np.ndarray, "28 28"]:
    """Scale a digit, and center it by its center of mass, as in MNIST.

    ``ink`` holds pixel intensities from 0 (background) to 1. The bounding box of the digit contains all pixels above a
    quarter of the highest intensity. The digit is scaled so that the longer side of the box is 20 pixels long. The
    digit is then moved by whole pixels, so that its center of mass is as close as possible to row 14 and column 14,
    counted from 0. The highest intensity becomes 1. Raises CoreError "no_ink" if no pixel is above 0.
    Source: http://yann.lecun.com/exdb/mnist.
    """
    if not ink.max(initial=0) > 0:
        raise CoreError("no_ink")
    box = Image.fromarray(ink[_bounding_box(ink > _MIN_EDGE * ink.max())].astype(np.float32))
    scale = _BOX_SIDE / max(box.size)
    # Area averages leave as many gray pixels as in MNIST
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.asarray(box.resize([max(1, round(length * scale)) for length in box.size], resampling)).clip(0)
    digit = np.zeros((SIDE, SIDE), np.float32)
    top, left = (
        int(np.clip(round(_CENTRE - centre), 0, SIDE - length))
        for centre, length in zip(_center_of_mass(scaled), scaled.shape, strict=True)
    )
    digit[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled / scaled.max()
    return digit


def fill_outline(ink: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "filled_height filled_width"]:
    """Fill the strokes of a digit if only their outlines are drawn. Small gaps in the outlines are closed.

    ``ink`` holds pixel intensities from 0 (background) to 1. A digit counts as outlined if nearly all its ink lies
    around one enclosed area, and if this area is far from convex. Loops are nearly convex: of the first 1,500
    test digits of MNIST, none counts as outlined. The digit is filled up to the middle of its outline, and returned
    with a longer side of about 120 pixels and a margin. Any other digit is returned unchanged.
    """
    mask = ink > 0.5
    if not mask.any():
        return ink
    box = Image.fromarray(ink[_bounding_box(mask)].astype(np.float32))
    scale = _OUTLINE_SIDE / max(box.size)
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.asarray(box.resize([max(1, round(length * scale)) for length in box.size], resampling)).clip(0, 1)
    scaled = np.pad(scaled, round(max(_OUTLINE_GAPS) * _OUTLINE_SIDE) + 2)
    for threshold in _OUTLINE_THRESHOLDS:
        mask = scaled > threshold
        if not mask.any():
            continue
        width = _stroke_width(mask)
        from_ink = distance_transform_edt(~mask)
        for gap in _OUTLINE_GAPS:
            radius = gap * _OUTLINE_SIDE
            enclosed = [area for area in regionprops(label(from_ink > radius, connectivity=1)) if min(area.bbox) > 0]
            for area in enclosed:
                if area.area < _MIN_INSIDE * mask.sum() or area.solidity > _MAX_SOLIDITY:
                    continue
                inside = np.zeros(mask.shape, bool)
                inside[area.slice] = area.image
                from_inside = distance_transform_edt(~inside)
                if mask[from_inside <= radius + 1.6 * width + 1].sum() > _MIN_BESIDE * mask.sum():
                    return (radius + width / 2 + 1 - from_inside).clip(0, 1).astype(np.float32)
    return ink


def thicken(ink: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "thick_height thick_width"]:
    """Thicken the strokes of a digit if they are thinner, relative to the digit, than nearly all strokes in MNIST.

    ``ink`` holds pixel intensities from 0 (background) to 1. If the strokes are thickened, the image is padded first,
    to make room for the thicker strokes. Otherwise, ``ink`` is returned unchanged. In a sample of 1,500 training digits
    of MNIST, the median stroke width is 2.4 pixels, and the 10th percentile is 1.7 pixels.
    """
    mask = ink > 0.5
    if not mask.any():
        return ink
    box = _bounding_box(mask)
    length = max(mask[box].shape)
    width = _stroke_width(mask[box])
    if width * _BOX_SIDE / length >= _MIN_STROKE:
        return ink
    radius = (_STROKE * length / _BOX_SIDE - width) / (2 - 2 * _STROKE / _BOX_SIDE)  # the digit grows as well
    padded = np.pad(ink, int(radius) + 2)
    distance = distance_transform_edt(padded <= 0.5)
    return np.maximum(padded, (radius + 0.5 - distance).clip(0, 1)).astype(np.float32)


def is_like_mnist(pixels: UInt8[np.ndarray, "28 28"]) -> bool:
    """Return whether a digit is scaled and centered as in MNIST.

    ``pixels`` holds intensities from 0 (background) to 255.
    """
    if not pixels.any():
        return False
    longer = max(side.stop - side.start for side in _bounding_box(pixels > 0))
    centred = all(abs(centre - _CENTRE) < 0.55 for centre in _center_of_mass(pixels))
    return centred and longer in (_BOX_SIDE - 1, _BOX_SIDE)


def _polylines(strokes: Any) -> list[np.ndarray]:
    """Return each polyline as an array of shape (points, 2). The input comes from a browser and is not trusted."""
    try:
        if sum(len(stroke) for stroke in strokes) > MAX_POINTS:
            raise ValueError
        polylines = [np.asarray(stroke) for stroke in strokes if len(stroke)]
    except (TypeError, ValueError):
        raise CoreError("drawing_damaged") from None
    for points in polylines:
        if points.dtype.kind not in "iuf" or points.shape[1:] != (2,) or not np.isfinite(points).all():
            raise CoreError("drawing_damaged")
    return polylines


def _stroke_width(mask: np.ndarray) -> float:
    """Return the median width of the strokes, in pixels."""
    inside = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return 2 * float(np.median(inside[skeletonize(mask)]))


def _bounding_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of the smallest box that contains all true pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _center_of_mass(ink: Num[np.ndarray, "height width"]) -> tuple[float, float]:
    """Return the row and column of the center of mass, counted from 0."""
    rows, columns = np.indices(ink.shape)
    return float((rows * ink).sum() / ink.sum()), float((columns * ink).sum() / ink.sum())
