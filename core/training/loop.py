"""The training loop of one network, shared by topics: updates and evaluations."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from torch import nn

from core.training.batching import BatchPlan
from core.training.probes import UpdateProbe, probe_steps, watch_units
from core.training.progress import Metrics, Progress
from core.training.schedules import learning_rates
from core.training.state import TrainingState, Values

MAX_EVENTS = 2_000
"""Maximum number of events of a run, in addition to its evaluations."""


def training_loop(
    config: Any,
    state: TrainingState,
    kept: Values,
    *,
    samples: int,
    network: nn.Module,
    evaluated: nn.Module | None = None,
    begin: Callable[[Any, BatchPlan], None],
    update: Callable[[Any, int, float], float | None],
    keyframes: Callable[[Any, int], set[int]],
    evaluate_some: Callable[[Any], tuple[Metrics, dict[str, np.ndarray]]],
    evaluate_all: Callable[[Any, dict[str, float | None], bool], None],
) -> Iterator[Progress]:
    """Train a network for all epochs; yield progress after every update or, in long runs, after every few updates.

    ``config`` has the settings ``learning_rate``, ``schedule``, ``epochs``, and ``batch_size``. ``state`` is the state
    of the run. ``kept.metrics`` is set to the latest metrics. If the run diverges, ``kept.diverged`` is set to a
    dictionary with ``diverged_at``. ``samples`` is the number of training samples. ``network`` is the network that is
    trained. ``evaluated`` is the network that is evaluated, if it is another one. The remaining arguments are
    functions. Each function receives the current settings as its first argument:

    - ``begin`` also receives the batch plan. It is called at the start and after every change to a setting.
    - ``update`` performs an update, given its number (counted from 1) and its learning rate. It returns the loss of the
      batch before the update. If this loss is not finite, the function returns None, and the run ends.
    - ``keyframes`` receives the total number of updates. It returns the updates after which ``evaluate_some`` is
      called.
    - ``evaluate_some`` returns metrics and arrays.
    - ``evaluate_all`` is called at the end of each epoch. It also receives the metrics of the latest update, to which
      it adds other metrics, and whether this update is the last one of the run. It may end the run by setting
      ``state.ended``.

    If ``state.losses_only`` is true, the network is not evaluated.

    Metrics: ``loss``, the loss of the batch before its update; ``learning_rate``, the learning rate of the update;
    ``epoch``, the number of completed epochs, only at the end of an epoch; and ``diverged_at``, the number of the
    update whose loss is not finite. At some keyframes, the events also have the metrics of `core.training.probes`.
    """
    batch_size = config.batch_size
    for config in state.phases(config):
        plan = BatchPlan(samples, batch_size, state.changes)
        updates = plan.updates(config.epochs)
        begin(config, plan)
        rates, spacing = learning_rates(config.schedule, updates), -(-updates // MAX_EVENTS)
        keyframe_steps = keyframes(config, updates)
        if state.losses_only:
            spacing, keyframe_steps = 1, set()
        probed = probe_steps(keyframe_steps)
        for step in state.updates(updates):
            rate = config.learning_rate * rates[step - 1]
            probe = UpdateProbe(network) if step in probed else None
            loss = update(config, step, rate)
            health = probe.measure() if probe else {}
            metrics: dict[str, float | None] = {"loss": loss, "learning_rate": rate}
            arrays: dict[str, np.ndarray] = {}
            if loss is None:
                state.ended, kept.metrics, kept.diverged = True, metrics, {"diverged_at": step}
                yield Progress(step, updates, metrics | kept.diverged | health)
                break
            if step in keyframe_steps:
                with watch_units(evaluated or network if probe else None) as units:
                    some, arrays = evaluate_some(config)
                metrics |= some
                health |= units
            if (epoch := plan.epochs(step)).is_integer() and not state.losses_only:
                metrics["epoch"] = int(epoch)
                evaluate_all(config, metrics, step == updates)
            kept.metrics = metrics
            if step % spacing == 0 or arrays or "epoch" in metrics:
                yield Progress(step, updates, metrics | health, arrays)
