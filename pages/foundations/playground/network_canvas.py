"""A small network that the browser computes and draws: its data, features, units, edges and output."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from pydantic import BaseModel, Field, NonNegativeInt, TypeAdapter, ValidationError

from core.topics.playground.config import MAX_LAYERS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.thumbnails import thumbnail_points
from core.training.progress import Progress
from pages.components import browser_component
from pages.components.charts.line_chart import thin
from pages.components.run.pace import pace
from pages.foundations.playground.network_canvas_labels import canvas_labels

_ASSETS = Path(__file__).parent / "network_canvas_assets"
_SCRIPTS = (
    "network.js",
    "rendering.js",
    "player.js",
    "network_diagram.js",
    "output_plot.js",
    "controls.js",
    "inspector.js",
    "playground.js",
)
_ACTIVE_BYTES, _COMPLETE_BYTES = 120_000, 1_000_000  # of snapshots sent at a time, while a run is active or complete
_MAX_WEIGHT = 8  # as far as a weight can be turned by hand
_METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_FEATURES = {"x": "x", "y": "y", "x2": "x²", "y2": "y²", "xy": "xy", "sin_x": "sin x", "sin_y": "sin y"}
_HTML = """
<section class="playground" data-playing="false">
  <div class="board">
    <canvas class="edges"></canvas>
    <fieldset class="sets"><legend class="sets-title"></legend><div class="choices"></div>
      <button type="button" class="fresh"></button></fieldset>
    <div class="network">
      <h4 class="features-title"></h4><div class="layers"></div><div class="heads"></div><div class="units"></div>
    </div>
    <figure class="output">
      <div class="title"></div><div class="numbers"></div>
      <div class="stage"><canvas></canvas><canvas></canvas><canvas role="img" tabindex="0"></canvas></div>
      <div class="key"><span class="bar"></span><span class="low"></span><span class="middle"></span>
        <span class="high"></span></div>
      <span class="readout" role="status"></span>
      <div class="switches"><label><input type="checkbox" class="with-test"><span class="test-label"></span></label>
        <label><input type="checkbox" class="discrete"><span class="discrete-label"></span></label></div>
    </figure>
    <div class="tip" id="tip" hidden><span class="what"></span><span class="said"></span>
      <input type="range" class="slider" hidden><span class="hint"></span></div>
  </div>
  <div class="controls">
    <button type="button" class="play"></button><input type="range" class="position" min="0" step="1">
    <button type="button" class="restore" hidden></button><span class="step"></span>
  </div>
</section>
"""


def draw(
    config: PlaygroundConfig,
    history: Sequence[Progress],
    *,
    run: str,
    complete: bool,
    key: str,
    alt: str,
    data: Mapping[str, str] | None = None,
    on_change: Callable[[Mapping[str, object]], None] | None = None,
    on_turn: Callable[[int, float], None] | None = None,
    turned: Mapping[int, float] | None = None,
    step: str | None = None,
) -> None:
    """Draw the network of a run as far as it has come; the browser plays the new snapshots.

    ``run`` identifies the run: the browser keeps its snapshots, so that only the newest are sent while it is active;
    all are sent when it is ``complete``. ``data`` has the datasets to choose from, name -> label. ``on_change`` is
    called with the settings that the reader changes in the picture, ``on_turn`` with a weight of the newest network
    that is changed by hand, or changed back: its number, as in the events, and its value. ``turned`` are such
    weights of a run that is done. ``step`` replaces the number of the update where the network is untrained.
    """
    scene = _scene(config) | {
        "features": _FEATURES,
        "most": {"layers": MAX_LAYERS, "units": int(config.limits("units_1")[1])},
        "sets": [_thumbnail(name, label, config) for name, label in (data or {}).items()],
        "chosen": config.data,
        "words": canvas_labels(classes=not config.regression, untrained=step),
    }
    scene["id"] = hashlib.blake2b(json.dumps(scene).encode(), digest_size=8).hexdigest()
    scene |= {
        "run": run,
        "snapshots": _snapshots(history, complete=complete),
        "total": history[-1].total,
        "complete": complete,
        "poll": 1000 * pace.interval,
        "editable": on_change is not None,
        "turnable": on_turn is not None,
        "turned": list((turned or {}).items()),
        "alt": alt,
    }

    def changed() -> None:
        change = st.session_state[key].get("change")
        if on_change and isinstance(change, Mapping):
            on_change(change)

    def weight_turned() -> None:
        with suppress(ValidationError):
            turn = _Turn.model_validate(st.session_state[key].get("turn"))
            if on_turn and turn.parameter < len(history[-1].arrays["weights"]):
                on_turn(turn.parameter, turn.value)

    render = browser_component.register("playground", _ASSETS, _SCRIPTS, _HTML)

    def restored() -> None:
        with suppress(ValidationError):
            for parameter in _Restored.validate_python(st.session_state[key].get("restore")):
                weights = history[-1].arrays["weights"]
                if on_turn and parameter < len(weights):
                    on_turn(parameter, float(weights[parameter]))

    render(key=key, data=scene, on_change_change=changed, on_turn_change=weight_turned, on_restore_change=restored)


class _Turn(BaseModel):
    """A weight that was changed by hand: its number in the events' arrays, and its value."""

    parameter: int = Field(ge=0)
    value: float = Field(ge=-_MAX_WEIGHT, le=_MAX_WEIGHT)


_Restored = TypeAdapter(list[NonNegativeInt])
"""The numbers of weights that were changed by hand, and have their values from training again."""


@lru_cache(maxsize=64)
def _scene(config: PlaygroundConfig) -> dict[str, object]:
    """Return the data that stay the same while a network is trained."""
    points = make_dataset(config)
    return {
        "network": {
            "features": config.features,
            "hidden": config.hidden_sizes,
            "activation": config.activation,
            "classes": not config.regression,
            "loss": config.loss,
        },
        "points": {
            "train": _encode(np.column_stack([points.train_x, points.train_y])),
            "test": _encode(np.column_stack([points.test_x, points.test_y])),
            "validation": _encode(np.column_stack([points.validation_x, points.validation_y])),
        },
    }


def _snapshots(history: Sequence[Progress], *, complete: bool) -> dict[str, object]:
    """Return weights and gradients of the newest events, as many as fit; of a complete run, of evenly spaced events."""
    events: Sequence[Progress] = [event for event in history if "weights" in event.arrays]
    size = 2 * events[-1].arrays["weights"].nbytes
    events = thin(events, max(2, _COMPLETE_BYTES // size)) if complete else events[-max(2, _ACTIVE_BYTES // size) :]
    return {
        "steps": [event.step for event in events],
        "weights": _encode(np.stack([event.arrays["weights"] for event in events])),
        "gradients": _encode(np.stack([event.arrays["gradients"] for event in events])),
        "numbers": [[event.metrics.get(name) for name in _METRICS] for event in events],
    }


def _thumbnail(name: str, label: str, config: PlaygroundConfig) -> dict[str, object]:
    """Return the choice of a dataset, with a few of its points as bytes."""
    points, classes = thumbnail_points(name, config.points if name == "own" else "")
    return {"name": name, "label": label, "points": base64.b64encode(points).decode(), "classes": classes}


def _encode(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
