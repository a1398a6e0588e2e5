"""Make a few updates of a run: observe the first one, and measure the time of the others."""

import json
import math
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from statistics import median
from typing import Any

import numpy as np
from torch import Tensor

from core.tools.config import ToolConfig
from core.tools.dry_run.observation import Observer, parameter_row
from core.tools.settings import without_evaluations
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState

TIMED_UPDATES = 20
"""Largest number of updates whose time is measured."""
TIME = 3.0
"""Number of seconds after which no further update is measured."""


def train(config: ToolConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Make a few updates with the training function of a run; yield progress after every update.

    The last event has the array ``report``, uint8, a JSON object (see `report_of`): ``layers``, ``parameters``, and
    ``memory`` of the first update (see `core.tools.dry_run.observation.Observer`), and ``seconds``, the median time of
    an update, with its batch. Values that are not finite are null.

    If no PyTorch optimizer makes the update, there are no layers and no gradients, ``memory`` is empty, and
    ``parameters`` has the weights of the run.

    Final metrics: ``parameters``, their number, and ``seconds``. A resumed run starts again.
    """
    state, total = resume or TrainingState(), 1 + TIMED_UPDATES
    topic, observer, inner = config.examined_topic, Observer(), TrainingState(losses_only=True)
    if not state.resumed:
        yield Progress(0, total, {})
    state.step, times = 0, list[float]()
    with closing(topic.train(without_evaluations(config.examined), inner)) as training:
        before: dict[str, Tensor] = {}
        while not inner.step:  # the first events may come before the first update
            with observer.observing():
                next(training)
            before = before or _weights(inner)
        rows = observer.parameters or [
            parameter_row(name, before[name], after) for name, after in _weights(inner).items() if name in before
        ]
        end = time.monotonic() + TIME
        while len(times) < TIMED_UPDATES and (not times or time.monotonic() < end):
            start = time.perf_counter()
            if next(training, None) is None:
                break
            times.append(time.perf_counter() - start)
            state.step = len(times)
            yield Progress(state.step, total, {})
    seconds = median(times) if times else None
    report = {"layers": observer.layers, "parameters": rows, "memory": observer.memory, "seconds": seconds}
    text = json.dumps(_finite(report)).encode()
    state.step = total
    yield Progress(total, total, {}, {"report": np.frombuffer(text, np.uint8)})
    return TrainedModel({}, {"parameters": float(sum(row["count"] for row in rows)), "seconds": seconds})


def report_of(event: Progress) -> dict[str, Any] | None:
    """Return the report of the last event of a dry run, or None for other events."""
    return json.loads(event.arrays["report"].tobytes()) if "report" in event.arrays else None


def _weights(state: TrainingState) -> dict[str, Tensor]:
    """Return copies of the weights of a run, or of the part ``networks`` of its state if there are many networks."""
    if state.current_weights:
        return {name: weight.detach().clone() for name, weight in state.current_weights().items()}
    parts = _tensors(state.state_dict()["parts"])
    return {name: tensor.clone() for name, tensor in parts.items() if "networks" in name.split(".")}


def _tensors(values: Mapping[str, Any], prefix: str = "") -> dict[str, Tensor]:
    """Return the tensors in nested dictionaries, by their names joined with dots."""
    tensors: dict[str, Tensor] = {}
    for name, value in values.items():
        if isinstance(value, Tensor):
            tensors[prefix + name] = value
        elif isinstance(value, Mapping):
            tensors |= _tensors({str(key): part for key, part in value.items()}, f"{prefix}{name}.")
    return tensors


def _finite(value: Any) -> Any:
    """Return the value with None for numbers that are not finite, also inside lists and dictionaries."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
