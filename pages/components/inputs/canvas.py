"""A plane with points that users add, drag, and remove by mouse, touch, or keyboard. Python receives each change."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "canvas_assets"
_SCRIPTS = ("plane.js", "canvas.js")
_HTML = """
<section class="canvas" data-empty="true">
  <div class="controls">
    <div class="tools" role="radiogroup"></div>
    <button type="button" class="undo"></button><button type="button" class="clear"></button>
  </div>
  <div class="stage">
    <svg class="plane" role="application" tabindex="0" aria-describedby="keys">
      <g class="axes"></g>
      <svg class="inside"><g class="lines"></g></svg>
      <g class="points"></g>
    </svg>
    <span class="empty" aria-hidden="true"></span>
  </div>
  <p class="caption"><span class="hint"></span><span class="readout" aria-live="polite"></span></p>
  <p class="keys" id="keys"></p>
  <ul class="legend"></ul>
</section>
"""
CLASS_COLOURS = (("#0072B2", "#56B4E9"), ("#D55E00", "#F08A4B"))  # per class: for a light and a dark background

Bounds = tuple[float, float, float, float]
"""The lowest x, the highest x, the lowest y, and the highest y."""
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Label = Annotated[int, Field(strict=True, ge=0)]


class Point(NamedTuple):
    """A point in the plane; ``label`` is the index of its class, or 0 if there are no classes."""

    x: float
    y: float
    label: int = 0


@dataclass(frozen=True)
class Line:
    """A polyline in the plane. Its name and note are shown below the plane; a line without a name is faint."""

    points: Sequence[tuple[float, float]]
    colours: tuple[str, str]  # for a light and a dark background
    name: str = ""
    note: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class _CanvasState:
    """The last valid points. ``version`` is the number of times that Python has replaced the points."""

    version: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class _BrowserMessage:
    """A message from the browser: the points, and the `_CanvasState.version` that they are based on."""

    version: Annotated[int, Field(strict=True)]
    points: tuple[tuple[_Number, _Number, _Label], ...]


def draw(
    points: Sequence[Point],
    *,
    key: str,
    label: str,
    bounds: Bounds,
    classes: Sequence[str] = (),
    lines: Sequence[Line] = (),
    most: int = 200,
    size: tuple[int, int] = (420, 420),
) -> tuple[Point, ...]:
    """Show a plane on which the user edits points, and return the current points.

    ``points`` are the initial points. ``bounds`` are the limits of the visible part of the plane. ``classes`` contains
    the names of up to two classes of points. ``lines`` are drawn behind the points. ``most`` is the maximum number of
    points. ``size`` is the maximum width and height in pixels; the height never exceeds the width. ``label`` is for
    screen readers.

    During a drag, the browser sends about eight messages per second. A message interrupts a rerun of the whole page,
    but not a rerun of a fragment. Therefore, call this function in a Streamlit fragment, together with everything that
    depends on the points. If ``lines`` depends on the points, compute ``lines`` from the result of `current`.
    """
    problem = st.session_state.pop(_name(key, "problem"), None)
    if problem:
        st.warning(problem)
    state = _state(key, points)
    data = {
        "version": state.version,
        "points": state.points,
        "bounds": [float(bound) for bound in bounds],
        "classes": list(classes),
        "colours": CLASS_COLOURS,
        "lines": [asdict(line) for line in lines],
        "most": most,
        "size": list(size),
        "label": label,
        "words": _words(),
    }
    kinds = max(1, len(classes))
    render = browser_component.register("canvas", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_drawn_change=lambda: _receive(key, points, bounds, kinds, most))
    return state.points


def current(key: str, points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the current points of the plane ``key``, or the initial ``points`` if there has been no change."""
    return _state(key, points).points


def put(key: str, points: Sequence[Point]) -> None:
    """Replace the points of the plane ``key``. Call this in a callback or before the plane is drawn."""
    st.session_state[_name(key)] = _CanvasState(_state(key, ()).version + 1, tuple(points))


def _receive(key: str, first: Sequence[Point], bounds: Bounds, kinds: int, most: int) -> None:
    """Store the points from the browser, unless they are invalid or Python has replaced the points in the meantime."""
    state = _state(key, first)
    problem: str | None
    try:
        message = _message_adapter().validate_python(st.session_state[key].get("drawn"))
    except ValidationError:
        problem = _("The points were invalid. The previous points were restored.")
    else:
        if message.version != state.version:
            return
        points = tuple(Point(*point) for point in message.points)
        problem = _problem(points, bounds, kinds, most)
    if problem is None:
        st.session_state[_name(key)] = _CanvasState(state.version, points)
    else:
        put(key, state.points)
        st.session_state[_name(key, "problem")] = problem


def _problem(points: Sequence[Point], bounds: Bounds, kinds: int, most: int) -> str | None:
    x_low, x_high, y_low, y_high = bounds
    if len(points) > most:
        return _("{count:,} points exceed the limit of {most:,}. The previous points were restored.").format(
            count=len(points), most=most
        )
    if not all(x_low <= x <= x_high and y_low <= y <= y_high for x, y, _label in points):
        return _("A point was outside the plot area. The previous points were restored.")
    if not all(label < kinds for _x, _y, label in points):
        return _("A point had no valid class. The previous points were restored.")
    return None


def _state(key: str, points: Sequence[Point]) -> _CanvasState:
    return st.session_state.get(_name(key), _CanvasState(0, tuple(points)))


def _name(key: str, part: str = "points") -> str:
    return f"{key}.{part}"


@cache
def _message_adapter() -> TypeAdapter[_BrowserMessage]:
    return TypeAdapter(_BrowserMessage)


def _words() -> dict[str, str]:
    return {
        "tools": _("Click action"),
        "add": _("Add or move"),
        "remove": _("Remove"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "empty": _("Click here to add points"),
        "hint": _("Click to add a point. Drag a point to move it."),
        "remove_hint": _("Click a point to remove it."),
        "keys": _(
            "Enter adds a point. The arrow keys move the selected point. Page Up and Page Down select the previous or "
            "next point. Delete removes the selected point. Ctrl+Z undoes the last change."
        ),
        "place": _("x = {x}, y = {y}"),
        "point": _("point {at} of {count}: x = {x}, y = {y}"),
        "point_of": _("point {at} of {count}, {name}: x = {x}, y = {y}"),
        "full": _("The limit is {most} points."),
        "x": _("x"),
        "y": _("y"),
    }
