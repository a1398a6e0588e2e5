"""Repeat a saved run, and compare the new results with the saved results."""

from collections.abc import Generator, Iterator, Mapping

import torch
from torch import Tensor

from core import topics
from core.engine.run import Run, State
from core.engine.worker import prepare
from core.training.health.signals import PREFIX
from core.training.progress import Metrics, Progress, TrainedModel
from core.training.state import with_changes


def train_again(run: Run) -> Iterator[Progress]:
    """Repeat a run up to its last update, with the same config and the same changes to settings during training.

    Yields each repeated event. Raises ValueError after the first event whose metrics or arrays are not bit-identical to
    the saved metrics or arrays. Only measurements for the health checks may be new. If the run is done, the final
    weights must be bit-identical too.
    """
    prepare(run.config)
    events = run.history()
    training = with_changes(topics.topic(run.topic).train, run.config, run.changes)
    for event in events:
        again = next(training, None)
        if again is None:
            raise ValueError(f"the repetition has no update {event.step}")
        yield again
        metrics = without_new_measurements(again.metrics, event.metrics)
        if (again.step, again.total, metrics) != (event.step, event.total, event.metrics):
            raise ValueError(f"update {event.step} is different: {_first_difference(event, again)}")
        if names := event.arrays.keys() ^ again.arrays.keys():
            raise ValueError(f"update {event.step} is different: only one has the arrays {', '.join(sorted(names))}")
        for name, array in event.arrays.items():
            if array.tobytes() != again.arrays[name].tobytes():
                raise ValueError(f"update {event.step} is different: the array {name}")
    if run.state is State.DONE and run.result:
        _compare_weights(run.result.weights, _weights_at_end(training))


def without_new_measurements(metrics: Metrics, saved: Metrics) -> Metrics:
    """Return metrics without those measurements for the health checks that the saved metrics do not have.

    Runs of earlier versions have no such measurements.
    """
    return {name: value for name, value in metrics.items() if name in saved or not name.startswith(PREFIX)}


def _weights_at_end(training: Generator[Progress, None, TrainedModel]) -> Mapping[str, Tensor]:
    try:
        again = next(training)
    except StopIteration as end:
        return end.value.weights
    raise ValueError(f"the repetition has a further update {again.step}")


def _compare_weights(weights: Mapping[str, Tensor], again: Mapping[str, Tensor]) -> None:
    if names := weights.keys() ^ again.keys():
        raise ValueError(f"only one of the results has the weights {', '.join(sorted(names))}")
    for name, weight in weights.items():
        if not torch.equal(weight, again[name].cpu().contiguous()):
            raise ValueError(f"the weights {name} are different")


def _first_difference(event: Progress, again: Progress) -> str:
    for name, value in event.metrics.items():
        if again.metrics.get(name) != value:
            return f"{name} was {value}, and is now {again.metrics.get(name)}"
    return f"it was update {event.step} of {event.total}, and is now {again.step} of {again.total}"
