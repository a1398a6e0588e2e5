"""The trace of one update: the code of the training loop, the values of each line, and predictions for test digits."""

import base64
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Task, Weights
from core.topics.manual_mlp.step_trace import (
    Snapshot,
    last_replayable_step,
    replay_weights,
    trace_step,
    weight_snapshots,
)
from core.topics.manual_mlp.train import N_SHOWN
from pages.components import browser_component
from pages.components.charts import images
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp import labels, traced_lines

N_TRACES = 5  # number of traced updates of a finished run
N_DIGITS = 16  # number of test digits with predictions
_N_IMAGES = 6  # number of samples or hidden units that are also drawn as images (digits only)
_MAX_SIDE = 48  # maximum number of rows and of columns in a heat map
_ASSETS = Path(__file__).parent / "step_trace_assets"
_HTML = """
<section class="step-trace">
  <div class="controls">
    <button type="button" class="back"></button><button type="button" class="next"></button>
    <span class="position"></span>
  </div>
  <div class="code" tabindex="0" role="listbox"></div>
  <div class="values">
    <p class="formula"></p><p class="explanation"></p>
    <div class="stage"><div class="expression"></div><div class="images"></div></div>
    <p class="range"></p>
  </div>
  <div class="digits"><p></p><div class="row"></div></div>
</section>
"""


def draw(run_view: RunView) -> None:
    """Draw the trace of the displayed update: the code of the training loop, and the values that each line computes."""
    config = run_view.config
    lines = traced_lines.traced_lines(tutorials_gradient=config.tutorials_gradient)
    formulas, explanations = traced_lines.formulas(config), traced_lines.explanations(config)
    data = {
        "run": run_view.run.id,
        "code": traced_lines.highlighted_loop(),
        "skipped": sorted(traced_lines.skipped_lines(tutorials_gradient=config.tutorials_gradient)),
        "lines": [
            {
                "line": line.line,
                "parts": line.parts,
                "results": line.results,
                "formula": formulas[line.target],
                "explanation": explanations[line.target],
            }
            for line in lines
        ],
        "traces": [
            _trace(run_view.run.id, step, len(run_view.run.changes), run_view) for step in traced_steps(run_view)
        ],
        "digits": _digits(run_view),
        "words": {
            "back": _("Back"),
            "next": _("Next line"),
            "position": _("Line {line} of {lines} · update {step}"),
            "code": _("One update of implementation 1, line by line"),
            "updated": _("{name}, updated"),
            "accuracy": _("Test digits and predictions · update {step} · {accuracy} correct"),
            "digits": _("Test digits and predictions"),
            "digit": _("Prediction {prediction}, label {label}"),
            "samples": _("the first images in the batch"),
            "units": _("{name} of the first hidden units, as images"),
            "not_finite": _("not finite"),
        },
    }
    render = browser_component.register("step_trace", _ASSETS, ("heat_map.js", "digits.js", "step_trace.js"), _HTML)
    render(key="manual_mlp.step_trace", data=data)


def snapshots(run_view: RunView) -> dict[int, Snapshot]:
    """Return the saved weights of a run, keyed by update."""
    return weight_snapshots(run_view.history, run_view.run.result if run_view.complete else None)


def traced_steps(run_view: RunView) -> list[int]:
    """Return the updates to trace: the latest update and, if the run is finished, some earlier updates.

    The values of an update are computed by repeating training from saved weights. If this repetition would take too
    long, an earlier update is traced instead. During training, the last update with saved weights is traced. If
    training is paused, a later update may be traced.
    """
    run, saved, newest = run_view.run, snapshots(run_view), run_view.step

    def reachable(step: int, seconds: float) -> int:
        return last_replayable_step(run.config, step, saved, run.changes, seconds=seconds)

    if not run_view.complete:
        return [reachable(newest, 1.0 if run.command.paused else 0.0)]
    steps = (round(newest * share / (N_TRACES - 1)) for share in range(N_TRACES))
    return sorted({reachable(step, 5.0 if step == newest else 0.1) for step in steps})


@st.cache_data(max_entries=100, show_spinner=False)
def _trace(run_id: str, step: int, n_changes: int, _run_view: RunView) -> dict[str, Any]:
    """Return all values of an update in the format that the browser expects."""
    run = _run_view.run
    weights = replay_weights(run.config, step, snapshots(_run_view), run.changes)
    return {"step": step, "values": _values(run.config, step, weights, run.changes)}


def _values(config: MLPConfig, step: int, weights: Weights, changes: Any) -> dict[str, Any]:
    trace = trace_step(config, step, weights, changes)
    arrays = {name: value.numpy() for name, value in trace.values.items()}
    arrays |= {
        traced_lines.UPDATED.format(name): value.numpy()
        for name, value in zip(("W1", "W2"), trace.updated, strict=True)
    }
    is_digits = config.data == "digits"
    values = {
        name: _packed(array, _mean_of_half_rows(array) if is_digits and name == "x" else None)
        for name, array in arrays.items()
    }
    values["learning_rate"] = {"number": number(trace.learning_rate)}
    if is_digits:
        values["x"]["images"] = _packed_images(arrays["x"][:_N_IMAGES])
        for name in ("W1", "grad_W1", traced_lines.UPDATED.format("W1")):
            values[name]["images"] = _packed_images(arrays[name].T[:_N_IMAGES])
    return values


def _packed(array: np.ndarray, small: np.ndarray | None = None) -> dict[str, Any]:
    """Return a number as text, or a matrix as bytes.

    A large matrix is reduced to ``small``. By default, it is divided into at most `_MAX_SIDE` × `_MAX_SIDE` blocks, and
    each block is replaced by its entry of largest magnitude.
    """
    if not array.ndim:
        return {"number": number(array.item())}
    small = images.strongest_entries(array, _MAX_SIDE) if small is None else small
    return {
        "shape": array.shape,
        "size": small.shape,
        "bytes": signed_bytes(small),
        "range": _("from {low} to {high}, {zeros:.0%} zeros").format(
            low=number(array.min()), high=number(array.max()), zeros=(array == 0).mean()
        ),
    }


def _mean_of_half_rows(x: np.ndarray) -> np.ndarray:
    """Return at most `_MAX_SIDE` evenly spaced images of x (N, 784), each as a row of 56 means, two for each pixel row.

    In other matrices, each block is replaced by its entry of largest magnitude. In an image, this entry would be a
    white or a black pixel in almost every block.
    """
    selected = x[:: -(-len(x) // _MAX_SIDE)]
    return selected.reshape(len(selected), 56, 14).mean(axis=2)


def _packed_images(rows: np.ndarray) -> dict[str, Any]:
    return {"count": len(rows), "bytes": signed_bytes(rows)}


def signed_bytes(values: np.ndarray) -> str:
    """Encode values as signed bytes in base64.

    The values are scaled so that the largest absolute value becomes 127. NaN and infinity become -128.
    """
    is_finite = np.isfinite(values)
    largest = np.abs(values[is_finite]).max(initial=0) or 1
    scaled = np.round(np.where(is_finite, values, 0) / largest * 127)
    return base64.b64encode(np.where(is_finite, scaled, -128).astype(np.int8).tobytes()).decode()


def _digits(run_view: RunView) -> dict[str, Any] | None:
    """Return test digits, and the predictions and accuracy at each recorded update. Return None for other datasets."""
    config = run_view.config
    if config.data != "digits":
        return None
    pixels, digit_labels = _shown_digits(config)
    accuracy = f"accuracy/{config.implementations[0]}"
    frames: list[dict[str, Any]] = [
        {
            "step": event.step,
            "predictions": event.arrays["outputs"][:N_DIGITS].argmax(axis=1).tolist(),
            "accuracy": labels.accuracy(event.metrics.get(accuracy)),
        }
        for event in run_view.history
        if "outputs" in event.arrays
    ]
    if frames and run_view.complete:
        frames[-1]["accuracy"] = labels.accuracy(run_view.metric(accuracy))  # on all test digits
    return {"pixels": pixels, "labels": digit_labels, "frames": frames}


@lru_cache(maxsize=16)
def _shown_digits(config: MLPConfig) -> tuple[str, list[int]]:
    x, y = Task(config).displayed_data(N_SHOWN)
    pixels = (x[:N_DIGITS] * 255).round().byte().numpy()
    return base64.b64encode(pixels.tobytes()).decode(), y[:N_DIGITS].argmax(dim=1).tolist()
