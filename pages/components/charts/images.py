"""Arrays as images: grids of images, heat maps of matrices, and digits with captions."""

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Literal

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

# The colors for negative and positive values. Color-blind readers can tell them apart
_NEGATIVE, _POSITIVE = np.array([213, 94, 0.0]), np.array([0, 114, 178.0])
_as_files: ContextVar[bool] = ContextVar("as_files", default=False)
_RIGHT, _WRONG = (0, 158, 115), (213, 94, 0)
_CAPTION = 22  # height of a caption in pixels
_TRANSPARENT = 255  # index in palettes


def show(picture: Image.Image | str, alt: str, *, width: int | Literal["stretch"] = "stretch") -> None:
    """Show an image with the alternative text ``alt``. ``width`` is in pixels; "stretch" means the full width.

    ``picture`` is an image or, for an image that never changes, its `data_url`. Images are sent with the page as data
    URLs, so animations do not drop frames. For images that stay on the page for a long time, use an `as_files` block.
    """
    if isinstance(picture, Image.Image) and not _as_files.get():  # the fastest settings
        if picture.mode == "P":
            picture = data_url(picture, "PNG", compress_level=1)
        else:
            picture = data_url(picture, "WEBP", lossless=True, quality=0, method=0)
    st.image(picture, width=width, alt=alt, output_format="PNG")


@contextmanager
def as_files() -> Iterator[None]:
    """Let the browser fetch and cache the images shown in the ``with`` block, so that they are not sent repeatedly."""
    token = _as_files.set(True)
    try:
        yield
    finally:
        _as_files.reset(token)


def data_url(picture: Image.Image, kind: Literal["PNG", "JPEG", "WEBP"] = "PNG", **options: int) -> str:
    """Encode an image in the format ``kind``, and return its data URL. ``options`` are passed to Pillow's ``save``."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return _encoded(buffer.getvalue(), kind.lower())


def png_url(png: bytes) -> str:
    """Return the data URL of a PNG file."""
    return _encoded(png, "png")


def _encoded(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def diverging(values: np.ndarray, largest: float | None = None) -> np.ndarray:
    """Return uint8 colors (..., 3) for values (...): blue for positive, white for zero or NaN, orange for negative.

    ``largest`` is the absolute value with the most intense color; by default, the largest finite absolute value.
    """
    values = np.nan_to_num(values.astype(np.float64), posinf=np.inf, neginf=-np.inf)
    finite = np.abs(values[np.isfinite(values)])
    scale = largest or (finite.max() if finite.size else 0) or 1
    share = np.clip(values / scale, -1, 1)[..., None]
    colour = np.where(share > 0, _POSITIVE, _NEGATIVE)
    return (255 + (colour - 255) * np.abs(share) ** 0.7).astype(np.uint8)


def strongest_entries(values: np.ndarray, size: int) -> np.ndarray:
    """Downsample a matrix to at most ``size`` rows and ``size`` columns.

    A larger matrix is divided into blocks, and each block is replaced by its entry of largest magnitude. A vector is
    treated as a matrix with one row.
    """
    matrix = np.atleast_2d(values)
    for axis in (0, 1):
        block = -(-matrix.shape[axis] // size)
        if block > 1:
            starts = np.arange(0, matrix.shape[axis], block)
            top, bottom = np.maximum.reduceat(matrix, starts, axis), np.minimum.reduceat(matrix, starts, axis)
            matrix = np.where(top >= -bottom, top, bottom)
    return matrix


def heat_map(values: np.ndarray, *, size: int = 160) -> Image.Image:
    """Return a heat map of at most ``size`` x ``size`` pixels for the `strongest_entries` of a matrix."""
    matrix = strongest_entries(values, size)
    picture = Image.fromarray(diverging(matrix))
    scale = max(1, size // max(matrix.shape))
    return picture.resize((matrix.shape[1] * scale, matrix.shape[0] * scale), Image.Resampling.NEAREST)


def thumbnail(values: np.ndarray, *, faded: bool = False) -> Image.Image:
    """Return the heat map of a matrix, centered in a transparent image of 160 x 120 pixels.

    The heat map keeps the aspect ratio of the downsampled matrix (see `strongest_entries`), but each side is at least
    20 pixels long. If ``faded`` is true, the heat map is pale.
    """
    width, height = 160, 120
    picture = heat_map(values, size=height)
    scale = min(width / picture.width, height / picture.height)
    size = [max(round(side * scale), height // 6) for side in picture.size]
    picture = picture.resize(size, Image.Resampling.NEAREST).convert("RGBA")
    if faded:
        picture.putalpha(60)
    sheet = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    sheet.paste(picture, ((width - size[0]) // 2, (height - size[1]) // 2))
    return sheet


def tile(pictures: np.ndarray, *, columns: int, scale: int = 2, gap: int = 2) -> Image.Image:
    """Arrange uint8 images (N, H, W, 3) in a grid with ``columns`` columns, and return the grid as one image.

    The background is transparent. ``gap`` is the distance between adjacent images, in pixels, before the grid is
    enlarged by the factor ``scale``.
    """
    opaque = np.concatenate([pictures, np.full((*pictures.shape[:3], 1), 255, np.uint8)], axis=3)
    return _enlarged(Image.fromarray(_grid(opaque, columns, (gap, gap), background=0)), scale)


def diverging_tiles(values: np.ndarray, *, columns: int, scale: int = 2, gap: int = 2) -> Image.Image:
    """Return a grid of N integer matrices (N, H, W) as one image, in the colors of `diverging`.

    The integers are from -127 to 127. For ``columns``, ``scale``, and ``gap``, see `tile`.
    """
    indices = (values.astype(np.int16) + 127).astype(np.uint8)
    picture = Image.fromarray(_grid(indices, columns, (gap, gap), background=_TRANSPARENT))
    return _with_palette(_enlarged(picture, scale), diverging(np.arange(-127, 128), 127))


def _grid(pictures: np.ndarray, columns: int, gaps: tuple[int, int], *, background: int) -> np.ndarray:
    """Arrange images (N, H, W) or (N, H, W, C) in a grid.

    ``gaps`` contains the distances between rows and between columns, whose pixels have the value ``background``.
    """
    count, height, width = pictures.shape[:3]
    rows, (down, across) = -(-count // columns), gaps
    size = rows * (height + down) - down, columns * (width + across) - across
    sheet = np.full((*size, *pictures.shape[3:]), background, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + down), number % columns * (width + across)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def _enlarged(picture: Image.Image, scale: int) -> Image.Image:
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _with_palette(picture: Image.Image, colours: np.ndarray) -> Image.Image:
    """Return a picture of indices as a picture with the palette ``colours`` (N, 3). _TRANSPARENT is transparent."""
    missing = _TRANSPARENT + 1 - len(colours)  # a PNG file has no transparency for colors outside its palette
    picture.putpalette(np.pad(colours, ((0, missing), (0, 0))).tobytes())
    picture.info["transparency"] = _TRANSPARENT
    return picture


def classified_digits(images: np.ndarray, predictions: np.ndarray, labels: np.ndarray, *, columns: int) -> Image.Image:
    """Return a grid of digit images (N, 28, 28), with ``columns`` columns and the predicted class below each image.

    Pixel values are in [0, 1]. A wrong prediction is followed by the label in parentheses.
    """
    captions = [
        (str(prediction) if prediction == label else f"{prediction} ({label})", bool(prediction == label))
        for prediction, label in zip(predictions, labels, strict=True)
    ]
    return captioned(images, captions, columns=columns)


def captioned(images: np.ndarray, captions: Sequence[tuple[str, bool]], *, columns: int, scale: int = 2) -> Image.Image:
    """Return a grid of images (N, H, W), with ``columns`` columns and a caption below each image.

    Pixel values are in [0, 1]: 0 is white, and 1 is black. Each caption is a (text, correct) pair. The background of
    the text is green if ``correct`` is true, and orange otherwise. The images are enlarged by the factor ``scale``.
    """
    greys = ((1 - np.asarray(images)) * (_N_GREYS - 1)).astype(np.uint8).repeat(scale, axis=1).repeat(scale, axis=2)
    first_shades = [_N_GREYS if right else _N_GREYS + _N_SHADES for _text, right in captions]
    strips = [
        first + _caption(text, greys.shape[2]) for first, (text, _right) in zip(first_shades, captions, strict=True)
    ]
    tiles = np.concatenate([greys, np.stack(strips)], axis=1)
    return _with_palette(Image.fromarray(_grid(tiles, columns, (6, 8), background=_TRANSPARENT)), _PALETTE)


def labelled(images: np.ndarray, titles: Sequence[str], *, columns: int, scale: int = 2) -> Image.Image:
    """Return a grid of gray images (N, H, W), with ``columns`` columns and a title on gray below each image.

    Pixel values are in [0, 1]: 0 is black, and 1 is white. The images are enlarged by the factor ``scale``.
    """
    values = (np.clip(np.nan_to_num(images), 0, 1) * (_N_GREYS - 1)).astype(np.uint8)
    tiles = values.repeat(scale, axis=1).repeat(scale, axis=2)
    strips = np.stack([_N_GREYS + _caption(title, tiles.shape[2]) for title in titles])
    sheet = _grid(np.concatenate([tiles, strips], axis=1), columns, (6, 8), background=_TRANSPARENT)
    return _with_palette(Image.fromarray(sheet), _LABEL_PALETTE)


# The palette of captioned digits: gray levels, the shades from each caption's background to its white text
_N_GREYS, _N_SHADES = 195, 30
_SHADES = np.linspace(0, 1, _N_SHADES)[:, None]
_PALETTE = np.concatenate(
    [
        np.linspace(0, 255, _N_GREYS)[:, None].repeat(3, axis=1),
        *(np.array(colour) + (255 - np.array(colour)) * _SHADES for colour in (_RIGHT, _WRONG)),
    ]
).astype(np.uint8)

_LABEL_PALETTE = np.concatenate([_PALETTE[:_N_GREYS], (90 + 165 * _SHADES).repeat(3, axis=1)]).astype(np.uint8)


@lru_cache(maxsize=256)  # a view that is redrawn during training shows the same captions again
def _caption(text: str, width: int) -> np.ndarray:
    """Return a centered text (H, ``width``) as shades from 0 (background) to _N_SHADES - 1 (text)."""
    strip = Image.new("L", (width, _CAPTION))
    ImageDraw.Draw(strip).text((width / 2, _CAPTION / 2), text, fill=255, font=ImageFont.load_default(17), anchor="mm")
    return (np.asarray(strip, np.uint16) * (_N_SHADES - 1) // 255).astype(np.uint8)


def greys(pictures: np.ndarray, *, columns: int = 12, scale: int = 3) -> Image.Image:
    """Arrange gray images (N, H, W) in a grid with ``columns`` columns, and return the grid as one image.

    The value 0 is black, and 1 is white. Values outside [0, 1] are clipped, and NaN becomes black. The image is
    enlarged by the factor ``scale``.
    """
    values = (np.clip(np.nan_to_num(pictures), 0, 1) * 255).round().astype(np.uint8)
    return tile(np.repeat(values[..., None], 3, axis=-1), columns=columns, scale=scale, gap=1)


def pixel_intensities(picture: np.ndarray, *, scale: int = 8) -> Image.Image:
    """Return an image of pixel intensities (H, W) from 0 (white) to 1 (black).

    The image is enlarged by the factor ``scale``.
    """
    grey = Image.fromarray((255 - np.clip(picture, 0, 1) * 255).round().astype(np.uint8))
    return grey.resize((grey.width * scale, grey.height * scale), Image.Resampling.NEAREST)
