"""A small network that the browser computes and draws: data, features, units, edges, and output."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from pydantic import BaseModel, Field, NonNegativeInt, TypeAdapter, ValidationError

from core.topics.playground import point_codec
from core.topics.playground.config import MAX_LAYERS, MAX_UNITS, PlaygroundConfig
from core.topics.playground.data import make_dataset, noise_shifts
from core.topics.playground.thumbnails import thumbnail_points
from core.training.progress import Progress
from pages.components import browser_component
from pages.components.charts.line_chart import thin
from pages.components.run.pace import pace
from pages.foundations.playground.labels import FEATURES
from pages.foundations.playground.network_canvas_labels import canvas_labels

_ASSETS = Path(__file__).parent / "network_canvas_assets"
_SCRIPTS = (
    "network.js",
    "rendering.js",
    "player.js",
    "network_diagram.js",
    "output_plot.js",
    "loss_chart.js",
    "own_points.js",
    "controls.js",
    "inspector.js",
    "playground.js",
)
_ACTIVE_BYTES, _COMPLETE_BYTES = (
    120_000,
    1_000_000,
)  # limits, in bytes, on the snapshots sent at once: in active runs, and in complete runs
_MAX_WEIGHT = 8  # largest absolute value of a weight that is changed by hand
_METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_HTML = """
<section class="playground" data-playing="false" data-view="output">
  <div class="board">
    <canvas class="edges"></canvas>
    <fieldset class="sets"><legend class="sets-title"></legend><div class="choices"></div>
      <button type="button" class="fresh"></button></fieldset>
    <div class="views"><button type="button" class="view-output" data-view="output" aria-pressed="true"></button>
      <button type="button" class="view-network" data-view="network" aria-pressed="false"></button></div>
    <div class="network">
      <h4 class="features-title"></h4><div class="layers"></div><div class="heads"></div><div class="units"></div>
    </div>
    <figure class="output">
      <div class="heading"><span class="title"></span><span class="step"></span></div>
      <div class="stage"><canvas></canvas><canvas></canvas><canvas role="img" tabindex="0"></canvas>
        <button type="button" class="restore" hidden></button><span class="notice" role="alert" hidden></span></div>
      <div class="key"><span class="low"></span><span class="bar"></span><span class="high"></span></div>
      <span class="readout" role="status"></span>
    </figure>
    <div class="tools">
      <div class="drawing" hidden>
        <button type="button" class="tool blue" data-tool="blue"></button>
        <button type="button" class="tool orange" data-tool="orange"></button>
        <button type="button" class="tool erase" data-tool="erase"></button>
        <button type="button" class="undo">↶</button><button type="button" class="clear">✕</button>
      </div>
      <label><input type="checkbox" class="with-test"><span class="test-label"></span></label>
      <label><input type="checkbox" class="discrete"><span class="discrete-label"></span></label>
    </div>
    <figure class="losses">
      <div class="legend">
        <button type="button" data-line="test" aria-pressed="false"><span class="name"></span>
          <span class="loss"></span><span class="accuracy"></span></button>
        <button type="button" data-line="train" aria-pressed="false"><span class="name"></span>
          <span class="loss"></span><span class="accuracy"></span></button>
      </div>
      <div class="chart"><canvas role="img"></canvas></div>
    </figure>
    <input type="range" class="timeline" min="0" step="1" hidden>
    <div class="tip" id="tip" hidden><span class="what"></span><span class="said"></span>
      <input type="range" class="slider" hidden><span class="hint"></span></div>
  </div>
</section>
"""

Losses = Sequence[tuple[float, float | None]]
"""(update, loss) pairs. A loss is None if it is not finite."""


@dataclass(frozen=True)
class OwnPoints:
    """The user's own points and the state of the drawing, as data for the browser.

    ``packed`` contains the encoded points. ``version`` is the number of times that the points were replaced without
    drawing, for example by a table. ``edit`` is the index of the last edit in this version. ``problem`` is a message
    that explains why a network cannot be trained on the points, or None if a network can be trained.
    """

    packed: str
    version: int
    edit: int
    problem: str | None = None


@dataclass(frozen=True)
class Changes:
    """Callbacks for the user's changes in the main view. A change whose callback is None is not allowed."""

    settings: Callable[[Mapping[str, object]], None] | None = None
    """Receives the new values of settings, keyed by setting name."""
    weight: Callable[[int, float], None] | None = None
    """Receives the index of a weight in the array "weights" of the events, and the new value of the weight."""
    points: Callable[[object], None] | None = None
    """Receives the browser's message about drawn points."""


def draw(
    config: PlaygroundConfig,
    history: Sequence[Progress],
    *,
    run: str,
    complete: bool,
    key: str,
    alt: str,
    recorded: bool = False,
    data: Mapping[str, str] | None = None,
    changes: Changes = Changes(),
    turned: Mapping[int, float] | None = None,
    own: OwnPoints | None = None,
    previous: Losses = (),
    marks: Sequence[tuple[float, str]] = (),
    untrained: bool = False,
    timeline: float = 0,
) -> None:
    """Draw the network of a run at the displayed update, and the losses of the run.

    ``history`` contains the events of the run, ``run`` identifies the run, and ``alt`` is the alternative text.
    ``recorded`` indicates whether the run is a recording. ``untrained`` indicates whether an untrained network is drawn
    instead of a run. During training, only the newest weights and gradients are sent to the browser, which keeps
    earlier weights and gradients. If the run is ``complete``, weights and gradients from the whole run are sent.

    ``data`` maps the names of the available datasets to labels. Without ``data``, only the network and its output are
    drawn. ``own`` contains the user's own points. ``turned`` contains the new values of the weights that were changed
    by hand after the end of the run, keyed by weight index. ``previous`` contains (update, test loss) pairs of the
    previous run. ``marks`` contains (update, label) pairs for the updates at which settings or weights were changed.

    ``timeline`` is for pages without a scrubber. If ``timeline`` is not 0, the view has a slider for the displayed
    update, and the browser replays the run once, in ``timeline`` seconds.
    """
    scene = _scene(config) | {
        "features": FEATURES,
        "most": {
            "layers": MAX_LAYERS,
            "units": MAX_UNITS,
            "points": point_codec.MAX_POINTS,
        },
        "sets": [_thumbnail(name, label, config) for name, label in (data or {}).items()],
        "chosen": config.data,
        "words": canvas_labels(classes=not config.regression, untrained=untrained),
    }
    scene["id"] = hashlib.blake2b(json.dumps(scene).encode(), digest_size=8).hexdigest()
    scene |= {
        "run": run,
        "snapshots": _snapshots(history, complete=complete),
        "losses": _losses(history),
        "previous": {"steps": [step for step, _loss in previous], "test": [loss for _step, loss in previous]}
        if previous
        else None,
        "marks": list(marks),
        "total": history[-1].total,
        "complete": complete,
        "recorded": recorded,
        "poll": 1000 * pace.interval,
        "editable": changes.settings is not None,
        "drawable": changes.points is not None,
        "turnable": changes.weight is not None,
        "turned": list((turned or {}).items()),
        "own": _own(own) if own else None,
        "seconds": timeline,
        "alt": alt,
    }

    def changed() -> None:
        change = st.session_state[key].get("change")
        if changes.settings and isinstance(change, Mapping):
            changes.settings(change)

    def weight_turned() -> None:
        with suppress(ValidationError):
            turn = _Turn.model_validate(st.session_state[key].get("turn"))
            if changes.weight and turn.parameter < len(history[-1].arrays["weights"]):
                changes.weight(turn.parameter, turn.value)

    def restored() -> None:
        with suppress(ValidationError):
            for parameter in _Restored.validate_python(st.session_state[key].get("restore")):
                weights = history[-1].arrays["weights"]
                if changes.weight and parameter < len(weights):
                    changes.weight(parameter, float(weights[parameter]))

    def drawn() -> None:
        if changes.points:
            changes.points(st.session_state[key].get("points"))

    render = browser_component.register("playground", _ASSETS, _SCRIPTS, _HTML)
    render(
        key=key,
        data=scene,
        on_change_change=changed,
        on_turn_change=weight_turned,
        on_restore_change=restored,
        on_points_change=drawn,
    )


class _Turn(BaseModel):
    """A weight that was changed by hand: its index in the array "weights" of the events, and its new value."""

    parameter: int = Field(ge=0)
    value: float = Field(ge=-_MAX_WEIGHT, le=_MAX_WEIGHT)


_Restored = TypeAdapter(list[NonNegativeInt])
"""Indices of weights that were changed by hand and are restored to their trained values."""


@lru_cache(maxsize=64)
def _scene(config: PlaygroundConfig) -> dict[str, object]:
    """Return the part of the browser's data that does not change during training."""
    points, sizes = make_dataset(config), config.split_sizes
    shifts = np.split(np.column_stack([part.numpy() for part in noise_shifts(config)]), np.cumsum(sizes)[:-1])
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
        "noise": config.noise,
        "shifts": dict(zip(("train", "validation", "test"), map(_encode, shifts), strict=True)),
    }


def _snapshots(history: Sequence[Progress], *, complete: bool) -> dict[str, object]:
    """Return weights and gradients up to a size limit: of the newest or, if ``complete``, of evenly spaced events."""
    events: Sequence[Progress] = [event for event in history if "weights" in event.arrays]
    size = 2 * events[-1].arrays["weights"].nbytes
    events = thin(events, max(2, _COMPLETE_BYTES // size)) if complete else events[-max(2, _ACTIVE_BYTES // size) :]
    return {
        "steps": [event.step for event in events],
        "weights": _encode(np.stack([event.arrays["weights"] for event in events])),
        "gradients": _encode(np.stack([event.arrays["gradients"] for event in events])),
        "numbers": [[event.metrics.get(name) for name in _METRICS] for event in events],
    }


def _losses(history: Sequence[Progress]) -> dict[str, object]:
    """Return the losses of all events, keyed by data split, and their updates. A loss is None if it is not finite."""
    names = {"train": "train_loss", "test": "test_loss", "validation": "validation_loss"}
    series = {name: [event.metrics.get(metric) for event in history] for name, metric in names.items()}
    if not any(value is not None for value in series["validation"]):
        series.pop("validation")
    return {"steps": [event.step for event in history], **series}


def _own(own: OwnPoints) -> dict[str, object]:
    xy, y = point_codec.unpack(own.packed)
    return {
        "points": _encode(np.column_stack([xy, y])),
        "version": own.version,
        "edit": own.edit,
        "problem": own.problem,
        "trainable": own.problem is None,
    }


def _thumbnail(name: str, label: str, config: PlaygroundConfig) -> dict[str, object]:
    """Return the data of a dataset's thumbnail: name, label, and a few points as bytes in base64."""
    points, classes = thumbnail_points(name, config.points if name == "own" else "")
    return {"name": name, "label": label, "points": base64.b64encode(points).decode(), "classes": classes}


def _encode(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
