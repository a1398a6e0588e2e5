"""The comparison of a run that was interrupted with the same run that was not."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import torch

from core.engine import prepare
from core.training.progress import Progress, TrainedModel, TrainFunction
from core.training.state import TrainingState


def run(
    train: TrainFunction, config, cuts: Collection[int] = (), changes: Mapping[int, Mapping[str, Any]] | None = None
) -> tuple[list[Progress], TrainedModel]:
    """Train; after the events of these numbers, save the state, use other random numbers, and go on from the state.

    After the first one another run is begun in between.

    ``changes`` are settings that are changed after the event of a number.
    """
    prepare(config)
    events: list[Progress] = []
    state = TrainingState()
    training = train(config, state)
    while True:
        try:
            events.append(next(training))
        except StopIteration as end:
            return events, end.value
        if len(events) in cuts:
            saved = state.save()
            training.close()
            torch.rand(7)
            if len(events) == min(cuts):
                other = train(config.changed(seed=5))
                next(other)
                next(other)
                other.close()
            state = TrainingState.load(saved)
            training = train(config, state)
        for name, value in (changes or {}).get(len(events), {}).items():
            state.change(name, value)


def assert_same(
    one: tuple[list[Progress], TrainedModel], other: tuple[list[Progress], TrainedModel], *, skip: int = 0
) -> None:
    """Compare both to the last bit; the other one has no events before number ``skip``."""
    for event, again in zip(one[0][skip:], other[0], strict=True):
        assert (event.step, event.total, event.metrics) == (again.step, again.total, again.metrics)
        assert event.arrays.keys() == again.arrays.keys()
        assert all(np.array_equal(event.arrays[name], again.arrays[name], equal_nan=True) for name in event.arrays)
    assert one[1].metrics == other[1].metrics
    assert one[1].weights.keys() == other[1].weights.keys()
    for name, weight in one[1].weights.items():
        np.testing.assert_array_equal(weight, other[1].weights[name])
