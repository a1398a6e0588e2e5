"""Photographed digits, against MNIST itself."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, ImageFont, ImageOps
from scipy.ndimage import label

from core.data import datasets
from core.data.digit_photos import MAX_DIGITS, PhotoDigit, PhotoReading, Steps, read_photo
from core.data.digit_preprocessing import center_digit, rasterize
from core.data.image_uploads import decode
from core.errors import CoreError
from tests.core.data.digit_images import MNIST, distance, placed, refused, rgb, size_and_centre, upscaled


def extract(image: Image.Image, *, thicken: bool = False) -> PhotoDigit:
    """Return the only digit on a photo."""
    (found,) = read_photo(image, Steps(thicken=thicken)).digits
    return found


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
            found = extract(photo(digit, dark=dark, gradient=gradient, noise=noise, seed=seed))
            assert found.inverted == dark
            longer, row, column = size_and_centre(found.digit)
            assert longer == 20
            assert max(abs(row - 14), abs(column - 14)) <= 0.5
            differences.append(distance(found.digit, digit / 255))
            others.append(distance(found.digit, MNIST[seed + 1] / 255))
        assert np.mean(differences) < 0.03
        assert max(differences) < 0.06
        assert np.mean(others) > 0.1

    def test_an_outlined_digit_is_filled_unless_the_step_is_skipped(self):
        sheet, font = Image.new("RGB", (400, 400), (230, 225, 215)), ImageFont.load_default(200)
        ImageDraw.Draw(sheet).text((140, 60), "2", (230, 225, 215), font, stroke_width=4, stroke_fill=(40, 40, 60))
        filled, outlined = (read_photo(sheet, Steps(outlines=outlines)).digits[0].digit for outlines in (True, False))
        assert distance(filled, outlined) > 0.05
        assert label(filled > 0.5)[1] == 1
        assert label(filled < 0.5)[1] == 1  # no enclosed area
        assert label(outlined < 0.5)[1] > 1

    def test_ink_is_soft_and_paper_empty(self):
        found = extract(photo(MNIST[0], dark=True, gradient=0.4, noise=0.03, seed=0))
        assert ((found.digit > 0.1) & (found.digit < 0.9)).sum() / (found.digit >= 0.9).sum() > 0.2
        assert (found.digit == 0).mean() > 0.7

    def test_a_half_shadow_is_no_ink(self):
        ink = placed(upscaled(MNIST[0], 10), top=100, left=180)
        for edge in (150, 320, 500):
            shadow = 1 - 0.5 / (1 + np.exp((np.indices(ink.shape)[1] - edge) / 5))
            found = extract(rgb(0.9 * shadow * (1 - 0.6 * ink)))
            assert distance(found.digit, MNIST[0] / 255) < 0.06

    @pytest.mark.parametrize("pen", [0.01, 0.03])
    def test_thin_pens_are_seen(self, pen):
        strokes = [[(0.3, 0.3), (0.6, 0.3), (0.45, 0.7)]]
        ink = rasterize(strokes, pen=pen, side=480)
        found = extract(rgb(0.8 - 0.4 * np.pad(ink, ((0, 0), (80, 80)))))
        assert distance(found.digit, center_digit(ink)) < 0.03

    def test_parts_that_belong_to_the_digit_stay(self):
        five = [[(0.35, 0.2), (0.35, 0.45), (0.55, 0.5), (0.6, 0.65), (0.5, 0.8), (0.33, 0.75)]]
        bar = [[(0.45, 0.2), (0.68, 0.19)]]  # not connected to the rest
        both, without = (rasterize(strokes, pen=0.06) for strokes in (five + bar, five))
        found = extract(rgb(0.9 - 0.7 * both))
        assert distance(found.digit, center_digit(both)) < 0.02
        assert distance(found.digit, center_digit(without)) > 0.05

    def test_specks_and_what_touches_the_edge_are_dropped(self):
        digit = rasterize([[(0.4, 0.3), (0.6, 0.3), (0.5, 0.7)]], pen=0.06)
        dirt = rasterize([[(0.2, 0.2)], [(0.8, 0.85)], [(0, 0.9), (0.3, 1)]], pen=0.02)
        dirt[:, -6:] = 1
        found = extract(rgb(0.9 - 0.7 * np.maximum(digit, dirt)))
        assert distance(found.digit, center_digit(digit)) < 0.02

    def test_what_touches_the_edge_stays_if_there_is_nothing_else(self):
        cut_off, speck = rasterize([[(0.4, 0.3), (0.6, 0.3), (0.5, 1)]], pen=0.06), rasterize([[(0.2, 0.2)]], pen=0.06)
        found = extract(rgb(0.9 - 0.7 * np.maximum(cut_off, speck)))
        assert distance(found.digit, center_digit(cut_off)) < 0.02

    @pytest.mark.parametrize("size", [24, 60, 200])
    @pytest.mark.parametrize("dark", [True, False])
    def test_printed_digits_are_found(self, size, dark):
        for digit in "0123456789":
            sheet = Image.new("L", (2 * size, 2 * size), 0)
            ImageDraw.Draw(sheet).text((size * 0.7, size * 0.4), digit, fill=255, font=ImageFont.load_default(size))
            ink = np.asarray(sheet) / 255
            found = extract(rgb(0.9 - 0.8 * ink if dark else 0.1 + 0.8 * ink))
            assert found.inverted == dark
            assert distance(found.digit, center_digit(ink)) < 0.05

    @pytest.mark.parametrize("size", [(1, 1), (28, 28), (400, 300), (1, 500)])
    @pytest.mark.parametrize("colour", ["black", "white", "teal"])
    def test_an_empty_picture_has_no_ink(self, size, colour):
        assert refused(read_photo, Image.new("RGB", size, colour)) == "no_ink"

    def test_noise_alone_is_no_ink(self):
        for mean, spread in ((0.02, 0.03), (0.5, 0.03), (0.5, 0.1), (0.95, 0.03)):
            noise = np.random.default_rng(0).normal(mean, spread, (480, 640))
            assert refused(read_photo, rgb(noise)) == "no_ink"

    @given(values=arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))), repeat=st.integers(1, 12))
    def test_any_picture_gives_a_digit_or_none(self, values, repeat):
        try:
            reading = read_photo(Image.fromarray(np.kron(values, np.ones((repeat, repeat), np.uint8))).convert("RGB"))
        except CoreError as error:
            assert_code(error, "no_ink", "no_digit")
        else:
            assert reading.digits
            for found in reading.digits:
                assert (found.digit.dtype, found.digit.shape) == (np.float32, (28, 28))
                assert 0 <= found.digit.min() < found.digit.max() == 1


def assert_code(error: CoreError, *codes: str) -> None:
    assert error.code in codes


def lined(*, distance: int, graph: bool = False) -> np.ndarray:
    """Return the brightness of ruled or graph paper, (480, 640) in 0..1."""
    paper = np.full((480, 640), 0.9)
    paper[distance // 2 :: distance] = 0.7
    if graph:
        paper[:, distance // 2 :: distance] = 0.7
    return paper


class TestSurroundings:
    """The same digit with and without its surroundings."""

    INK = placed(upscaled(MNIST[0], 5), top=200, left=260)

    def check(self, brightness: np.ndarray, *, at_most: float = 0.03, dark: bool = True) -> None:
        found = extract(rgb(brightness))
        assert found.inverted == dark
        assert distance(found.digit, MNIST[0] / 255) < at_most

    @pytest.mark.parametrize("graph", [False, True])
    def test_lines_are_removed(self, graph):
        lines = lined(distance=24, graph=graph)
        self.check(np.minimum(lines, 0.9 - 0.7 * self.INK), at_most=0.04)
        with_lines = read_photo(rgb(np.minimum(lines, 0.9 - 0.7 * self.INK)), Steps(lines=False))
        without = read_photo(rgb(np.minimum(lines, 0.9 - 0.7 * self.INK)))
        assert without.ink[:150].sum() < 0.2 * with_lines.ink[:150].sum()
        assert refused(read_photo, rgb(lines)) == "no_digit"

    @pytest.mark.parametrize("desk", [0.1, 0.4, 0.6])
    @pytest.mark.parametrize("edges", [1, 2, 4])
    def test_a_desk_is_no_ink(self, desk, edges):
        photo = 0.9 - 0.7 * self.INK
        for side in range(edges):
            np.rot90(photo, side)[: 30 + 5 * side] = desk
        self.check(photo)

    def test_a_digit_on_a_dark_sheet_is_light(self):
        photo = np.full((480, 640), 0.9)
        photo[40:450, 50:600] = (0.15 + 0.7 * self.INK)[40:450, 50:600]
        self.check(photo, dark=False)

    @pytest.mark.parametrize("side", [80, 180])
    @pytest.mark.parametrize("dark", [True, False])
    def test_a_tile_is_no_ink(self, dark, side):
        photo = np.full((480, 640), 0.1 if dark else 0.95)
        tile = slice(270 - side, 270 + side), slice(330 - side, 330 + side)
        photo[tile] = (1 - self.INK if dark else self.INK)[tile]
        self.check(photo, dark=dark)

    def test_a_box_is_no_ink_but_a_switch_keeps_it(self):
        photo = 0.9 - 0.7 * self.INK
        frame = np.zeros(photo.shape, bool)
        frame[180:362, 240:422] = True
        frame[183:359, 243:419] = False
        self.check(np.where(frame, 0.3, photo))
        kept = read_photo(rgb(np.where(frame, 0.3, photo)), Steps(frames=False)).digits
        assert max(found.box[2] - found.box[0] for found in kept) == pytest.approx(182, abs=4)
        assert refused(read_photo, rgb(np.where(frame, 0.3, 0.9))) == "no_digit"

    def test_a_narrow_crop_keeps_its_strokes(self):
        one = np.full((200, 40), 0.9)
        one[15:185, 10:30] = 0.2
        assert extract(rgb(one)).box == pytest.approx((10, 15, 30, 185), abs=2)


class TestSeveralDigits:
    def test_all_are_found_in_reading_order_with_their_boxes(self):
        places = [(60, 80), (70, 240), (50, 420), (260, 90), (280, 300)]
        ink = np.max(
            [placed(upscaled(MNIST[k], 4), top=top, left=left) for k, (top, left) in enumerate(places)], axis=0
        )
        digits = read_photo(rgb(0.9 - 0.7 * ink), Steps(thicken=False)).digits
        assert len(digits) == 5
        for k, (found, (top, left)) in enumerate(zip(digits, places, strict=True)):
            assert distance(found.digit, MNIST[k] / 255) < 0.04
            rows, columns = np.nonzero(MNIST[k] > 127)
            box = (left + 4 * columns.min(), top + 4 * rows.min(), left + 4 * columns.max(), top + 4 * rows.max())
            assert found.box == pytest.approx(box, abs=6)

    def test_dirt_is_no_digit(self):
        ink = placed(upscaled(MNIST[0], 6), top=100, left=150)
        ink[30:45, 500:512] = ink[400:408, 30:90] = 1
        assert len(read_photo(rgb(0.9 - 0.7 * ink)).digits) == 1


class TestPicturesAsTheyAre:
    def test_every_digit_of_mnist_is_kept_to_the_last_bit(self):
        expected = datasets.load("mnist", "test").batch(slice(None))[0].numpy()[:, 0]
        for digit, same in zip(MNIST[:3000], expected, strict=False):
            image = Image.fromarray(digit)
            assert_kept(read_photo(image.convert("RGB")), same, inverted=False)
            assert_kept(read_photo(ImageOps.invert(image).convert("RGB")), same, inverted=True)

    @pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
    def test_so_it_is_after_a_file(self, kind):
        for digit in MNIST[:50]:
            buffer = io.BytesIO()
            Image.fromarray(digit).save(buffer, kind)
            assert_kept(read_photo(decode(buffer.getvalue()).image), digit.astype(np.float32) / 255, inverted=False)

    @pytest.mark.parametrize("dark", [True, False])
    def test_a_digit_of_another_size_or_place_is_moved(self, dark):
        for digit in MNIST[:20]:
            moved = np.roll(digit, (2, -1), (0, 1)) / 255
            found = extract(rgb(1 - moved if dark else moved))
            assert found.inverted == dark
            assert distance(found.digit, digit / 255) < 0.06
        small = np.asarray(Image.fromarray(MNIST[0]).resize((14, 14), Image.Resampling.BOX))
        found = extract(rgb(np.pad(small, 7) / 255))
        assert size_and_centre(found.digit)[0] == 20


def assert_kept(reading: PhotoReading, digit: np.ndarray, *, inverted: bool) -> None:
    (found,) = reading.digits
    assert (reading.unchanged, found.inverted, found.digit.dtype) == (True, inverted, np.float32)
    assert np.array_equal(found.digit, digit)


@pytest.mark.parametrize(("count", "size", "pen"), [(4, (800, 400), 7), (5, (800, 400), 7), (4, (800, 300), 5)])
def test_a_row_of_ones_is_no_ruled_paper(count, size, pen):
    sheet = Image.new("L", size, 245)
    step = size[0] / (count + 1)
    for number in range(1, count + 1):
        ends = [(number * step + 5, 0.12 * size[1]), (number * step - 4, 0.88 * size[1])]
        ImageDraw.Draw(sheet).line(ends, fill=30, width=pen)
    assert len(read_photo(sheet).digits) == count


def test_digits_beyond_the_limit_are_counted():
    sheet = Image.new("L", (900, 600), 245)
    for number in range(24):
        left, top = 40 + number % 6 * 140, 40 + number // 6 * 140
        ImageDraw.Draw(sheet).ellipse((left, top, left + 60, top + 80), outline=20, width=8)
    reading = read_photo(sheet)
    assert (len(reading.digits), reading.n_found) == (MAX_DIGITS, 24)
