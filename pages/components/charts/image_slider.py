"""A slider that moves through images in the browser, without requests to the server."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pages.components import browser_component, image_files

_ASSETS = Path(__file__).parent / "image_slider_assets"
_HTML = """
<section class="image-slider">
  <label><span class="label"></span><output></output><input type="range" class="filled"></label>
  <div class="figures"></div>
</section>
"""


def draw(images: np.ndarray, captions: Sequence[str], *, label: str, key: str) -> None:
    """Draw a slider over the positions of uint8 images (positions, columns, H, W). It starts at the middle position.

    ``captions``, one per column, have the placeholders {percent}, the position of the slider from 0 to 100, and {rest},
    the difference from 100.
    """
    data = {
        "key": key,
        "url": image_files.address(image_files.sheet(images)),
        "lines": len(images),
        "start": len(images) // 2,
        "label": label,
        "captions": list(captions),
    }
    browser_component.register("image_slider", _ASSETS, ("image_slider.js",), _HTML)(key=key, data=data)
