"""Optimizer trajectories on a loss surface, animated in the browser: contour map, loss curve, and 3-D surface."""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from pages.components import browser_component
from pages.components.text import _, pgettext

_ASSETS = Path(__file__).parent / "landscape_assets"
_SCRIPTS = ("scene.js", "trajectories.js", "views.js", "map.js", "surface.js", "curve.js", "player.js")
_HTML = """
<section class="landscape" data-playing="false">
  <div class="chips" role="group"></div>
  <figure class="map"><div class="stage"><canvas></canvas><canvas role="img"></canvas>
    <button type="button" class="start"><span class="hint"></span></button>
    <div class="zoom"><button type="button" class="in">+</button><button type="button" class="out">−</button></div>
    <div class="readout"></div></div></figure>
  <figure class="curve"><div class="stage"><canvas></canvas><canvas role="img"></canvas>
    <div class="readout"></div></div></figure>
  <figure class="surface"><div class="stage"><canvas></canvas><canvas role="img" tabindex="0"></canvas>
    <div class="readout"></div></div></figure>
  <div class="controls">
    <button type="button" class="play"><i></i><span></span></button>
    <button type="button" class="step"><i></i><span></span></button>
    <input type="range" class="position filled" min="0" step="1">
    <output></output><select class="speed"></select>
  </div>
</section>
"""


@dataclass(frozen=True)
class Map:
    """A loss surface, given by its ``losses`` (rows, columns) on a grid.

    The first row has the lowest y. NaN marks undefined losses. ``low``, ``high``, and ``scale`` have the same meaning
    as in `core.topics.loss_surface.surfaces.Relief`.
    """

    losses: np.ndarray
    low: float
    high: float
    scale: float | None
    bounds: tuple[float, float, float, float]
    """The lowest and the highest x, and the lowest and the highest y."""
    minima: Sequence[tuple[float, float]]
    lowest: float | None
    """The loss at the global minima, or None if this loss is unknown."""


@dataclass(frozen=True)
class Track:
    """The trajectory of one optimizer, as arrays (T + 1,): the starting point and the points after each of the T steps.

    Points that are not finite or that lie outside the map are not drawn. After the first ``on_map`` points, the
    trajectory never returns to the map. ``end`` states at which step the trajectory diverged or left the map (for
    example, "diverged at step 31"), and ``ended`` is a short form of ``end``. Both are None if the trajectory
    did neither.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    loss: np.ndarray
    on_map: int
    end: str | None = None
    ended: str | None = None
    dashed: bool = False
    """Whether the trajectory covers another trajectory and is therefore dashed."""


@dataclass(frozen=True)
class Chip:
    """A button that switches an optimizer on or off."""

    name: str
    label: str
    colours: tuple[str, str]
    """The colors for a light and a dark background."""


class Change(BaseModel):
    """A change made by the user: a new starting point (x, y) or a new selection of optimizers. None means unchanged.

    Changes are numbered; ``request`` is the number of this change.
    """

    request: int
    x: float | None = None
    y: float | None = None
    optimizers: tuple[str, ...] | None = None
    settled: bool = True
    """Whether the pointer was released. Otherwise, more changes follow immediately."""


def draw(
    surface: Map,
    *,
    tracks: Sequence[Track],
    chips: Sequence[Chip],
    start: tuple[float, float],
    key: str,
    alt: str,
    request: int = 0,
    on_change: Callable[[Change], None] | None = None,
) -> None:
    """Draw a surface with animated trajectories. A redraw with the same arguments does not stop the animation.

    ``start`` is the starting point (x, y). ``on_change`` is called with each change made by the user. ``request`` is
    the number of the last change that the trajectories reflect; the browser waits for this number before it sends the
    next change. Also call `draw_surface`, in a part of the page that is not redrawn after every change.
    """
    data: dict[str, Any] = {
        "surface": _surface_id(surface),
        "tracks": [
            {"name": track.name, "end": track.end, "ended": track.ended, "dashed": track.dashed}
            | {"x": _short(track.x), "y": _short(track.y), "loss": _short(track.loss), "on_map": track.on_map}
            for track in tracks
        ],
        "chips": [{"name": chip.name, "label": chip.label, "colours": chip.colours} for chip in chips],
        "start": _short(start),
        "changes": on_change is not None,
        "alt": alt,
        "words": _words(),
    }
    data["id"] = _digest(data)
    data["request"] = request

    def changed() -> None:
        try:
            change = _change_adapter.validate_python(st.session_state[key].get("change"))
        except ValidationError:
            return
        if on_change:
            on_change(change)

    render = browser_component.register("landscape", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_change_change=changed)


def draw_surface(surface: Map, *, key: str) -> None:
    """Send a surface to the browser. The trajectories passed to `draw` are drawn on this surface."""
    rows, columns = surface.losses.shape
    largest = float(np.finfo(np.float32).max)
    losses = np.where(np.isfinite(surface.losses), surface.losses.clip(-largest, largest), np.nan).astype("<f4")
    data = {
        "id": _surface_id(surface),
        "rows": rows,
        "columns": columns,
        "losses": base64.b64encode(losses.tobytes()).decode(),
        "low": surface.low,
        "high": surface.high,
        "scale": surface.scale,
        "bounds": [float(bound) for bound in surface.bounds],
        "minima": [_short(minimum) for minimum in surface.minima],
        "lowest": surface.lowest,
    }
    with st.container(key="landscape-surface"):
        render = browser_component.register(
            "landscape_surface", _ASSETS, ("held_surface.js",), '<div class="held-surface"></div>'
        )
        render(key=f"{key}.surface", data=data)


_change_adapter = TypeAdapter(Change)


def _surface_id(surface: Map) -> str:
    numbers = [surface.low, surface.high, surface.scale, surface.bounds, surface.minima, surface.lowest]
    return hashlib.blake2b(surface.losses.tobytes() + repr(numbers).encode(), digest_size=8).hexdigest()


def _digest(data: object) -> str:
    return hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()


def _short(values: np.ndarray | Sequence[float]) -> list[float | None]:
    """Return the values with five significant digits, enough for any screen. Values that are not finite become None."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in values]


def _words() -> dict[str, str]:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "one_step": pgettext("button", "Step"),
        "position": _("Displayed step"),
        "step": _("step {step} of {steps}"),
        "speed": _("Speed"),
        "factor": _("{factor}×"),
        "optimizers": _("Optimizers: click one to switch it on or off"),
        "drag": _("drag"),
        "start": _("Starting point of all optimizers. Drag it, or use the arrow keys."),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "turn": _("Drag to rotate"),
        "map": _("{alt}, as a map"),
        "relief": _("{alt}, in three dimensions"),
        "curve": _("Loss of each optimizer at every step"),
        "excess": _("loss − minimum"),
        "loss_axis": _("loss"),
        "steps": pgettext("axis", "step"),
        "point": _("x = {x}, y = {y} · loss {loss} · gradient ({dx}, {dy})"),
        "not_finite": _("not finite"),
        "x": _("x"),
        "y": _("y"),
    }
