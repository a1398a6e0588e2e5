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
    """Draw a slider, and the images at its position. The slider starts at the middle position.

    ``images`` are gray uint8 images (positions, columns, H, W); all columns are shown side by side. ``captions`` has
    one caption per column. In a caption, {percent} is replaced by the position of the slider as a percentage (0 to
    100), and {rest} is replaced by 100 minus this percentage.
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
