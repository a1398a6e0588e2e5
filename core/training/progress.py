"""The events of a training function: numbers and small copies of arrays, never live tensors."""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, SupportsFloat

import numpy as np
import torch

from core.training.state import TrainingState

Metrics = Mapping[str, float | None]


@dataclass(frozen=True)
class Progress:
    """An event of a run: the metrics and arrays after ``step`` of ``total`` updates. Step 0 is before the first update.

    ``metrics`` maps names to numbers, or to None for numbers that are not finite (see `finite`). ``arrays`` maps names
    to small arrays, such as images or copies of weights. For many events, ``arrays`` is empty.
    """

    step: int
    total: int
    metrics: Metrics
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainedModel:
    """The result of a training function: the named weights and the final metrics."""

    weights: Mapping[str, torch.Tensor]
    metrics: Metrics


class TrainFunction(Protocol):
    """A training function: it takes a config, yields events, and returns the trained model."""

    def __call__(self, config: Any, resume: TrainingState | None = None, /) -> Generator[Progress, None, TrainedModel]:
        """Train with the settings ``config``, from the beginning or from the saved state ``resume``.

        ``resume`` may also be a new state. It is updated during training, so that the caller can save it after every
        event.
        """


def finite(value: SupportsFloat) -> float | None:
    """Return the value as a Python float, or None if it is infinite or NaN."""
    number = float(value)
    return number if math.isfinite(number) else None


def run_to_end(training: Generator[Progress, None, TrainedModel], watch: Callable[[Progress], None]) -> TrainedModel:
    """Run ``training`` to completion, pass every event to ``watch``, and return the trained model."""
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            return end.value
        watch(event)
