"""Find the connected pieces of ink in a photo, and select those that can be digits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Bool
from scipy.ndimage import binary_erosion, binary_fill_holes, distance_transform_edt, minimum_filter
from skimage.measure import label, regionprops

from core.data.photo_ink import Ink, Plane

Mask = Bool[np.ndarray, "rows columns"]

_MIN_LENGTH = 6  # pixels
_MAX_COMPONENTS = 200  # more pieces than this are a texture
_REACH = 5  # distance from the outline, in pixels, at which its contrast is measured
_MIN_SUPPORT = 0.75  # least fraction of the outline of ink that has contrast
_MAX_TEXTURE = 0.6  # largest amount of ink around a component, relative to its own
_MIN_RECTANGULARITY = 0.88  # of a box in perspective; an ellipse has 0.79
# Least rectangularity of an empty box, and largest area of its lines, relative to the area of the box
_MIN_EMPTY, _MAX_LINE = 0.95, 0.12
_CUT_OFF = 8  # least weight of a digit that is cut off by the edge of the photo, relative to that of dirt
_PART = 0.2  # a component shorter than this, relative to another one, is ignored inside or next to it


@dataclass(frozen=True, eq=False)
class Component:
    """A connected piece of ink in a photo.

    ``mask`` marks the pixels of the component inside its bounding box. ``top`` and ``left`` are the first row and the
    first column of the bounding box. ``ink`` is the dark ink of the photo if the component is dark, and the light ink
    of the photo if the component is light.
    """

    mask: Mask
    top: int
    left: int
    ink: Ink = field(repr=False)

    @property
    def bottom(self) -> int:
        """The first row below the bounding box."""
        return self.top + self.mask.shape[0]

    @property
    def right(self) -> int:
        """The first column to the right of the bounding box."""
        return self.left + self.mask.shape[1]

    @property
    def length(self) -> int:
        """The longer side of the bounding box."""
        return max(self.mask.shape)

    @property
    def light(self) -> bool:
        """Whether the ink is lighter than its background."""
        return self.ink.light

    @cached_property
    def level(self) -> float:
        """The median amount of ink in the pixels of the component, from 0 to 1."""
        return self._median(self.ink.amount)

    @property
    def background(self) -> float:
        """The median of `Ink.background` in the pixels of the component, from 0 to 255."""
        return self._median(self.ink.background)

    @property
    def weight(self) -> float:
        """A score that is high for digits: `level` squared, times the height of the bounding box in pixels."""
        return self.level**2 * self.mask.shape[0]

    @cached_property
    def filled(self) -> Mask:
        """The mask with its holes filled."""
        return binary_fill_holes(self.mask)

    @property
    def is_solid(self) -> bool:
        """Whether the component is a filled area rather than an outline."""
        return bool(self.mask.sum() > 0.6 * self.filled.sum())

    @property
    def at_edge(self) -> bool:
        """Whether the component touches the edge of the photo."""
        height, width = self.ink.amount.shape
        return self.top == 0 or self.left == 0 or self.bottom == height or self.right == width

    @cached_property
    def rectangularity(self) -> float:
        """The area of `filled`, divided by the area of the minimum bounding rectangle, which may be rotated."""
        outline = np.argwhere(self.filled & ~binary_erosion(self.filled)).astype(float)
        angles = np.radians(np.arange(0, 90, 2))
        along, across = (
            np.ptp(outline @ np.stack(axis), axis=0) + 1
            for axis in ((np.cos(angles), np.sin(angles)), (-np.sin(angles), np.cos(angles)))
        )
        return float(self.filled.sum() / (along * across).min())

    def encloses(self, other: "Component") -> bool:
        """Return whether nearly all pixels of ``other`` are inside the outline of this component."""
        filled = _pasted(self.filled, self, other.top, other.left, *other.mask.shape)
        return bool((filled & other.mask).sum() > 0.9 * other.mask.sum())

    def surrounds(self, other: "Component") -> bool:
        """Return whether ``other`` is in the bounding box of this component, and of similar ink."""
        return (
            self.ink is other.ink
            and self.level / 2 < other.level < self.level * 2
            and other.length > _PART * self.length
            and self.top <= other.top
            and self.left <= other.left
            and self.bottom >= other.bottom
            and self.right >= other.right
        )

    def is_near(self, other: "Component", reach: int = _REACH) -> bool:
        """Return whether another component is at most ``reach`` pixels away."""
        top, left = max(self.top, other.top) - reach, max(self.left, other.left) - reach
        height = min(self.bottom, other.bottom) + reach - top
        width = min(self.right, other.right) + reach - left
        if height <= 0 or width <= 0:
            return False
        ours, theirs = (_pasted(each.mask, each, top, left, height, width) for each in (self, other))
        return bool((distance_transform_edt(~ours)[theirs] <= reach).any()) if ours.any() else False

    def support(self, grey: Plane) -> float:
        """Return the fraction of the component's outline along which the brightness changes sharply.

        ``grey`` is the brightness of the photo, 0..255. The fraction is low for a gap between strokes. Such a gap can
        look like ink, but parts of its outline have no contrast.
        """
        rows, columns, outside = self._surroundings
        brightness = (255 - grey if self.light else grey)[rows, columns]
        ring = (outside > _REACH - 1.5) & (outside <= _REACH)
        darkest = minimum_filter(np.where(outside == 0, brightness, 255), 2 * _REACH + 5)
        steps = ((brightness - darkest) / self.ink.background[rows, columns])[ring]
        return float((steps > 0.35 * self.level).mean()) if steps.size else 1.0

    @property
    def texture(self) -> float:
        """The amount of ink around the component, divided by `level`. On textured surfaces, the ratio is high."""
        rows, columns, outside = self._surroundings
        around = self.ink.amount[rows, columns][(outside > _REACH) & (outside < 4 * _REACH)]
        return float(np.percentile(around, 80)) / self.level if around.size else 0.0

    def _median(self, plane: Plane) -> float:
        """Return the median of ``plane`` in the pixels of the component."""
        return float(np.median(plane[self.top : self.bottom, self.left : self.right][self.mask]))

    @cached_property
    def _surroundings(self) -> tuple[slice, slice, np.ndarray]:
        """The rows and columns of a larger box, and the distance of each pixel in it from the filled component."""
        top, left = max(0, self.top - 4 * _REACH), max(0, self.left - 4 * _REACH)
        rows, columns = slice(top, self.bottom + 4 * _REACH), slice(left, self.right + 4 * _REACH)
        filled = _pasted(self.filled, self, top, left, *self.ink.amount[rows, columns].shape)
        return rows, columns, distance_transform_edt(~filled)


def find_components(grey: Plane, inks: Sequence[Ink], *, frames: bool = True) -> list[Component]:
    """Return the connected pieces of ink (components) that can be digits or parts of digits. The list may be empty.

    ``grey`` is the brightness of a photo, 0..255, and ``inks`` are the dark and the light ink in the photo. Textures
    and gaps between strokes are omitted. If ``frames`` is true, printed boxes and tiles are omitted too, but their
    contents are kept. Components that touch the edge of the photo are omitted, unless their `Component.weight`
    is much higher than the weights of the components that do not touch the edge. In that case, all other components are
    omitted. If nothing looks like ink on paper, the most prominent component is returned.
    """
    everything = [component for ink in inks for component in _components(ink)]
    everything = sorted(everything, key=lambda each: -each.level * each.length)[:_MAX_COMPONENTS]
    support = {each: each.support(grey) for each in everything}
    supported = [each for each in everything if support[each] > _MIN_SUPPORT]
    clear = [each for each in supported if each.texture < _MAX_TEXTURE]
    # Ink around a component that a larger one surrounds is that larger one, rather than a texture
    candidates = [each for each in supported if each in clear or any(other.surrounds(each) for other in clear)]
    candidates = [
        each
        for each in candidates
        if not any(
            other.light != each.light
            and not other.at_edge
            and support[other] > support[each] + 0.03
            and other.level > each.level / 2
            and other.length > _PART * each.length
            and other.is_near(each)
            for other in candidates
        )
    ]
    candidates.sort(key=lambda each: -each.filled.sum())
    digits: list[Component] = []
    for number, component in enumerate(candidates):
        is_gap = any(other.light != component.light and other.encloses(component) for other in digits)
        if not component.at_edge and not is_gap and not (frames and _is_frame(component, candidates[number + 1 :])):
            digits.append(component)
    if not candidates:
        return everything[:1]
    cut_off = [each for each in candidates if each.at_edge]
    strongest = max((each.weight for each in digits), default=0.0)
    return [each for each in cut_off if each.weight > _CUT_OFF * strongest] or digits


def _components(ink: Ink) -> Iterator[Component]:
    """Yield the connected pieces of ink, without pixels below half of the 90th percentile of the ink in a piece."""
    for region in regionprops(label(ink.amount > ink.least / 2, connectivity=2), intensity_image=ink.amount):
        if max(region.image.shape) < _MIN_LENGTH:
            continue
        amount = region.image_intensity
        strong = float(np.percentile(amount[region.image], 90))
        if strong < ink.least:
            continue
        for part in regionprops(label(region.image & (amount > strong / 2), connectivity=2)):
            if max(part.image.shape) >= _MIN_LENGTH:
                yield Component(part.image, region.bbox[0] + part.bbox[0], region.bbox[1] + part.bbox[1], ink)


def _is_frame(component: Component, smaller: Sequence[Component]) -> bool:
    """Return whether a component is a rectangle around other ink: a box or a tile.

    A tile is a filled rectangle: light with dark ink on it, or dark with light ink. A rectangle of thin lines is a box,
    even if it is empty.
    """
    if component.rectangularity < _MIN_RECTANGULARITY:
        return False
    if component.rectangularity > _MIN_EMPTY and component.mask.sum() < _MAX_LINE * component.filled.sum():
        return True
    return any(
        (other.light != component.light) == component.is_solid
        and other.length > _PART * component.length
        and component.encloses(other)
        for other in smaller
    )


def _pasted(
    mask: Mask, component: Component, top: int, left: int, height: int, width: int
) -> Bool[np.ndarray, "{height} {width}"]:
    """Return the part of a component's mask that is inside another box."""
    result = np.zeros((height, width), bool)
    row, column = component.top - top, component.left - left
    part = mask[max(0, -row) : max(0, height - row), max(0, -column) : max(0, width - column)]
    row, column = max(0, row), max(0, column)
    result[row : row + part.shape[0], column : column + part.shape[1]] = part
    return result
