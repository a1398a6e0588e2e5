"""A drawing pad that sends the drawing to Python while the user draws.

The session and the browser both store the drawing.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from core.data.digit_preprocessing import MAX_POINTS
from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "pad_assets"
_SCRIPTS = ("pad.js",)
_HTML = """
<section class="pad" data-empty="true">
  <div class="paper"><i class="picture" aria-hidden="true"></i>
    <canvas role="img" tabindex="0" width="1" height="1"></canvas><span class="hint" aria-hidden="true"></span>
  </div>
  <div class="controls">
    <button type="button" class="undo"></button><button type="button" class="clear"></button>
    <div class="pens" role="radiogroup">
      <input type="radio" name="pen" value="0.05"><input type="radio" name="pen" value="0.08">
      <input type="radio" name="pen" value="0.12">
    </div>
  </div>
</section>
"""

Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Stroke = Annotated[tuple[tuple[Share, Share], ...], Field(min_length=1)]


@dataclass(frozen=True)
class Drawing:
    """A drawing on the pad: strokes, and the diameter of the pen as a fraction of the pad's side.

    Each stroke is a polyline of points (x, y) in [0, 1]², with the origin at the top left. A stroke with only one point
    is a dot.
    """

    strokes: tuple[Stroke, ...]
    pen: Share


_EMPTY = Drawing((), 0.08)


@dataclass(frozen=True)
class _PadState:
    """The last valid drawing. ``version`` is the number of times that Python has replaced the drawing."""

    version: Annotated[int, Field(strict=True)]
    drawing: Drawing


def draw(*, key: str, label: str, hint: str | None = None, size: int = 280, picture: str = "") -> Drawing:
    """Show the pad, at most ``size`` pixels wide, and return the drawing so far.

    ``label`` is for screen readers; ``hint`` is shown on the empty pad. ``picture`` is the data URL of an image that is
    shown until the user draws. The opaque parts of the image appear in the color of the pen.

    During a stroke, the browser sends about six messages per second. A message interrupts a rerun of the whole page,
    but not a rerun of a fragment. Therefore, call this function in a Streamlit fragment, together with everything that
    depends on the drawing.
    """
    state = _state(key)
    data = {
        "name": key,
        "version": state.version,
        "strokes": state.drawing.strokes,
        "pen": state.drawing.pen,
        "most": MAX_POINTS,
        "size": size,
        "label": label,
        "picture": picture,
        "words": _words() | ({"hint": hint} if hint else {}),
    }
    render = browser_component.register("pad", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_drawn_change=lambda: _receive(key))
    return state.drawing


def put(key: str, drawing: Drawing) -> None:
    """Replace the drawing on the pad ``key``. Call this in a callback or before the pad is drawn."""
    st.session_state[_name(key)] = _PadState(_state(key).version + 1, drawing)


def put_strokes(key: str, strokes: tuple[Stroke, ...]) -> None:
    """Replace the strokes on the pad ``key`` and keep the pen. Call this in a callback or before the pad is drawn."""
    put(key, replace(_state(key).drawing, strokes=strokes))


def clear(key: str) -> None:
    """Clear the pad ``key`` and keep the pen. Call this in a callback or before the pad is drawn."""
    put_strokes(key, ())


def _receive(key: str) -> None:
    """Store the drawing from the browser, unless it is invalid or Python has replaced the drawing in the meantime."""
    try:
        message = _message_adapter().validate_python(st.session_state[key].get("drawn"))
    except ValidationError:
        return
    points = sum(len(stroke) for stroke in message.drawing.strokes)
    if points <= MAX_POINTS and message.version == _state(key).version:
        st.session_state[_name(key)] = message


def _state(key: str) -> _PadState:
    return st.session_state.get(_name(key), _PadState(0, _EMPTY))


def _name(key: str) -> str:
    return f"{key}.drawing"


@cache
def _message_adapter() -> TypeAdapter[_PadState]:
    return TypeAdapter(_PadState)


def _words() -> dict[str, str | list[str]]:
    return {
        "hint": _("Draw a digit here"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "pen": _("Pen"),
        "pens": [_("Thin pen"), _("Medium pen"), _("Thick pen")],
    }
