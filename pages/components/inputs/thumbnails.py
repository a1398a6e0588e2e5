"""Rows of thumbnails that can be selected or removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from pages.components import browser_component
from pages.components.charts import images
from pages.components.text import _

_ASSETS = Path(__file__).parent / "thumbnails_assets"
_HTML = '<ul class="strip" style="--size: {size}px"></ul>'
_PIXEL_RATIO = 2  # image pixels per page pixel


@dataclass(frozen=True)
class Thumbnail:
    """A square uint8 image ``pixels`` (H, W, 3), with ``name`` as its alternative text.

    Thumbnails with equal ids must have equal pixels.
    """

    id: str
    name: str
    pixels: np.ndarray


def choose(
    pictures: Sequence[Thumbnail],
    *,
    current: str | None,
    chosen: Callable[[str], None],
    key: str,
    label: str,
    size: int = 44,
) -> None:
    """Show images, each ``size`` pixels wide. A click on an image calls ``chosen`` with the id of the image.

    ``current`` is the id of the selected image, if any. ``label`` is for screen readers.
    """
    _draw(pictures, current, chosen, key, label, size, removes=False)


def remove(
    pictures: Sequence[Thumbnail], *, removed: Callable[[str], None], key: str, label: str, size: int = 64
) -> None:
    """Show images, each ``size`` pixels wide, with a Remove button on every image.

    A click on a button calls ``removed`` with the id of the image. ``label`` is for screen readers.
    """
    _draw(pictures, None, removed, key, label, size, removes=True)


def _draw(
    pictures: Sequence[Thumbnail],
    current: str | None,
    on_pick: Callable[[str], None],
    key: str,
    label: str,
    size: int,
    *,
    removes: bool,
) -> None:
    def picked() -> None:
        """Call ``on_pick`` if the id from the browser belongs to one of the images."""
        if (id := st.session_state[key].get("pick")) in [small.id for small in pictures]:
            on_pick(id)

    data_of_pictures = [
        {
            "id": small.id,
            "name": small.name,
            "source": _source(small.id, size * _PIXEL_RATIO, small.pixels),
            "current": small.id == current,
        }
        for small in pictures
    ]
    data = {"pictures": data_of_pictures, "label": label, "removes": removes, "words": {"remove": _("Remove {name}")}}
    render = browser_component.register(f"thumbnails_{size}", _ASSETS, ("thumbnails.js",), _HTML.format(size=size))
    render(key=key, data=data, on_pick_change=picked)


@st.cache_data(max_entries=2_000, show_spinner=False)
def _source(id: str, side: int, _pixels: np.ndarray) -> str:
    """Return the data URL of an image, scaled to a width and a height of ``side`` pixels."""
    small = Image.fromarray(_pixels).resize((side, side), Image.Resampling.BICUBIC)
    return images.data_url(small, "JPEG", quality=80)
