"""Browser components: their HTML, styles, and scripts, registered with Streamlit.

Streamlit sends a component's script whenever the component is drawn. To keep these messages short, the script that is
sent has only two lines, which import the full script from the server. A browser fetches the full script only once.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent / "assets"
_FOLDER = "component-scripts"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_scripts: dict[str, str] = {}  # scripts by file name; the name contains a hash of the script


@cache
def register(name: str, assets: Path, scripts: tuple[str, ...], html: str) -> ComponentRenderer:
    """Register the component ``name`` on the first call, and return the function that draws it.

    ``assets`` is the folder that contains style.css. ``scripts`` are the paths of the JavaScript files, relative to
    ``assets``. The last script must export the result of ``mount``, a function in shared.js. ``html`` is the initial
    content of the component.
    """
    css = _joined(_SHARED / "shared.css", assets / "style.css")
    script = join_scripts(assets, scripts)
    file = f"{name}-{hashlib.sha256(script.encode()).hexdigest()[:12]}.js"
    _scripts[file] = script
    # Two lines, because Streamlit treats a single line as a file path
    importing = (
        f'const script = await import(new URL("{_FOLDER}/{file}", document.baseURI));\nexport default script.default;'
    )
    return st.components.v2.component(name, html=html, css=css, js=importing)


def join_scripts(assets: Path, scripts: Sequence[str]) -> str:
    """Return the source of a JavaScript module: shared.js followed by ``scripts`` (paths relative to ``assets``)."""
    return _joined(_SHARED / "shared.js", *(assets / script for script in scripts))


def _joined(*files: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _answer(request: Request) -> Response:
    script = _scripts.get(request.path_params["file"])
    if script is None:
        return Response(status_code=404)
    return Response(script, media_type="text/javascript", headers=_FOR_EVER)


ROUTE = Route(f"/{_FOLDER}/{{file}}", _answer)
"""The route that serves the scripts to browsers."""
