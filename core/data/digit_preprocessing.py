"""Digit preprocessing: find the digit in a drawing or a photo, scale it, and center it as in MNIST."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Num, Shaped, UInt8
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops_table

from core.errors import CoreError

MAX_POINTS = 20_000

_SIDE, _BOX_SIDE, _CENTRE = 28, 20, 14  # MNIST: side of an image, longer side of a digit, row and column of its center
_SUPERSAMPLING = 4  # for the soft edges of strokes
_PHOTO_SIDE = 400  # longer side of a photo during the search
_LIGHT_SIDE, _LIGHT_WINDOW = 64, 25  # longer side and median window of the illumination estimate
_MIN_EDGE = 0.25  # fraction of the highest intensity: fainter pixels are outside the bounding box
_MIN_CONTRAST = 0.06  # minimum contrast of the strokes, relative to the brightness of the paper
_MIN_PAPER = 25  # minimum brightness of the paper (white is 255): on darker paper, differences are noise


@dataclass(frozen=True)
class ExtractedDigit:
    """A ``digit`` in MNIST's format: float32 (28, 28) from 0 (background) to 1 (strokes).

    ``inverted`` is true if the original was dark on light. ``unchanged`` is true if the original was already in MNIST's
    format; it was then neither scaled nor moved.
    """

    digit: np.ndarray
    inverted: bool
    unchanged: bool


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
    quarter of the highest intensity. The digit is scaled so that the longer side of the box is 20 pixels long. It is
    then moved by whole pixels so that its center of mass is at row and column 14, counted from 0, or as close as the
    image allows. The highest intensity becomes 1. Raises CoreError "no_ink" if no pixel is above 0.
    Source: http://yann.lecun.com/exdb/mnist.
    """
    if not ink.max(initial=0) > 0:
        raise CoreError("no_ink")
    box = Image.fromarray(ink[_bounding_box(ink > _MIN_EDGE * ink.max())].astype(np.float32))
    scale = _BOX_SIDE / max(box.size)
    # Area averages leave as many gray pixels as in MNIST
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.asarray(box.resize([max(1, round(length * scale)) for length in box.size], resampling)).clip(0)
    digit = np.zeros((_SIDE, _SIDE), np.float32)
    top, left = (
        int(np.clip(round(_CENTRE - centre), 0, _SIDE - length))
        for centre, length in zip(_center_of_mass(scaled), scaled.shape, strict=True)
    )
    digit[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled / scaled.max()
    return digit


def extract_digit(image: Image.Image) -> ExtractedDigit:
    """Extract the digit from a photo or drawing of any size, then scale and center it.

    The digit may be dark on light or light on dark. An image that is already in MNIST's format keeps its pixels; if it
    is dark on light, it is only inverted. If the image shows no digit, its largest dark or light shape is used. Raises
    CoreError "no_ink" if the image has no contrast.
    """
    grey = image.convert("L")
    if grey.size == (_SIDE, _SIDE):
        pixels = np.asarray(grey)
        for inverted, ink in ((False, pixels), (True, 255 - pixels)):
            if _is_like_mnist(ink):
                return ExtractedDigit(ink.astype(np.float32) / 255, inverted, unchanged=True)
    grey.thumbnail((_PHOTO_SIDE, _PHOTO_SIDE))
    grey = grey.filter(ImageFilter.GaussianBlur(max(grey.size) / _PHOTO_SIDE))  # removes camera noise
    ink, inverted = _normalise_light(grey)
    return ExtractedDigit(center_digit(_remove_background(ink)), inverted, unchanged=False)


def _polylines(strokes: Any) -> list[np.ndarray]:
    """Return each polyline as an array (points, 2). The input comes from a browser and is not trusted."""
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


def _bounding_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of the smallest box that contains all true pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _center_of_mass(ink: Num[np.ndarray, "height width"]) -> tuple[float, float]:
    """Return the row and column of the center of mass, counted from 0."""
    rows, columns = np.indices(ink.shape)
    return float((rows * ink).sum() / ink.sum()), float((columns * ink).sum() / ink.sum())


def _is_like_mnist(pixels: UInt8[np.ndarray, "28 28"]) -> bool:
    """Return whether a digit has the size and position of the digits in all 70,000 images of MNIST."""
    if not pixels.any():
        return False
    longer = max(side.stop - side.start for side in _bounding_box(pixels > 0))
    centred = all(abs(centre - _CENTRE) < 0.55 for centre in _center_of_mass(pixels))
    return centred and longer in (_BOX_SIDE - 1, _BOX_SIDE)


def _normalise_light(grey: Image.Image) -> tuple[Float32[np.ndarray, "height width"], bool]:
    """Return the strokes' intensities in 0..1 (fractions of the local light they absorb), and whether they are dark."""
    size = [max(1, round(_LIGHT_SIDE * length / max(grey.size))) for length in grey.size]
    coarse = grey.resize(size, Image.Resampling.BOX)
    # The median keeps brightness gradients and shadow edges, and removes strokes
    light = coarse.filter(ImageFilter.MedianFilter(_LIGHT_WINDOW))
    # Strokes cover less area than paper
    inverted = bool(((np.asarray(coarse, np.float64) - np.asarray(light)) ** 3).sum() < 0)
    if not inverted:
        grey, light = ImageOps.invert(grey), ImageOps.invert(light)
    paper = np.asarray(light.resize(grey.size, Image.Resampling.BILINEAR), np.float32).clip(_MIN_PAPER)
    return (1 - np.asarray(grey, np.float32) / paper).clip(0, 1), inverted


def _remove_background(ink: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "height width"]:
    """Return the main components of the strokes, with soft edges and stretched to 0..1; all other pixels are 0.

    Raises CoreError "no_ink".
    """
    if np.ptp(ink) < _MIN_CONTRAST:
        raise CoreError("no_ink")
    counts, edges = np.histogram(ink, 256, (0, 1))
    mask = ink > threshold_otsu(hist=(counts, edges[1:]))  # upper edges: a bin is below the threshold as a whole
    paper, full = np.median(ink[~mask]), np.median(ink[mask])
    if full - paper < _MIN_CONTRAST:
        raise CoreError("no_ink")
    edge_width = 1 + max(ink.shape) // 50
    surroundings = Image.fromarray(_main_components(mask)).convert("L").filter(ImageFilter.BoxBlur(edge_width))
    return np.where(np.asarray(surroundings) > 0, ((ink - paper) / (full - paper)).clip(0, 1), 0).astype(np.float32)


def _main_components(mask: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Return a mask of the largest connected component and of all components that are not much shorter.

    Components that touch the edge, such as shadows, are dropped if a long component remains.
    """
    labels = label(mask, connectivity=2)
    regions = regionprops_table(labels, properties=("bbox", "num_pixels"))
    first = np.stack([regions["bbox-0"], regions["bbox-1"]], axis=1)
    stop = np.stack([regions["bbox-2"], regions["bbox-3"]], axis=1)
    length, area = (stop - first).max(axis=1), regions["num_pixels"]
    inside = (first > 0).all(axis=1) & (stop < mask.shape).all(axis=1)
    if (length[inside] > max(mask.shape) / 8).any():
        area = area * inside
    kept = (area > 0) & (length > length[area.argmax()] / 8)
    return np.append(False, kept)[labels]  # label 0 is the background
