"""A plane to put points on: added, dragged and removed with mouse, finger or keys, while Python sees it happen."""

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
CLASS_COLOURS = (("#0072B2", "#56B4E9"), ("#D55E00", "#F08A4B"))  # each on light and on dark ground

Bounds = tuple[float, float, float, float]
"""x from, x to, y from, y to."""
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Label = Annotated[int, Field(strict=True, ge=0)]


class Point(NamedTuple):
    """A point of the plane; ``label`` is the place of its class among the classes, 0 where there are none."""

    x: float
    y: float
    label: int = 0


@dataclass(frozen=True)
class Line:
    """A polyline over the plane, and what is said of it below. One without a name is faint, and nothing is said."""

    points: Sequence[tuple[float, float]]
    colours: tuple[str, str]  # on light ground, on dark ground
    name: str = ""
    note: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class _CanvasState:
    """The last good points. The version counts how often Python has put some there."""

    version: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class _BrowserMessage:
    """What the browser sends: the points, and the version of those that Python had put there before."""

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
    """Show the plane, ``points`` on it at first, and return those that are there now.

    ``classes`` are the names of up to two kinds of points; without them all are of one kind. ``lines`` are drawn
    below the points. ``size`` are the largest width and height in pixels; it is never higher than it is wide. ``label``
    is what screen readers say.

    It reports about eight times a second while a point is being dragged. Call it in a fragment, together with what
    shows the answer: a fragment's run ends before the next one begins, a whole page's run is cut short by the next
    report. Lines that depend on the points are computed from `current`, before it is drawn.
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
    """The points that are on the plane now, ``points`` if it has not been drawn yet."""
    return _state(key, points).points


def put(key: str, points: Sequence[Point]) -> None:
    """Replace what is on the plane; for callbacks, or before the plane is drawn."""
    st.session_state[_name(key)] = _CanvasState(_state(key, ()).version + 1, tuple(points))


def _receive(key: str, first: Sequence[Point], bounds: Bounds, kinds: int, most: int) -> None:
    """Keep what the browser has sent, unless Python has put other points there meanwhile, or it cannot be used."""
    state = _state(key, first)
    try:
        message = _message_adapter().validate_python(st.session_state[key].get("drawn"))
    except ValidationError:
        problem = _("These were no points. The last ones are back.")
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
        return _("These were {count:,} points; {most:,} are the most here. The last ones are back.").format(
            count=len(points), most=most
        )
    if not all(x_low <= x <= x_high and y_low <= y <= y_high for x, y, _label in points):
        return _("A point lay outside the plane. The last ones are back.")
    if not all(label < kinds for _x, _y, label in points):
        return _("A point was of no class. The last ones are back.")
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
        "tools": _("What a click does"),
        "add": _("Add or move"),
        "remove": _("Remove"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "empty": _("Click here to add points"),
        "hint": _("A click adds a point, dragging moves one."),
        "remove_hint": _("Click on a point to remove it."),
        "keys": _(
            "Enter adds a point, the arrow keys move the one with a ring, Page up and Page down choose another, Delete "
            "removes it, and Control and Z undo."
        ),
        "place": _("x = {x}, y = {y}"),
        "point": _("point {at} of {count}: x = {x}, y = {y}"),
        "point_of": _("point {at} of {count}, {name}: x = {x}, y = {y}"),
        "full": _("{most} points are the most here."),
        "x": _("x"),
        "y": _("y"),
    }
