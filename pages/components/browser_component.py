"""Components that run in the browser: their HTML, style and scripts, registered with Streamlit."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent / "assets" / "shared.js"


@cache
def register(name: str, assets: Path, scripts: tuple[str, ...], html: str) -> ComponentRenderer:
    """Register a component once, and return the function that draws it.

    ``assets`` is the folder of style.css and the ``scripts``, the last of which exports what `mount` of shared.js
    returns.
    """
    css = (assets / "style.css").read_text(encoding="utf-8")
    return st.components.v2.component(name, html=html, css=css, js=join_scripts(assets, scripts))


def join_scripts(assets: Path, scripts: Sequence[str]) -> str:
    """Return the scripts of a folder as one module, after what all components share."""
    files = (_SHARED, *(assets / script for script in scripts))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
