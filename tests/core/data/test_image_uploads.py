"""Uploaded images: exact colors, EXIF orientation, limits, damage at every byte, and files that are not images."""

import io
import pickle
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.data.image_uploads import (
    MAX_BYTES,
    MAX_PIXELS,
    MAX_SIDE,
    decode,
)
from core.errors import CoreError
from tests.image_files import encoded

CODES = {"upload_not_a_picture", "upload_truncated", "upload_too_many_pixels", "upload_unsupported"}
ROWS, COLUMNS = np.mgrid[:24, :32]
MOTIF = Image.fromarray(np.dstack([ROWS * 10, COLUMNS * 8, (ROWS * COLUMNS) % 256]).astype(np.uint8))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, transparent: tuple[int, ...] = ()) -> bytes:
    """Return a PNG from its header fields and its unfiltered rows, each after a zero byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    key = [(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent))] if transparent else []
    chunks = ((b"IHDR", header), *key, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def solid_png(depth: int, colour: int, values: tuple[int, ...], transparent: tuple[int, ...] = ()) -> bytes:
    """Return a PNG of 8 x 6 equal pixels with 2, 4, or 16 bits per value."""
    row = 8 * struct.pack(f">{len(values)}H", *values) if depth == 16 else bytes(values * depth)
    return png(8, 6, depth, colour, 6 * (b"\0" + row), transparent)


def refusal(data: bytes) -> tuple[str, dict[str, object]]:
    with pytest.raises(CoreError) as caught:
        decode(data)
    return caught.value.code, caught.value.parameters


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(decode(data).image)


def on_white(colour, alpha) -> list[float]:
    return [255 - (255 - value) * alpha / 255 for value in colour]


def solid(mode: str, colour) -> Image.Image:
    return Image.new(mode, (8, 6), colour)


def palette(**options) -> bytes:
    image = solid("P", 1)
    image.putpalette([0, 0, 0, 200, 40, 10])
    return encoded(image, options.pop("kind", "PNG"), **options)


def ycck(y: int, cb: int, cr: int, k: int) -> bytes:
    """Return an Adobe JPEG with these four values. Pillow writes inverted CMYK and marks it as transform 0."""
    data = encoded(solid("CMYK", (255 - y, 255 - cb, 255 - cr, 255 - k)), "JPEG", quality=100, subsampling=0)
    place = data.index(b"Adobe") + 11
    assert data[place] == 0
    return data[:place] + b"\2" + data[place + 1 :]


# Name -> (file, exact color, notes)
COLOURS = {
    "RGB": (encoded(solid("RGB", (200, 40, 10)), "PNG"), (200, 40, 10), ()),
    "RGB in BMP": (encoded(solid("RGB", (200, 40, 10)), "BMP"), (200, 40, 10), ()),
    "RGB in TIFF": (encoded(solid("RGB", (200, 40, 10)), "TIFF", compression="tiff_lzw"), (200, 40, 10), ()),
    "RGB in WebP": (encoded(solid("RGB", (200, 40, 10)), "WEBP", lossless=True), (200, 40, 10), ()),
    "grey": (encoded(solid("L", 77), "PNG"), (77,) * 3, ()),
    "1 bit": (encoded(solid("1", 1), "PNG"), (255,) * 3, ()),
    "1 bit fax": (encoded(solid("1", 1), "TIFF", compression="group4"), (255,) * 3, ()),
    "palette": (palette(), (200, 40, 10), ()),
    "palette in GIF": (palette(kind="GIF"), (200, 40, 10), ()),
    "palette in BMP": (palette(kind="BMP"), (200, 40, 10), ()),
    "palette, half there": (
        palette(transparency=bytes([255, 102])),
        on_white((200, 40, 10), 102),
        ("transparent",),
    ),
    "palette, not there": (palette(transparency=1), (255,) * 3, ("transparent",)),
    "RGB, not there": (
        encoded(solid("RGB", (200, 40, 10)), "PNG", transparency=(200, 40, 10)),
        (255,) * 3,
        ("transparent",),
    ),
    "LA": (encoded(solid("LA", (60, 85)), "PNG"), on_white((60,) * 3, 85), ("transparent",)),
    "LA in TIFF": (encoded(solid("LA", (60, 85)), "TIFF"), on_white((60,) * 3, 85), ("transparent",)),
    "RGBA": (encoded(solid("RGBA", (200, 40, 10, 51)), "PNG"), on_white((200, 40, 10), 51), ("transparent",)),
    "RGBA, all there": (encoded(solid("RGBA", (200, 40, 10, 255)), "PNG"), (200, 40, 10), ()),
    "premultiplied grey": (  # TIFF extra sample 1: the gray value is premultiplied by alpha
        encoded(solid("LA", (20, 85)), "TIFF").replace(
            struct.pack("<HHIHH", 338, 3, 1, 2, 0), struct.pack("<HHIHH", 338, 3, 1, 1, 0)
        ),
        on_white((60,) * 3, 85),
        ("transparent",),
    ),
    "16 bits": (encoded(solid("I;16", 77 * 257), "PNG"), (77,) * 3, ("sixteen_bit",)),
    "16 bits in TIFF": (encoded(solid("I;16", 77 * 257), "TIFF"), (77,) * 3, ("sixteen_bit",)),
    "16 bits, big end first": (encoded(solid("I;16B", 77 * 257), "TIFF"), (77,) * 3, ("sixteen_bit",)),
    "16 bits a colour": (
        png(8, 6, 16, 2, 6 * (b"\0" + 8 * struct.pack(">3H", 51400, 10280, 2570))),
        (200, 40, 10),
        ("sixteen_bit",),
    ),
    "16 bits, not there": (
        solid_png(16, 0, (0x1234,), (0x1234,)),
        (255,) * 3,
        ("sixteen_bit", "transparent"),
    ),
    "16 bits, all there": (solid_png(16, 0, (77 * 257,), (0x1234,)), (77,) * 3, ("sixteen_bit",)),
    "16 bits a colour, not there": (
        solid_png(16, 2, (51400, 10280, 2570), (51400, 10280, 2570)),
        (255,) * 3,
        ("sixteen_bit", "transparent"),
    ),
    "16 bits a colour, all there": (
        solid_png(16, 2, (51400, 10280, 2570), (0x80C8, 0x8028, 0x800A)),
        (200, 40, 10),
        ("sixteen_bit",),
    ),
    "16 bits, half there": (
        solid_png(16, 4, (60 * 257, 85 * 257)),
        on_white((60,) * 3, 85),
        ("sixteen_bit", "transparent"),
    ),
    "16 bits a colour, half there": (
        solid_png(16, 6, (51400, 10280, 2570, 102 * 257)),
        on_white((200, 40, 10), 102),
        ("sixteen_bit", "transparent"),
    ),
    "4 bits, not there": (solid_png(4, 0, (0x33,), (3,)), (255,) * 3, ("transparent",)),
    "2 bits, all there": (solid_png(2, 0, (0b10101010,), (1,)), (170,) * 3, ()),
    "CMYK": (
        encoded(solid("CMYK", (30, 90, 200, 60)), "TIFF"),
        [(255 - ink) * (255 - 60) / 255 for ink in (30, 90, 200)],
        ("cmyk",),
    ),
    "CMYK of Adobe": (
        encoded(solid("CMYK", (30, 90, 200, 60)), "JPEG", quality=100, subsampling=0),
        [(255 - ink) * (255 - 60) / 255 for ink in (30, 90, 200)],
        ("cmyk",),
    ),
    # ITU-T T.871: R = Y + 1.402 (Cr - 128), and so on; in YCCK these are inks, inverted by Adobe
    "YCCK of Adobe": (
        ycck(120, 110, 150, 205),
        [
            (255 - ink) * 205 / 255
            for ink in (120 + 1.402 * 22, 120 - 0.344136 * -18 - 0.714136 * 22, 120 + 1.772 * -18)
        ],
        ("cmyk",),
    ),
    "YCbCr": (
        encoded(solid("YCbCr", (120, 110, 150)), "TIFF"),
        (120 + 1.402 * 22, 120 - 0.344136 * -18 - 0.714136 * 22, 120 + 1.772 * -18),
        (),
    ),
    "CIELAB": (encoded(solid("LAB", (136, 128, 128)), "TIFF"), (127,) * 3, ()),  # L* = 53.3 is middle gray in sRGB
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_those_of_the_closed_form(name):
    data, colour, notes = COLOURS[name]
    upload = decode(data)
    assert (upload.image.mode, upload.image.size, upload.notes) == ("RGB", (8, 6), notes)
    assert np.abs(pixels(data) - np.array(colour)).max() <= (3 if "Adobe" in name else 1.01)  # JPEG rounds as well


def test_wide_numbers_are_stretched_over_their_own_range():
    values = np.array([[-2.5, 0.0, 7.5], [2.5, np.nan, np.inf]], np.float32)
    upload = decode(encoded(Image.fromarray(values), "TIFF"))
    assert upload.notes == ("stretched",)
    expected = [[0, 64, 255], [128, 0, 255]]  # 255 (x + 2.5) / 10; NaN becomes the lowest value
    assert np.array_equal(np.asarray(upload.image), np.repeat(np.array(expected)[..., None], 3, 2))
    whole = decode(encoded(Image.fromarray(np.array([[100_000, 150_000, 300_000]], np.int32)), "TIFF"))
    assert np.asarray(whole.image)[0, :, 0].tolist() == [0, 64, 255]
    assert refusal(encoded(Image.fromarray(np.full((2, 2), np.nan, np.float32)), "TIFF"))[0] == "upload_unsupported"


def test_sixteen_bits_keep_their_real_range():
    values = np.array([[1000, 30_000, 60_000]], np.uint16)
    assert pixels(encoded(Image.fromarray(values), "PNG"))[0, :, 0].tolist() == [4, 117, 233]


def test_sixteen_bits_of_a_bmp_are_those_of_three_colours():
    sizes = struct.pack("<IiiHHIIiiII", 40, 2, 1, 1, 16, 0, 4, 0, 0, 0, 0)
    data = b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + sizes + struct.pack("<HH", 31 << 10, 31 << 5 | 31)
    assert decode(data).notes == ()
    assert pixels(data).tolist() == [[[255, 0, 0], [0, 255, 255]]]


# The rotation of the stored rows and columns (EXIF 2.3, 4.6.4 A): 6 has its first row at the right, and so on
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("value", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_pictures_are_set_upright(kind, value):
    exif = Image.Exif()
    exif[0x0112] = value
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    upload = decode(encoded(MOTIF, kind, exif=exif, **options))
    difference = np.asarray(upload.image, float) - UPRIGHT[value](np.asarray(MOTIF, float))
    assert np.abs(difference).mean() < (2 if kind == "JPEG" else 1e-9)
    assert upload.notes == ()


def test_metadata_is_left_behind_and_need_not_be_sound():
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    upload = decode(encoded(MOTIF, "JPEG", exif=exif, icc_profile=b"profile", comment=b"mine"))
    assert upload.image.info == {}
    assert b"where" not in encoded(upload.image, "PNG")
    damaged = decode(encoded(MOTIF, "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert np.array_equal(damaged.image, MOTIF)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_of_several_frames_is_taken(kind):
    frames = [solid("RGB", colour) for colour in ((200, 40, 10), (0, 0, 255), (0, 255, 0))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert decode(data).notes == ("first_frame",)
    assert np.array_equal(pixels(data), np.asarray(frames[0]))


def test_the_second_picture_of_a_phone_is_no_frame():
    data = encoded(MOTIF, "MPO", save_all=True, append_images=[MOTIF.resize((8, 6))])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    assert decode(data).notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_large_pictures_are_shrunk(kind):
    image = Image.new("RGB", (4 * MAX_SIDE, 2 * MAX_SIDE), (250, 250, 0))
    image.paste((0, 0, 100), (0, 0, 2 * MAX_SIDE, 2 * MAX_SIDE))
    exif = Image.Exif()
    exif[0x0112] = 6  # must be rotated to the right: the left half moves to the top
    upload = decode(encoded(image, kind, exif=exif))
    assert upload.notes == ("shrunk",)
    if kind == "GIF":  # without EXIF
        upload = type(upload)(upload.image.transpose(Image.Transpose.ROTATE_270), upload.notes)
    assert upload.image.size == (MAX_SIDE // 2, MAX_SIDE)
    small = np.asarray(upload.image, float)
    assert np.abs(small[: MAX_SIDE // 2 - 8] - (0, 0, 100)).max() <= 3
    assert np.abs(small[MAX_SIDE // 2 + 8 :] - (250, 250, 0)).max() <= 3


def test_a_large_jpeg_is_never_decoded_at_its_full_size(monkeypatch):
    data = encoded(Image.new("L", (4 * MAX_SIDE, 4 * MAX_SIDE)), "JPEG")
    decoded = []
    monkeypatch.setattr(Image.Image, "thumbnail", lambda image, _size: decoded.append(image.size))
    decode(data)
    assert decoded == [(2 * MAX_SIDE, 2 * MAX_SIDE)]


def test_small_pictures_keep_their_size():
    for size in ((1, 1), (1, 500), (MAX_SIDE, 1)):
        upload = decode(encoded(Image.new("L", size, 9), "PNG"))
        assert (upload.image.size, upload.notes) == (size, ())
    assert decode(encoded(Image.new("I;16", (MAX_SIDE + 1, 1), 9), "PNG")).notes == ("sixteen_bit", "shrunk")


def test_a_file_may_not_be_too_large():
    assert refusal(encoded(MOTIF, "PNG") + bytes(MAX_BYTES)) == ("upload_too_large", {"limit": MAX_BYTES // 2**20})


BOMBS = {
    "PNG": png(50_000, 50_000, 8, 2, b""),
    "PNG that Pillow would only warn of": png(10_000, 10_000, 8, 2, b""),
    "PNG that Pillow would decode": png(8_000, MAX_PIXELS // 8_000 + 1, 8, 2, b""),
    "GIF": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + encoded(solid("P", 0), "GIF")[10:],
    "BMP": encoded(solid("L", 0), "BMP").replace(struct.pack("<II", 8, 6), struct.pack("<II", 50_000, 50_000)),
    "WebP": b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2 + bytes(30),
    "JPEG": encoded(solid("L", 0), "JPEG").replace(struct.pack(">HH", 6, 8), struct.pack(">HH", 65_500, 65_500)),
    "TIFF": encoded(solid("L", 0), "TIFF").replace(
        struct.pack("<HHII", 256, 4, 1, 8), struct.pack("<HHII", 256, 4, 1, 2**30)
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_too_many_pixels_are_told_by_the_header(kind, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda _image: pytest.fail("decoded"))
    assert refusal(BOMBS[kind]) == ("upload_too_many_pixels", {"limit": MAX_PIXELS // 10**6})


def test_a_progressive_jpeg_may_not_repeat_its_scans_for_ever():
    data = encoded(MOTIF, "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert decode(data).image.size == MOTIF.size
    assert refusal(data[:-2] + 200 * scan + data[-2:])[0] == "upload_unsupported"


class Attack:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("picture.png", encoded(MOTIF, "PNG"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "upload_not_a_picture"),
        (bytes(1000), "upload_not_a_picture"),
        (zipped(), "upload_not_a_picture"),
        (pickle.dumps(Attack()), "upload_not_a_picture"),
        (b"A text, in which nothing is to be seen.", "upload_not_a_picture"),
        (b"BMW is a maker of cars, not of pictures.", "upload_not_a_picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "upload_not_a_picture"),
        (b"<!doctype html><img src=x onerror=alert(1)>", "upload_not_a_picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage", "upload_not_a_picture"),
        (b"P5 2 2 255\n\0\0\0\0", "upload_not_a_picture"),  # a Pillow format that is not on the list
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "upload_unsupported"),
        (encoded(MOTIF, "AVIF"), "upload_unsupported"),
        (encoded(MOTIF, "JPEG2000"), "upload_unsupported"),
        (b"8BPS\0\1" + bytes(50), "upload_unsupported"),
        (
            encoded(solid("F", 0), "TIFF").replace(struct.pack("<HHI", 258, 3, 1), struct.pack("<HHI", 258, 3, 9)),
            "upload_unsupported",
        ),
    ],
)
def test_what_is_no_picture_is_told(data, code):
    assert refusal(data)[0] == code


FILES = {
    "PNG": encoded(MOTIF, "PNG"),
    "JPEG": encoded(MOTIF, "JPEG", quality=30),
    "progressive JPEG": encoded(MOTIF, "JPEG", quality=30, progressive=True),
    "GIF": encoded(MOTIF.quantize(16), "GIF", save_all=True, append_images=[MOTIF.rotate(90).quantize(16)]),
    "WebP": encoded(MOTIF, "WEBP"),
    "BMP": encoded(MOTIF, "BMP"),
    "TIFF": encoded(MOTIF, "TIFF"),
    "TIFF with LZW": encoded(MOTIF.convert("L"), "TIFF", compression="tiff_lzw"),
}


def decoded_or_told(data: bytes) -> str:
    """Return the error code, or "" for an image."""
    try:
        upload = decode(data)
    except CoreError as error:
        return error.code if error.code in CODES else pytest.fail(error.code)
    assert type(upload.image) is Image.Image
    assert upload.image.mode == "RGB"
    assert max(upload.image.size) <= MAX_SIDE
    return ""


@pytest.mark.parametrize("name", FILES)
def test_a_file_may_end_at_any_byte(name):
    data = FILES[name]
    assert decoded_or_told(data) == ""
    codes = [decoded_or_told(data[:end]) for end in range(len(data))]
    assert codes[0] == "upload_not_a_picture"
    if name in ("PNG", "JPEG", "WebP"):
        assert set(codes[12 : len(data) // 2]) == {"upload_truncated"}
    # The directory of a TIFF may be at its end; then nothing is known about the preceding bytes
    assert codes[len(data) // 2] == ("upload_unsupported" if name == "TIFF with LZW" else "upload_truncated")


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_told(data):
    decoded_or_told(data)
