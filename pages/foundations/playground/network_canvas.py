"""A small network at work, computed and drawn in the browser: its data, features, units, edges and what it answers."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from core.topics.playground.config import MAX_LAYERS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.training.progress import Progress
from pages.components import browser_component
from pages.components.charts.line_chart import thin
from pages.components.run.fragments import POLL
from pages.components.text import _

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
_BUDGET, _WHOLE = 120_000, 1_000_000  # bytes of snapshots that travel at a time: while a run goes on, and of all of it
_NUMBERS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
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
    step: str | None = None,
) -> None:
    """Draw the network of a run as far as it has come, and let the browser play what is new of it.

    ``run`` says which run it is: the browser keeps its snapshots, so that while it goes on only the newest travel;
    ``complete``, all do. ``data`` are the data sets to choose from. Where there is ``on_change``, it is called with
    the settings that the reader changes in the picture. ``step`` is said in the place of the update: that the
    network is untrained.
    """
    scene = _scene(config) | {
        "features": _FEATURES,
        "most": {"layers": MAX_LAYERS, "units": int(config.limits("units_1")[1])},
        "sets": [_thumbnail(name, label, config) for name, label in (data or {}).items()],
        "chosen": config.data,
        "words": _words(classes=not config.regression, untrained=step),
    }
    scene["id"] = hashlib.blake2b(json.dumps(scene).encode(), digest_size=8).hexdigest()
    scene |= {
        "run": run,
        "snapshots": _snapshots(history, complete=complete),
        "total": history[-1].total,
        "complete": complete,
        "poll": 1000 * POLL,
        "editable": on_change is not None,
        "alt": alt,
    }

    def changed() -> None:
        change = st.session_state[key].get("change")
        if on_change and isinstance(change, Mapping):
            on_change(change)

    render = browser_component.register("playground", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=scene, on_change_change=changed)


@lru_cache(maxsize=64)
def _scene(config: PlaygroundConfig) -> dict[str, object]:
    """What stays the same while a network is trained."""
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
            "train": _text(np.column_stack([points.train_x, points.train_y])),
            "test": _text(np.column_stack([points.test_x, points.test_y])),
            "validation": _text(np.column_stack([points.validation_x, points.validation_y])),
        },
    }


def _snapshots(history: Sequence[Progress], *, complete: bool) -> dict[str, object]:
    """Weights and gradients of the events: of as many of the newest as there is room for, at the end evenly of all."""
    events = [event for event in history if "weights" in event.arrays]
    size = 2 * events[-1].arrays["weights"].nbytes
    events = thin(events, max(2, _WHOLE // size)) if complete else events[-max(2, _BUDGET // size) :]
    return {
        "steps": [event.step for event in events],
        "weights": _text(np.stack([event.arrays["weights"] for event in events])),
        "gradients": _text(np.stack([event.arrays["gradients"] for event in events])),
        "numbers": [[event.metrics.get(name) for name in _NUMBERS] for event in events],
    }


def _thumbnail(name: str, label: str, config: PlaygroundConfig) -> dict[str, object]:
    """A data set to choose, with a few of its points as bytes; one's own points as far as there are some."""
    text, classes = _few(name, config.points if name == "own" else "")
    return {"name": name, "label": label, "points": text, "classes": classes}


@lru_cache(maxsize=64)
def _few(name: str, own: str) -> tuple[str, bool]:
    if name == "own" and not own:
        return "", True
    config = PlaygroundConfig(data=name, points=own, samples=160, noise=0.0 if own else 0.05)
    points = make_dataset(config)
    x, y = points.train_x.numpy(), points.train_y.numpy()
    values = y if config.regression else 2 * y - 1
    few = np.column_stack([x * (127 / 6), values * 127])[:: -(-len(x) // 80)]
    return base64.b64encode(few.round().clip(-127, 127).astype("i1").tobytes()).decode(), not config.regression


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def _words(*, classes: bool, untrained: str | None = None) -> dict[str, object]:
    numbers = {
        (True, True): _("test: loss {test}, {test_right} right\ntraining: loss {train}, {train_right} right"),
        (True, False): _(
            "untrained, test: loss {test}, {test_right} right\nuntrained, training: loss {train}, {train_right} right"
        ),
        (False, True): _("test: loss {test}\ntraining: loss {train}"),
        (False, False): _("untrained, test: loss {test}\nuntrained, training: loss {train}"),
    }
    return {
        "parts": {
            "fresh": _("New points"),
            "sets-title": _("Data"),
            "features-title": _("Features"),
            "test-label": _("Test points (squares)"),
            "discrete-label": _("Sharp boundary"),
            "restore": _("Weights as they were"),
        },
        "play": _("Play"),
        "pause": _("Pause"),
        "position": _("Update on the screen"),
        "replay": _("Replay"),
        "step": untrained or _("update {step} of {total}"),
        "numbers": numbers[classes, not untrained],
        "not_finite": _("not finite"),
        "output": _("Output: how sure it is of blue") if classes else _("Output: the value that it predicts"),
        "ends": [_("surely orange"), _("undecided"), _("surely blue")],
        "point": _("Point at the plane: every unit says its value there."),
        "point_output": _("x = {x}, y = {y}: blue with probability {value}")
        if classes
        else _("x = {x}, y = {y}: it predicts {value}"),
        "point_unit": _("x = {x}, y = {y}: it says {value}"),
        "feature": _("Feature {name}"),
        "feature_on": _("The network is told this."),
        "feature_off": _("The network is not told this."),
        "feature_click": _("Click to change that."),
        "unit": _("Unit {unit} of layer {layer}"),
        "edge": _("{from} → {to}"),
        "weight": _("weight {value} · gradient {gradient}"),
        "bias": _("bias {value} · gradient {gradient}"),
        "turn": _("Click to turn it by hand."),
        "close": _("Escape or a click elsewhere closes this."),
        "unit_count": _("1 unit"),
        "unit_counts": _("{count} units"),
        "unit_less": _("One unit less in layer {layer}"),
        "unit_more": _("One unit more in layer {layer}"),
        "layer": _("1 hidden layer"),
        "layers": _("{count} hidden layers"),
        "layer_less": _("One hidden layer less"),
        "layer_more": _("One hidden layer more"),
    }
