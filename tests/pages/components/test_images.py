"""Grids of images as files: colors, captions, and transparent gaps."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from pages.components.charts import images


def in_the_browser(picture: Image.Image) -> np.ndarray:
    """Return the pixels (H, W, 4) of a picture after it was sent as a PNG file."""
    _head, _comma, content = images.data_url(picture, "PNG", compress_level=1).partition(",")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA"))


def test_the_gaps_between_captioned_digits_are_transparent():
    pixels = in_the_browser(
        images.classified_digits(
            np.stack([np.zeros((28, 28)), np.ones((28, 28))]), np.array([3, 4]), np.array([3, 5]), columns=2
        )
    )
    assert pixels.shape == (78, 120, 4)
    assert pixels[:56, :56].min() == 255  # a digit without strokes is white and opaque
    assert (pixels[:56, 64:] == [0, 0, 0, 255]).all()
    assert (pixels[:, 56:64, 3] == 0).all()
    assert pixels[57, 1].tolist() == [0, 158, 115, 255]
    assert pixels[57, 65].tolist() == [213, 94, 0, 255]
    assert (pixels[56:, :56] == 255).all(axis=2).any()  # the text is white


@pytest.mark.parametrize("value", [-127, -30, 0, 1, 127])
def test_tiles_of_integers_have_the_diverging_colors(value):
    values = np.full((3, 4, 5), value, np.int8)
    pixels = in_the_browser(images.diverging_tiles(values, columns=2, scale=1, gap=1))
    assert pixels.shape == (9, 11, 4)
    assert (pixels[:4, :5, :3] == images.diverging(np.array([value]), 127)).all()
    assert (pixels[:4, 5, 3] == 0).all()
    assert (pixels[5:, 6:, 3] == 0).all()  # there is no fourth image
