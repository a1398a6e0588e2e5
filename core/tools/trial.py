"""Training for a tool: the run's own training function, one update at a time, with the loss of every update."""

import math
from collections.abc import Generator

from core.topics import Topic
from core.training.config import RunConfig
from core.training.progress import Progress
from core.training.state import TrainingState


def losses(
    topic: Topic, config: RunConfig, state: TrainingState, *, updates: int
) -> Generator[list[float | None], None, None]:
    """Train with the training function of ``topic``; yield the losses of all networks after every update.

    ``state`` is a new or a resumed state with ``losses_only``. Training ends after ``updates`` updates, or earlier if
    the run ends. A loss that is not finite is None.
    """
    training = topic.train(config, state)
    try:
        while state.step < updates:
            event = next(training, None)
            if event is None:
                return
            if event.step:
                yield _finite(topic, event)
    finally:
        training.close()


def mean_loss(values: list[float | None]) -> float | None:
    """Return the mean of the losses, or None if one of them is not finite."""
    finite = [value for value in values if value is not None]
    return sum(finite) / len(finite) if finite and len(finite) == len(values) else None


def lowest_loss(values: list[float | None]) -> float | None:
    """Return the lowest loss that is finite, or None if there is none."""
    return min((value for value in values if value is not None), default=None)


def _finite(topic: Topic, event: Progress) -> list[float | None]:
    values = topic.trial.losses(event)
    return [value if value is not None and math.isfinite(value) else None for value in values]
