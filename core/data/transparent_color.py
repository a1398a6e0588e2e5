"""Handle the transparent color of PNG files. Pillow converts the pixels of some files, but not this color."""

import numpy as np
from PIL import Image


def scale_transparent_color(image: Image.Image) -> None:
    """Scale the transparent color of an opened image to 8 bits in place, just as Pillow scales the pixels.

    Call this function before the pixels are read. Pillow scales 2-bit and 4-bit gray values and 16-bit RGB values to
    8 bits, but does not scale the transparent color. Pillow keeps only the upper 8 bits of each 16-bit value.
    Therefore, pixels that differ from the transparent color only in the lower 8 bits become transparent too.
    """
    color, raw_mode = image.info.get("transparency"), str(getattr(image, "tile", ())[:1])
    if isinstance(color, tuple) and "RGB;16" in raw_mode:
        image.info["transparency"] = tuple(value >> 8 for value in color)
    elif isinstance(color, int) and ("'L;2'" in raw_mode or "'L;4'" in raw_mode):
        image.info["transparency"] = color * (85 if "'L;2'" in raw_mode else 17)


def without_transparent_color(image: Image.Image) -> Image.Image:
    """Return a 16-bit grayscale image with its transparent pixels replaced by white.

    If the image is not 16-bit grayscale or has no transparent pixels, it is returned unchanged.
    """
    color = image.info.get("transparency")
    if image.mode != "I;16" or not isinstance(color, int):
        return image
    values = np.array(image)
    if not (values == color).any():
        return image
    values[values == color] = 65535
    white = Image.fromarray(values)
    white.info = {name: value for name, value in image.info.items() if name != "transparency"}
    return white
