"""Find each digit in a photo, and convert it to MNIST's format."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image
from scipy.ndimage import binary_dilation, gaussian_filter

from core.data.digit_preprocessing import SIDE, center_digit, fill_outline, is_like_mnist, thicken
from core.data.photo_components import Component, find_components
from core.data.photo_ink import Ink, Plane, find_inks
from core.errors import CoreError

MAX_DIGITS = 20

_MIN_SIDE, _MAX_SIDE = 100, 800  # longer side of a photo during the search
_SIMILAR = 0.4  # least height of a digit, relative to the main digit of the photo
_SMALL_PART = 0.55  # a component shorter than this, relative to another one, can be a part of it
_GAP = 0.06  # largest gap between strokes of one digit, relative to the longer one; gaps between digits are larger
_SHADOW = 3  # largest ratio between the brightness of the background of two digits on one sheet
_SPECK = 1 / 8  # a component shorter than this, relative to one next to it, is dirt


@dataclass(frozen=True)
class Steps:
    """The optional steps of `read_photo`. If a field is false, the step is skipped."""

    lines: bool = True
    """Remove the lines of ruled and graph paper."""
    frames: bool = True
    """Remove printed boxes, and the edges of tiles."""
    outlines: bool = True
    """Fill the strokes of digits that are drawn as outlines."""
    thicken: bool = True
    """Thicken strokes that are thinner than nearly all strokes in MNIST."""


@dataclass(frozen=True)
class PhotoDigit:
    """A digit found in a photo.

    ``digit`` is an image in MNIST's format: float32 (28, 28) from 0 (background) to 1 (stroke). ``box`` is the bounding
    box of the digit in the photo: left, top, right, and bottom, in pixels. ``inverted`` is true if the digit is dark on
    a light background in the photo.
    """

    digit: np.ndarray
    box: tuple[float, float, float, float]
    inverted: bool


@dataclass(frozen=True)
class PhotoReading:
    """The digits found in a photo, in reading order. There is at least one digit, and at most MAX_DIGITS.

    ``ink`` is the amount of ink that is as light or as dark as the digits, after the optional removal of lines.
    ``strokes`` is the ink of the digits alone. Both are float32 (height, width) from 0 to 1, for a resized copy of the
    photo. If ``unchanged`` is true, the photo was already in MNIST's format. The digit then has the pixels of the
    photo, inverted if necessary. ``n_found`` is the number of digits before the limit was applied.
    """

    digits: tuple[PhotoDigit, ...]
    ink: np.ndarray
    strokes: np.ndarray
    unchanged: bool = False
    n_found: int = 1


def read_photo(image: Image.Image, steps: Steps | None = None) -> PhotoReading:
    """Find the digits in a photo or drawing of any size, and scale and center each of them.

    The paper may lie on a desk, and the digits may be in boxes or on tiles. Digits may be dark on light or light on
    dark. A photo in MNIST's format is not scaled or centered again, but it is inverted if the digit is dark. If nothing
    in the photo looks like a digit, the most prominent shape is used. At most `MAX_DIGITS` digits are returned.
    ``steps`` selects the optional steps; by default, all of them are used.
    Raises CoreError "no_ink" if the image has no contrast, or "no_digit" if it shows only lines and empty boxes.
    """
    steps = steps or Steps()
    grey = image.convert("L")
    if grey.size == (SIDE, SIDE):
        pixels = np.asarray(grey)
        for inverted, ink in ((False, pixels), (True, 255 - pixels)):
            if is_like_mnist(ink):
                digit = ink.astype(np.float32) / 255
                found = PhotoDigit(digit, (0, 0, SIDE, SIDE), inverted)
                return PhotoReading((found,), digit, digit, unchanged=True)
    scale = float(np.clip(1, _MIN_SIDE / max(grey.size), _MAX_SIDE / max(grey.size)))
    if scale != 1:
        size = [max(1, round(side * scale)) for side in grey.size]
        grey = grey.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)
    # Smoothing removes camera noise
    brightness = gaussian_filter(np.asarray(grey, np.float32), max(grey.size) / _MAX_SIDE)
    inks = find_inks(brightness, lines=steps.lines)
    components = find_components(brightness, inks, frames=steps.frames)
    if not components:
        is_empty = all(ink.n_lines == 0 and ink.amount.max() < ink.least for ink in inks)
        raise CoreError("no_ink" if is_empty else "no_digit")
    digits = [_Parts(parts) for parts in _grouped(components)]
    main = max(digits, key=lambda digit: (not digit.is_wide, digit.level**2 * digit.height))  # as Component.weight
    ordered = _in_reading_order([digit for digit in digits if digit is main or digit.resembles(main)])
    digits = ordered[:MAX_DIGITS]
    strokes = np.max([digit.strokes for digit in digits], axis=0)
    extracted = tuple(digit.extract(scale, steps) for digit in digits)
    return PhotoReading(extracted, main.ink.amount, strokes, n_found=len(ordered))


class _Parts:
    """The components of one digit, longest first."""

    def __init__(self, components: Sequence[Component]):
        self.components = components
        self.ink: Ink = components[0].ink
        self.level = components[0].level
        self.background = components[0].background
        self.top, self.left = min(part.top for part in components), min(part.left for part in components)
        self.bottom, self.right = max(part.bottom for part in components), max(part.right for part in components)
        self.height, self.width = self.bottom - self.top, self.right - self.left
        self.is_wide = self.width > 2 * self.height

    def resembles(self, main: "_Parts") -> bool:
        """Return whether these components can form a digit in the same photo as the digit ``main``.

        Both digits must be dark, or both must be light. The heights of the digits must be similar. The level of this
        digit must be more than half the level of ``main``, and its width must be less than twice its height.
        """
        return (
            self.ink is main.ink
            and self.level > main.level / 2
            and _SIMILAR < self.height / main.height < 1 / _SIMILAR
            and not self.is_wide
            and 1 / _SHADOW < self.background / main.background < _SHADOW
        )

    @cached_property
    def strokes(self) -> Plane:
        """An image of this digit alone, of the same size as `Ink.amount`: from 0 (background) to 1 (stroke)."""
        mask = np.zeros(self.ink.amount.shape, bool)
        for part in self.components:
            mask[part.top : part.bottom, part.left : part.right] |= part.mask
        edge = 2 + max(self.height, self.width) // 50
        rows, columns = (
            slice(max(0, first - edge), last + edge)
            for first, last in ((self.top, self.bottom), (self.left, self.right))
        )
        strokes = np.zeros(mask.shape, np.float32)
        near = binary_dilation(mask[rows, columns], iterations=edge)
        strokes[rows, columns] = np.where(near, (self.ink.amount[rows, columns] / self.level).clip(0, 1), 0)
        return strokes

    def extract(self, scale: float, steps: Steps) -> PhotoDigit:
        """Return the digit in MNIST's format. ``scale`` is the size of the resized photo, relative to the original."""
        strokes = self.strokes
        if steps.outlines:
            strokes = fill_outline(strokes)
        if steps.thicken:
            strokes = thicken(strokes)
        box = (self.left / scale, self.top / scale, self.right / scale, self.bottom / scale)
        return PhotoDigit(center_digit(strokes), box, inverted=not self.ink.light)


def _grouped(components: Sequence[Component]) -> list[list[Component]]:
    """Return the components of each digit."""
    groups: list[list[Component]] = []
    for component in sorted(components, key=lambda each: -each.length):
        for group in groups:
            if any(_belongs(component, other) for other in group):
                group.append(component)
                break
        else:
            groups.append([component])
    return groups


def _belongs(part: Component, other: Component) -> bool:
    """Return whether a component is part of the same digit as another one that is at least as long."""
    if part.ink is not other.ink or part.level < other.level / 2:
        return False
    between_columns = max(part.left, other.left) - min(part.right, other.right)
    between_rows = max(part.top, other.top) - min(part.bottom, other.bottom)
    if part.length < _SMALL_PART * other.length:
        return part.length > _SPECK * other.length and max(between_columns, between_rows) < 0.2 * other.length
    if part.is_near(other, round(_GAP * other.length)):
        return True
    stacked = between_rows > -0.2 * min(part.mask.shape[0], other.mask.shape[0])
    overlapping = between_columns < -0.5 * min(part.mask.shape[1], other.mask.shape[1])
    return between_rows < 0.15 * other.length and (overlapping or (stacked and between_columns < 0.1 * other.length))


def _in_reading_order(digits: Sequence[_Parts]) -> list[_Parts]:
    """Return digits in reading order: lines from top to bottom, and the digits in a line from left to right."""
    lines: list[list[_Parts]] = []
    for digit in sorted(digits, key=lambda each: each.top + each.bottom):
        if lines and digit.top + digit.bottom < 2 * lines[-1][0].bottom:
            lines[-1].append(digit)
        else:
            lines.append([digit])
    return [digit for line in lines for digit in sorted(line, key=lambda each: each.left)]
