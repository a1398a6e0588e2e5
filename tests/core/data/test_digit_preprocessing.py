"""Drawn digits: strokes against distances, everything else against MNIST itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from core.data.digit_preprocessing import MAX_POINTS, center_digit, fill_outline, rasterize, thicken
from core.errors import CoreError
from tests.core.data.digit_images import MNIST, distance, placed, refused, size_and_centre, upscaled


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


def printed(text: str, *, inside: int, edge: int = 7, gap: int = 0) -> np.ndarray:
    """Return printed digits whose inside and edge have the given intensities, in 0..1.

    If ``gap`` is above 0, a gap of this width cuts through one side of the edge.
    """
    sheet = Image.new("L", (500, 500))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(400)
    draw.text((130, 20), text, fill=inside, font=font, stroke_width=edge, stroke_fill=255)
    left, top, _, bottom = sheet.getbbox()
    if gap:
        middle = (top + bottom) // 2
        pixels = np.asarray(sheet)[middle]
        draw.rectangle((left, middle, left + np.argmax(pixels[left:] < 200), middle + gap), fill=inside)
    return np.asarray(sheet, np.float32) / 255


class TestOutlines:
    @pytest.mark.parametrize(
        ("digit", "gap"), [*((digit, 0) for digit in "0123456789"), *((digit, 8) for digit in "123456789")]
    )
    def test_an_outlined_digit_becomes_the_filled_one(self, digit, gap):
        filled = center_digit(printed(digit, inside=255, edge=3))  # up to the middle of the outline
        outlined = printed(digit, inside=0, gap=gap)
        assert distance(center_digit(fill_outline(outlined)), filled) < 0.02
        assert distance(center_digit(outlined), filled) > 0.06

    @pytest.mark.parametrize("digit", "0123456789")
    def test_other_digits_stay(self, digit):
        filled = printed(digit, inside=255, edge=0)
        assert fill_outline(filled) is filled

    def test_the_digits_of_mnist_stay(self):
        for digit in MNIST[:150]:
            ink = upscaled(digit, 10).astype(np.float32)
            assert fill_outline(ink) is ink

    def test_empty_paper_stays_empty(self):
        assert not fill_outline(np.zeros((30, 20), np.float32)).any()


class TestThicken:
    @pytest.mark.parametrize("pen", [0.008, 0.02, 0.04])
    def test_thin_strokes_become_as_wide_as_in_mnist(self, pen):
        """A straight line of known width: 0.6 of the side long, so 20 pixels after centering."""
        line = rasterize([[(0.5, 0.2), (0.5, 0.8)]], pen=pen, side=400)
        widths = center_digit(thicken(line)).sum(1)[8:20]
        assert widths == pytest.approx(np.full(12, 2.2), abs=0.25)

    def test_the_strokes_of_mnist_stay(self):
        thickened = [thicken(upscaled(digit, 10)).shape != (280, 280) for digit in MNIST[:100]]
        assert np.mean(thickened) < 0.2

    def test_empty_paper_stays_empty(self):
        assert not thicken(np.zeros((30, 20), np.float32)).any()
