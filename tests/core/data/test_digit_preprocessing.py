"""Drawn and photographed digits: strokes against distances, everything else against MNIST itself."""

import io
from collections import deque

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.data import datasets, digit_preprocessing
from core.data.digit_preprocessing import (
    MAX_POINTS,
    ExtractedDigit,
    center_digit,
    extract_digit,
    rasterize,
)
from core.data.image_uploads import decode
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


class TestStrokes:
    LINES = ([(0.2, 0.3), (0.8, 0.35), (0.5, 0.9)], [(0.1, 0.1)], [(0.9, 0.1), (0.9, 0.1)], [(0.3, 0.6), (0.3, 0.8)])

    @pytest.mark.parametrize("pen", [0.02, 0.05, 0.08, 0.12])
    def test_ink_is_what_lies_within_half_a_pen_of_the_lines(self, pen):
        side = 280
        middles = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1) + 0.5) / side
        distance = np.full((side, side), np.inf)
        for points in self.LINES:
            for start, end in zip(points, points[1:] or points, strict=False):
                start, along = np.array(start), np.subtract(end, start)
                share = ((middles - start) @ along / max(along @ along, 1e-9)).clip(0, 1)
                distance = np.minimum(distance, np.linalg.norm(middles - start - share[..., None] * along, axis=-1))
        ink = rasterize(self.LINES, pen=pen, side=side)
        assert (ink.shape, ink.dtype) == ((side, side), np.float32)
        assert (ink[distance < pen / 2 - 1.5 / side] == 1).all()
        assert (ink[distance > pen / 2 + 1.5 / side] == 0).all()
        edge = np.abs(distance - pen / 2) < 1 / side
        assert ((ink > 0) & (ink < 1))[edge].mean() > 0.3

    @pytest.mark.parametrize("pen", [0.05, 0.08, 0.2])
    def test_areas_are_those_of_geometry(self, pen):
        dot, line = rasterize([[(0.4, 0.6)]], pen=pen), rasterize([[(0.2, 0.3), (0.8, 0.7)]], pen=pen)
        circle = np.pi * (pen / 2) ** 2
        assert dot.mean() == pytest.approx(circle, rel=0.05)
        assert line.mean() == pytest.approx(circle + pen * np.hypot(0.6, 0.4), rel=0.03)
        _, row, column = size_and_centre(dot)
        assert (row, column) == pytest.approx((0.6 * 280 - 0.5, 0.4 * 280 - 0.5), abs=0.15)

    def test_points_beyond_the_field_move_to_its_edge(self):
        outside, edge = [[(-3, 0.2), (0.5, 7e300), (2, 2)]], [[(0, 0.2), (0.5, 1), (1, 1)]]
        assert np.array_equal(rasterize(outside, pen=0.1), rasterize(edge, pen=0.1))
        assert rasterize([[(1, 1)]], pen=0.1)[-1, -1] == 1

    def test_no_strokes_are_empty_paper_and_the_thinnest_pen_still_draws(self):
        assert not rasterize([], pen=0.1).any()
        assert not rasterize([[]], pen=0.1).any()
        assert rasterize([[(0.5, 0.5)]], pen=0).any()

    @pytest.mark.parametrize(
        "strokes",
        [
            None,
            3,
            "abc",
            {"a": 1},
            [None],
            [3],
            ["abc"],
            [[0.1, 0.2]],
            [[(0.1,)]],
            [[(0.1, 0.2, 0.3)]],
            [[(0.1, 0.2), (0.3,)]],
            [[("0.1", "0.2")]],
            [[(True, False)]],
            [[(0.1, None)]],
            [[(0.1, float("nan"))]],
            [[(0.1, float("-inf"))]],
            [[(0.1, 10**400)]],
            [[[(0.1, 0.2)]]],
            [[{"x": 0.1, "y": 0.2}]],
            [[(0.1, 0.2)], [(0.1j, 0)]],
        ],
    )
    def test_what_is_no_drawing_is_told(self, strokes):
        assert refused(rasterize, strokes, pen=0.1) == "drawing_damaged"

    def test_there_is_a_limit_of_points(self):
        half = [(0.5, 0.5)] * (MAX_POINTS // 2)
        assert rasterize([half, half], pen=0.01).any()
        assert refused(rasterize, [half, half, half[:1]], pen=0.01) == "drawing_damaged"

    json = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=8,
    )

    @given(strokes=json)
    def test_anything_from_a_browser_is_drawn_or_told(self, strokes):
        try:
            ink = rasterize(strokes, pen=0.1, side=16)
        except CoreError as error:
            assert_code(error, "drawing_damaged")
        else:
            assert ink.shape == (16, 16)


def assert_code(error: CoreError, code: str) -> None:
    assert error.code == code


class TestCenterDigit:
    def test_mnist_itself_is_as_the_docstring_says(self):
        """Of the three candidates 13, 13.5, and 14, only 14 is the center of all digits."""
        figures = np.array([size_and_centre(digit) for digit in MNIST])
        assert set(figures[:, 0]) <= {19, 20}
        assert np.abs(figures[:, 1:].mean(0) - 14).max() < 0.01
        assert np.abs(figures[:, 1:] - 14).max() < 0.51

    def test_a_digit_that_was_made_larger_comes_back(self):
        differences = []
        for digit in MNIST[:200]:
            ink = np.kron(placed(digit / 255, top=3, left=9, height=40, width=50), np.ones((10, 10)))
            differences.append(np.abs(center_digit(ink) - digit / digit.max()).max())
        assert np.median(differences) < 1e-5  # scaled if an edge is too faint to count

    def test_drawings_lie_as_mnist_does_and_have_its_greys(self):
        pictures = [center_digit(upscaled(digit, 15) > 0.5) for digit in MNIST[:200]]
        for picture in pictures:
            assert (picture.shape, picture.dtype, picture.max()) == ((28, 28), np.float32, 1)
            longer, row, column = size_and_centre(picture)
            assert longer == 20
            assert abs(row - 14) <= 0.5
            assert abs(column - 14) <= 0.5
        for low, high in ((0, 0), (0.02, 0.5), (0.5, 0.98), (0.98, 1)):
            share, of_mnist = (
                ((low <= values) & (values <= high)).mean() for values in (np.array(pictures), MNIST[:200] / 254)
            )
            assert share == pytest.approx(of_mnist, abs=0.015)

    @pytest.mark.parametrize("turns", range(4))
    def test_ink_stays_inside_of_the_field(self, turns):
        ink = np.zeros((200, 200))
        ink[:, 95:105] = 0.3  # a long faint line that ends in a heavy block
        ink[150:, 70:130] = 1
        picture = center_digit(np.rot90(ink, turns))
        rows, columns = np.nonzero(np.rot90(picture, -turns))
        assert (rows.min(), rows.max()) == (0, 19)
        assert columns.max() - columns.min() + 1 == 6
        assert picture.sum() == pytest.approx(5 * 6 + 0.3 * 15, rel=0.01)

    def test_scale_and_place_do_not_matter(self):
        ink = upscaled(MNIST[0], 8)
        same = [np.pad(ink, ((a, b), (b, a))) for a, b in ((0, 0), (50, 3), (1, 200))]
        assert all(np.array_equal(center_digit(each), center_digit(same[0])) for each in same)
        assert np.abs(center_digit(np.kron(ink, np.ones((3, 3)))) - center_digit(ink)).mean() < 0.005
        np.testing.assert_allclose(center_digit(ink / 7), center_digit(ink), atol=1e-6)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (3, 2), (21, 20)])
    def test_any_shape_of_ink_has_its_longer_side_scaled(self, shape):
        longer, _, _ = size_and_centre(center_digit(np.ones(shape)))
        assert longer == 20

    @pytest.mark.parametrize("ink", [np.zeros((28, 28)), np.zeros((0, 0)), np.full((3, 3), np.nan)])
    def test_no_ink_is_told(self, ink):
        assert refused(center_digit, ink) == "no_ink"


def photo(digit: np.ndarray, *, dark: bool, gradient: float, noise: float, seed: int, scale: int = 10) -> Image.Image:
    """Return an MNIST digit somewhere on a sheet, with uneven light and camera noise."""
    generator = np.random.default_rng(seed)
    top, left = generator.integers(10, 470 - 28 * scale), generator.integers(10, 630 - 28 * scale)
    ink = placed(upscaled(digit, scale), top=top, left=left)
    angle = generator.uniform(0, 2 * np.pi)
    rows, columns = np.indices(ink.shape) / np.array([[[480]], [[640]]]) - 0.5
    light = 1 - gradient * (0.5 + rows * np.sin(angle) + columns * np.cos(angle))
    brightness = 0.9 * light * (1 - 0.6 * ink) if dark else 0.2 * light + 0.6 * ink
    return rgb(brightness + generator.normal(0, noise, ink.shape))


class TestPhotos:
    @pytest.mark.parametrize("dark", [True, False])
    @pytest.mark.parametrize(("gradient", "noise"), [(0, 0), (0.5, 0.03), (0.7, 0.1)])
    def test_a_photo_of_a_digit_becomes_the_digit(self, dark, gradient, noise):
        differences, others = [], []
        for seed, digit in enumerate(MNIST[:24]):
            found = extract_digit(photo(digit, dark=dark, gradient=gradient, noise=noise, seed=seed))
            assert (found.inverted, found.unchanged) == (dark, False)
            longer, row, column = size_and_centre(found.digit)
            assert longer == 20
            assert max(abs(row - 14), abs(column - 14)) <= 0.5
            differences.append(distance(found.digit, digit / 255))
            others.append(distance(found.digit, MNIST[seed + 1] / 255))
        assert np.mean(differences) < 0.03
        assert max(differences) < 0.06
        assert np.mean(others) > 0.1

    def test_ink_is_soft_and_paper_empty(self):
        found = extract_digit(photo(MNIST[0], dark=True, gradient=0.4, noise=0.03, seed=0))
        assert ((found.digit > 0.1) & (found.digit < 0.9)).sum() / (found.digit >= 0.9).sum() > 0.2
        assert (found.digit == 0).mean() > 0.7

    def test_a_half_shadow_is_no_ink(self):
        ink = placed(upscaled(MNIST[0], 10), top=100, left=180)
        for edge in (150, 320, 500):
            shadow = 1 - 0.5 / (1 + np.exp((np.indices(ink.shape)[1] - edge) / 5))
            found = extract_digit(rgb(0.9 * shadow * (1 - 0.6 * ink)))
            assert distance(found.digit, MNIST[0] / 255) < 0.06

    @pytest.mark.parametrize("pen", [0.01, 0.03])
    def test_thin_pens_are_seen(self, pen):
        strokes = [[(0.3, 0.3), (0.6, 0.3), (0.45, 0.7)]]
        ink = rasterize(strokes, pen=pen, side=480)
        found = extract_digit(rgb(0.8 - 0.4 * np.pad(ink, ((0, 0), (80, 80)))))
        assert distance(found.digit, center_digit(ink)) < 0.03

    def test_parts_that_belong_to_the_digit_stay(self):
        five = [[(0.35, 0.2), (0.35, 0.45), (0.55, 0.5), (0.6, 0.65), (0.5, 0.8), (0.33, 0.75)]]
        bar = [[(0.45, 0.2), (0.68, 0.19)]]  # not connected to the rest
        both, without = (rasterize(strokes, pen=0.06) for strokes in (five + bar, five))
        found = extract_digit(rgb(0.9 - 0.7 * both))
        assert distance(found.digit, center_digit(both)) < 0.02
        assert distance(found.digit, center_digit(without)) > 0.05

    def test_specks_and_what_touches_the_edge_are_dropped(self):
        digit = rasterize([[(0.4, 0.3), (0.6, 0.3), (0.5, 0.7)]], pen=0.06)
        dirt = rasterize([[(0.2, 0.2)], [(0.8, 0.85)], [(0, 0.9), (0.3, 1)]], pen=0.02)
        dirt[:, -6:] = 1
        found = extract_digit(rgb(0.9 - 0.7 * np.maximum(digit, dirt)))
        assert distance(found.digit, center_digit(digit)) < 0.02

    def test_what_touches_the_edge_stays_if_there_is_nothing_else(self):
        cut_off, speck = rasterize([[(0.4, 0.3), (0.6, 0.3), (0.5, 1)]], pen=0.06), rasterize([[(0.2, 0.2)]], pen=0.06)
        found = extract_digit(rgb(0.9 - 0.7 * np.maximum(cut_off, speck)))
        assert distance(found.digit, center_digit(cut_off)) < 0.02

    @pytest.mark.parametrize("size", [24, 60, 200])
    @pytest.mark.parametrize("dark", [True, False])
    def test_printed_digits_are_found(self, size, dark):
        for digit in "0123456789":
            sheet = Image.new("L", (2 * size, 2 * size), 0)
            ImageDraw.Draw(sheet).text((size * 0.7, size * 0.4), digit, fill=255, font=ImageFont.load_default(size))
            ink = np.asarray(sheet) / 255
            found = extract_digit(rgb(0.9 - 0.8 * ink if dark else 0.1 + 0.8 * ink))
            assert found.inverted == dark
            assert distance(found.digit, center_digit(ink)) < 0.05

    @pytest.mark.parametrize("size", [(1, 1), (28, 28), (400, 300), (1, 500)])
    @pytest.mark.parametrize("colour", ["black", "white", "teal"])
    def test_an_empty_picture_has_no_ink(self, size, colour):
        assert refused(extract_digit, Image.new("RGB", size, colour)) == "no_ink"

    def test_noise_alone_is_no_ink(self):
        for mean, spread in ((0.02, 0.03), (0.5, 0.03), (0.5, 0.1), (0.95, 0.03)):
            noise = np.random.default_rng(0).normal(mean, spread, (480, 640))
            assert refused(extract_digit, rgb(noise)) == "no_ink"

    @given(values=arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))), repeat=st.integers(1, 12))
    def test_any_picture_gives_a_digit_or_none(self, values, repeat):
        try:
            found = extract_digit(Image.fromarray(np.kron(values, np.ones((repeat, repeat), np.uint8))).convert("RGB"))
        except CoreError as error:
            assert_code(error, "no_ink")
        else:
            assert (found.digit.dtype, found.digit.shape) == (np.float32, (28, 28))
            assert 0 <= found.digit.min() < found.digit.max() == 1


class TestPicturesAsTheyAre:
    def test_every_digit_of_mnist_is_kept_to_the_last_bit(self):
        expected = datasets.load("mnist", "test").batch(slice(None))[0].numpy()[:, 0]
        for digit, same in zip(MNIST[:3000], expected, strict=False):
            image = Image.fromarray(digit)
            assert_kept(extract_digit(image.convert("RGB")), same, inverted=False)
            assert_kept(extract_digit(ImageOps.invert(image).convert("RGB")), same, inverted=True)

    @pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
    def test_so_it_is_after_a_file(self, kind):
        for digit in MNIST[:50]:
            buffer = io.BytesIO()
            Image.fromarray(digit).save(buffer, kind)
            assert_kept(extract_digit(decode(buffer.getvalue()).image), digit.astype(np.float32) / 255, inverted=False)

    @pytest.mark.parametrize("dark", [True, False])
    def test_a_digit_of_another_size_or_place_is_moved(self, dark):
        for digit in MNIST[:20]:
            moved = np.roll(digit, (2, -1), (0, 1)) / 255
            found = extract_digit(rgb(1 - moved if dark else moved))
            assert (found.unchanged, found.inverted) == (False, dark)
            assert distance(found.digit, digit / 255) < 0.06
        small = np.asarray(Image.fromarray(MNIST[0]).resize((14, 14), Image.Resampling.BOX))
        found = extract_digit(rgb(np.pad(small, 7) / 255))
        assert not found.unchanged
        assert size_and_centre(found.digit)[0] == 20


def assert_kept(found: ExtractedDigit, digit: np.ndarray, *, inverted: bool) -> None:
    assert (found.unchanged, found.inverted, found.digit.dtype) == (True, inverted, np.float32)
    assert np.array_equal(found.digit, digit)


def components_by_flood(mask: np.ndarray) -> list[list[tuple[int, int]]]:
    """The pixels of each connected component, by a flood fill with diagonal neighbors."""
    left, components = {tuple(place) for place in np.argwhere(mask).tolist()}, []
    while left:
        component, queue = [], deque([left.pop()])
        while queue:
            row, column = pixel = queue.popleft()
            component.append(pixel)
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= near
            queue.extend(near)
        components.append(component)
    return components


@given(mask=arrays.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)), elements=st.sampled_from([0, 0, 1])))
def test_main_components_are_those_of_a_flood(mask):
    assume(mask.any())
    side, components = max(mask.shape), components_by_flood(mask)
    length = [int(np.ptp(component, axis=0).max()) + 1 for component in components]
    inside = [
        all(0 < row < mask.shape[0] - 1 and 0 < column < mask.shape[1] - 1 for row, column in component)
        for component in components
    ]
    candidates = [number for number in range(len(components)) if inside[number]]
    if not any(length[number] > side / 8 for number in candidates):
        candidates = list(range(len(components)))
    area = max(len(components[number]) for number in candidates)
    expected = []  # for each of the largest, since several may have the same size
    for largest in (number for number in candidates if len(components[number]) == area):
        kept = np.zeros_like(mask)
        for number in candidates:
            if length[number] > length[largest] / 8:
                kept[tuple(np.transpose(components[number]))] = True
        expected.append(kept)
    assert any(np.array_equal(digit_preprocessing._main_components(mask), kept) for kept in expected)
