"""Repeat a saved run, and compare the new results with the saved results."""

from collections.abc import Iterator

import torch

from core import topics
from core.engine.run import Run, State
from core.engine.worker import prepare
from core.training.progress import Progress
from core.training.state import with_changes


def train_again(run: Run) -> Iterator[Progress]:
    """Repeat a run up to its last update, with the same config and the same changes to settings during training.

    Yields each repeated event. Raises ValueError after the first event whose metrics or arrays are not bit-identical to
    the saved metrics or arrays. If the run is done, the final weights must be bit-identical too.
    """
    prepare(run.config)
    events = run.history()
    training = with_changes(topics.topic(run.topic).train, run.config, run.changes)
    for event in events:
        again = next(training)
        yield again
        if (again.step, again.total, again.metrics) != (event.step, event.total, event.metrics):
            raise ValueError(f"update {event.step} is different: {_first_difference(event, again)}")
        for name, array in event.arrays.items():
            if name not in again.arrays or array.tobytes() != again.arrays[name].tobytes():
                raise ValueError(f"update {event.step} is different: the array {name}")
    if run.state is State.DONE and run.result:
        try:
            next(training)
        except StopIteration as end:
            weights = end.value.weights
            for name in run.result.weights.keys() ^ weights.keys():
                raise ValueError(f"only one of the results has the weights {name}") from None
            for name, weight in run.result.weights.items():
                if not torch.equal(weight, weights[name].cpu().contiguous()):
                    raise ValueError(f"the weights {name} are different") from None


def _first_difference(event: Progress, again: Progress) -> str:
    for name, value in event.metrics.items():
        if again.metrics.get(name) != value:
            return f"{name} was {value}, and is now {again.metrics.get(name)}"
    return f"it was update {event.step} of {event.total}, and is now {again.step} of {again.total}"
