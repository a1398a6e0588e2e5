"""The trace of one training step: every intermediate value, computed from the weights and the batch of a run."""

import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Batch, Task, Weights, initial_weights
from core.topics.manual_mlp.implementations import ResumableSteps, training_steps
from core.topics.manual_mlp.train import autograd_gradients, relative_error
from core.training.progress import Progress, TrainedModel
from core.training.state import Change, changed_settings

Snapshot = tuple[Float[np.ndarray, "inputs hidden"], Float[np.ndarray, "hidden outputs"]]
"""W1 and W2, as in the arrays of events."""


class Trace(NamedTuple):
    """The local variables of `train_tensors` in one update, by name, and the weights after the update."""

    values: dict[str, Tensor]
    """x, y, W1, and W2 before the update, and all values computed from them, in the order of the code."""
    updated: Weights
    learning_rate: float


_COMPUTED = ("z", "h", "y_pred", "loss", "grad_y_pred", "grad_W2", "grad_h", "grad_z", "grad_W1")


_MAX_REPLAY_UPDATES, _MAX_REPLAY_MULTIPLY_ADDS = 800, 3e10  # limits of a replay, per second of its duration


def weight_snapshots(history: Sequence[Progress], result: TrainedModel | None) -> dict[int, Snapshot]:
    """Return the saved weights of the first implementation, by step.

    The weights are taken from the events and the result of a run. ``result`` is None while the run is in progress.
    """
    snapshots = {event.step: (event.arrays["W1"], event.arrays["W2"]) for event in history if "W1" in event.arrays}
    if result and history and history[-1].step == history[-1].total:
        snapshots[history[-1].step] = (result.weights["W1"].numpy(), result.weights["W2"].numpy())
    return snapshots


def last_replayable_step(
    config: MLPConfig,
    step: int,
    snapshots: Collection[int],
    changes: Sequence[Change] = (),
    *,
    seconds: float = 1.0,
) -> int:
    """Return the last step up to ``step`` whose weights `replay_weights` can compute in about ``seconds`` seconds.

    ``snapshots`` are the steps of the saved weights. ``changes`` are the changes to the run's settings.
    """
    sizes = [config.batch_size, *(change.value for change in changes if change.name == "batch_size")]
    multiply_adds = config.model_copy(update={"batch_size": max(sizes)}).multiply_adds
    updates = int(seconds * min(_MAX_REPLAY_UPDATES, _MAX_REPLAY_MULTIPLY_ADDS / multiply_adds))
    replayed = min(step, _start_snapshot(config, step, snapshots) + updates)
    return max(replayed, *(number for number in snapshots if number <= step), 0)


def _start_snapshot(config: MLPConfig, step: int, snapshots: Collection[int]) -> int:
    """Return the step of the snapshot from which a replay to ``step`` starts, or 0 without a snapshot.

    Updates that depend on earlier gradients are replayed from step 0, unless there is a snapshot at ``step`` itself.
    """
    usable = (number for number in snapshots if number == step or (number < step and not _depends_on_history(config)))
    return max(usable, default=0)


def _depends_on_history(config: MLPConfig) -> bool:
    """Return whether the first implementation's updates depend on earlier gradients (averaged or not cleared)."""
    implementation = config.implementations[0]
    stateful_optimizer = implementation == "optim" and config.optimizer != "SGD"
    return implementation != "tensors" and (config.forget_zero_grad or stateful_optimizer)


def replay_weights(
    config: MLPConfig, step: int, snapshots: Mapping[int, Snapshot], changes: Sequence[Change] = ()
) -> Weights:
    """Return the weights of the first implementation before update ``step``.

    Without a snapshot at ``step``, updates are replayed from an earlier snapshot or from the initial weights.
    ``changes`` are the changes to the run's settings. The weights are exact if the training ran on this machine with
    the same number of threads. Otherwise, they are exact up to rounding.
    """
    implementation = config.implementations[0]
    first = _start_snapshot(config, step, snapshots)
    snapshot = snapshots.get(first)
    if snapshot:
        W1, W2 = (torch.as_tensor(w).clone() for w in snapshot)
    else:
        W1, W2 = initial_weights(config, implementation)
    if first == step:
        return W1, W2
    task = Task(config, changes)
    batch = task.batch(first)

    def settings_after(number: int) -> MLPConfig:
        made = [(change.name, change.value) for change in changes if change.step <= number]
        return changed_settings(config, made)

    def batches() -> Iterator[Batch]:
        """Yield the batch of the current update."""
        while True:
            yield batch

    replay = ResumableSteps(settings_after(first - 1), implementation, batches(), (W1, W2))
    for number in range(first, step + 1):
        batch = task.batch(number)
        state = next(replay)
        replay.use(settings_after(number))
    return state.W1.clone(), state.W2.clone()


def trace_step(config: MLPConfig, step: int, weights: Weights, changes: Sequence[Change] = ()) -> Trace:
    """Return the `Trace` of update ``step`` in `train_tensors`.

    ``weights`` are the weights before the update. ``changes`` are the changes to the run's settings.
    """
    W1, W2 = (weight.clone() for weight in weights)
    made = [(change.name, change.value) for change in changes if change.step <= step]
    config_then = changed_settings(config, made)
    batch = Task(config, changes).batch(step)
    training = training_steps(config_then, "tensors", [batch], (W1, W2))
    next(training)
    variables = inspect.getgeneratorlocals(training)  # type: ignore[arg-type] # the lesson's Iterator is a generator
    values = dict(zip(("x", "y", "W1", "W2"), (*batch, W1.clone(), W2.clone()), strict=True))
    values |= {name: variables[name].detach() for name in _COMPUTED}
    next(training, None)  # makes the update, in place
    return Trace(values, (W1, W2), config_then.learning_rate)


class GradientCheck(NamedTuple):
    """A comparison of the tutorial's ReLU gradient with the correct gradient for the same weights and batch."""

    error: float
    """Relative error of the tutorial's gradients: the larger of the errors for W1 and W2."""
    wrong: Tensor
    """For each entry of ∂L/∂z, how the tutorial's gradient differs from the correct one.

    -1: a negative gradient is set to 0. +1: an inactive unit has a nonzero gradient. 0: no difference.
    """

    @property
    def cut(self) -> float:
        """Fraction of the entries of ∂L/∂z that the tutorial wrongly sets to 0 because they are negative."""
        return float((self.wrong < 0).float().mean())

    @property
    def leaked(self) -> float:
        """Fraction of the entries of the tutorial's ∂L/∂z that belong to inactive units but are not 0."""
        return float((self.wrong > 0).float().mean())


def check_tutorials_gradient(
    config: MLPConfig, step: int, weights: Weights, changes: Sequence[Change] = ()
) -> GradientCheck:
    """Compare the tutorial's gradient with autograd's gradient for the batch of update ``step``.

    ``weights`` are the weights before the update. ``changes`` are the changes to the run's settings.
    """
    wrong, correct = (
        trace_step(config.model_copy(update={"tutorials_gradient": tutorials_gradient}), step, weights, changes).values
        for tutorials_gradient in (True, False)
    )
    expected = autograd_gradients(config, weights, (correct["x"], correct["y"]))
    error = relative_error((wrong["grad_W1"], wrong["grad_W2"]), expected)
    difference = wrong["grad_z"] - correct["grad_z"]
    was_active = correct["grad_z"] != 0
    return GradientCheck(error, torch.where(was_active, -1, 1) * (difference != 0))
