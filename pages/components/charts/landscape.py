"""Trajectories of optimizers on a loss surface, played in the browser; only a picked point comes back to Python."""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "landscape_assets"
_SCRIPTS = ("scene.js", "trajectories.js", "views.js", "surface.js", "player.js")
_HOLE = 65535  # in the heights that travel: the surface has no value there
_HTML = """
<section class="landscape" data-playing="false">
  <div class="views">
    <figure class="map"><div class="stage"><canvas></canvas><canvas role="img"></canvas></div>
      <figcaption><span class="hint"></span><span class="readout"></span></figcaption></figure>
    <figure class="surface"><div class="stage"><canvas></canvas><canvas role="img" tabindex="0"></canvas></div>
      <figcaption><span class="hint"></span></figcaption></figure>
  </div>
  <div class="controls">
    <button type="button" class="play"></button><input type="range" class="position" min="0" step="1">
    <span class="step"></span><select class="speed"></select>
  </div>
  <ul class="legend"></ul>
</section>
"""


@dataclass(frozen=True)
class Track:
    """The trajectory of one optimizer, one entry per step (T + 1,), the start first.

    Points that are not finite or outside the map are not drawn. ``end`` says why it ended early ("diverged at
    step 31").
    """

    name: str
    colours: tuple[str, str]  # on light ground, on dark ground
    x: np.ndarray
    y: np.ndarray
    loss: np.ndarray
    end: str | None = None


def draw(
    heights: np.ndarray,
    *,
    bounds: tuple[float, float, float, float],
    tracks: Sequence[Track],
    minima: Sequence[tuple[float, float]],
    key: str,
    alt: str,
    on_pick: Callable[[float, float], None] | None = None,
) -> None:
    """Draw a surface and play the tracks on it. What has not changed since the last script run plays on.

    ``heights`` (rows, columns) are in 0..1, the first row at y_low, NaN where the surface has no value; ``bounds`` are
    x_low, x_high, y_low, y_high. ``on_pick`` is called with the point of the map that the reader clicks on.
    """
    x_low, x_high, y_low, y_high = bounds
    sixteen_bits = np.where(np.isfinite(heights), np.clip(heights, 0, 1) * (_HOLE - 1), _HOLE).round().astype("<u2")
    data = {
        "rows": heights.shape[0],
        "columns": heights.shape[1],
        "heights": base64.b64encode(sixteen_bits.tobytes()).decode(),
        "bounds": [float(bound) for bound in bounds],
        "minima": [_short(minimum) for minimum in minima],
        "tracks": [
            {"name": track.name, "colours": track.colours, "end": track.end}
            | {"x": _short(track.x), "y": _short(track.y), "loss": _short(track.loss)}
            for track in tracks
        ],
        "alt": alt,
        "words": _words() | ({} if on_pick else {"pick": ""}),
    }
    data["id"] = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()

    def picked() -> None:
        if on_pick is None:
            return
        x, y = (float(value) for value in st.session_state[key]["pick"])
        on_pick(min(max(x, x_low), x_high), min(max(y, y_low), y_high))

    render = browser_component.register("landscape", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=data, on_pick_change=picked)


def _short(values: np.ndarray | Sequence[float]) -> list[float | None]:
    """Return values with five significant digits, more than a screen shows; None where one is not finite."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in values]


def _words() -> dict[str, str]:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "position": _("Step on the screen"),
        "step": _("step {step} of {steps}"),
        "speed": _("Speed"),
        "factor": _("{factor}×"),
        "pick": _("Click on the map: all start there."),
        "turn": _("Drag to turn, or use the arrow keys."),
        "point": _("x = {x}, y = {y}"),
        "loss": _("loss {loss}"),
        "not_finite": _("not finite"),
        "x": _("x"),
        "y": _("y"),
    }
