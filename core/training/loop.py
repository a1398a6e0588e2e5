"""The training loop of one network, shared by topics: updates, with evaluations in between."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.training.batching import BatchPlan
from core.training.progress import Metrics, Progress
from core.training.schedules import learning_rates
from core.training.state import TrainingState, Values

MAX_EVENTS = 2_000
"""Most events between the evaluations of a run."""


def training_loop(
    config: Any,
    state: TrainingState,
    kept: Values,
    *,
    samples: int,
    begin: Callable[[Any, BatchPlan], None],
    update: Callable[[Any, int, float], float | None],
    keyframes: Callable[[Any, int], set[int]],
    evaluate_some: Callable[[Any], tuple[Metrics, dict[str, np.ndarray]]],
    evaluate_all: Callable[[Any, dict[str, float | None], bool], None],
) -> Iterator[Progress]:
    """Train the network on ``samples`` for all epochs; yields after every update, in long runs after every few.

    ``config`` has a ``learning_rate``, a ``schedule``, ``epochs`` and a ``batch_size``. A topic adds functions, all of
    which receive the settings as they are then:

    - ``begin`` takes over the settings and the batches, at first and whenever a setting was changed.
    - ``update`` makes update number ``step`` with a learning rate. It returns the loss before the update, or None if
      that is not finite: the run ends there.
    - ``keyframes`` returns the updates, of so many in all, after which ``evaluate_some`` returns metrics and arrays.
    - ``evaluate_all`` adds metrics at the end of an epoch. It is told whether that is the last one, and may end the run
      (``state.ended``).

    Metrics: ``loss`` of the batch before its update, ``learning_rate`` of the update, at the end of an ``epoch`` its
    number, and ``diverged_at``. ``kept.metrics`` are the last ones, ``kept.diverged`` holds ``diverged_at``.
    """
    batch_size = config.batch_size
    for config in state.phases(config):
        plan = BatchPlan(samples, batch_size, state.changes)
        updates = plan.updates(config.epochs)
        begin(config, plan)
        rates, spacing = learning_rates(config.schedule, updates), -(-updates // MAX_EVENTS)
        evaluated = keyframes(config, updates)
        for step in state.updates(updates):
            rate = config.learning_rate * rates[step - 1]
            loss = update(config, step, rate)
            metrics: dict[str, float | None] = {"loss": loss, "learning_rate": rate}
            arrays: dict[str, np.ndarray] = {}
            if loss is None:
                state.ended, kept.metrics, kept.diverged = True, metrics, {"diverged_at": step}
                yield Progress(step, updates, metrics | kept.diverged)
                break
            if step in evaluated:
                some, arrays = evaluate_some(config)
                metrics |= some
            if (epoch := plan.epochs(step)).is_integer():
                metrics["epoch"] = int(epoch)
                evaluate_all(config, metrics, step == updates)
            kept.metrics = metrics
            if step % spacing == 0 or arrays or "epoch" in metrics:
                yield Progress(step, updates, metrics, arrays)
