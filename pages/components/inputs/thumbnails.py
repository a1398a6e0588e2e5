"""Small pictures in rows, one of which can be chosen, or each of which can be removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.components.v2.types import ComponentRenderer

from pages.components.charts import images
from pages.components.text import _

_ASSETS = Path(__file__).parent / "thumbnails_assets"
_HTML = '<ul class="strip" style="--size: {size}px"></ul>'
_FINE = 2  # points of the picture for a pixel of the page


@dataclass(frozen=True)
class Thumbnail:
    """A picture ``pixels`` (H, W, 3) uint8, square, with a name for those who do not see it. Equal ids look equal."""

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
    """Show pictures, ``size`` pixels wide; ``chosen`` is called with the id of that on which somebody clicks."""
    _draw(pictures, current, chosen, key, label, size, removes=False)


def remove(
    pictures: Sequence[Thumbnail], *, removed: Callable[[str], None], key: str, label: str, size: int = 64
) -> None:
    """Show pictures, each with a cross; ``removed`` is called with the id of that whose cross somebody clicks."""
    _draw(pictures, None, removed, key, label, size, removes=True)


def _draw(
    pictures: Sequence[Thumbnail],
    current: str | None,
    then: Callable[[str], None],
    key: str,
    label: str,
    size: int,
    *,
    removes: bool,
) -> None:
    def picked() -> None:
        """Do what is to be done, unless the browser has named none of the pictures."""
        if (id := st.session_state[key].get("pick")) in [small.id for small in pictures]:
            then(id)

    shown = [
        {
            "id": small.id,
            "name": small.name,
            "source": _source(small.id, size * _FINE, small.pixels),
            "current": small.id == current,
        }
        for small in pictures
    ]
    data = {"pictures": shown, "label": label, "removes": removes, "words": {"remove": _("Remove {name}")}}
    _component(size)(key=key, data=data, on_pick_change=picked)


@st.cache_data(max_entries=2_000, show_spinner=False)
def _source(id: str, side: int, _pixels: np.ndarray) -> str:
    """A picture as a data URL, ``side`` points wide and high."""
    small = Image.fromarray(_pixels).resize((side, side), Image.Resampling.BICUBIC)
    return images.data_url(small, "JPEG", quality=80)


@cache
def _component(size: int) -> ComponentRenderer:
    css, js = ((_ASSETS / name).read_text(encoding="utf-8") for name in ("style.css", "thumbnails.js"))
    return st.components.v2.component(f"strip_{size}", html=_HTML.format(size=size), css=css, js=js)
