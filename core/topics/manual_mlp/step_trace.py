"""The trace of one training step: every intermediate value, at the run's own weights on its own batch."""

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
from core.topics.manual_mlp.step import Step
from core.topics.manual_mlp.train import autograd_gradients, relative_error
from core.training.progress import Progress, TrainedModel
from core.training.state import Change, changed_settings

Snapshot = tuple[Float[np.ndarray, "inputs hidden"], Float[np.ndarray, "hidden outputs"]]
"""W1 and W2, as events hold them."""


class Stage(NamedTuple):
    """One value of the step: its name in the code, its formula (LaTeX), and its tensor."""

    name: str
    formula: str
    value: Tensor


_GRADIENT_OF_LOSS = {
    "sum_of_squares": r"2\,(\hat y - y)",
    "mean_of_squares": r"\frac{2}{N \cdot outputs}\,(\hat y - y)",
    "cross_entropy": r"\frac{1}{N}\,(\mathrm{softmax}(\hat y) - y)",
}
_LOSS = {
    "sum_of_squares": r"\sum (\hat y - y)^2",
    "mean_of_squares": r"\mathrm{mean}\,(\hat y - y)^2",
    "cross_entropy": r"-\frac{1}{N}\sum y \,\log \mathrm{softmax}(\hat y)",
}


_MAX_REPLAY_UPDATES, _MAX_REPLAY_MULTIPLY_ADDS = 800, 3e10  # of a replay that takes about a second


def weight_snapshots(history: Sequence[Progress], result: TrainedModel | None) -> dict[int, Snapshot]:
    """Return the first implementation's weights in a run's events, by step, and those of its result at the end."""
    snapshots = {event.step: (event.arrays["W1"], event.arrays["W2"]) for event in history if "W1" in event.arrays}
    if result and history and history[-1].step == history[-1].total:
        snapshots[history[-1].step] = (result.weights["W1"].numpy(), result.weights["W2"].numpy())
    return snapshots


def last_replayable_step(
    config: MLPConfig, step: int, snapshots: Collection[int], changes: Sequence[Change] = ()
) -> int:
    """Return the last update up to ``step`` whose weights `replay_weights` computes in about a second."""
    sizes = [config.batch_size, *(change.value for change in changes if change.name == "batch_size")]
    multiply_adds = config.model_copy(update={"batch_size": max(sizes)}).multiply_adds
    updates = min(_MAX_REPLAY_UPDATES, int(_MAX_REPLAY_MULTIPLY_ADDS / multiply_adds))
    replayed = min(step, _start_snapshot(config, step, snapshots) + updates)
    return max(replayed, *(number for number in snapshots if number <= step), 0)


def _start_snapshot(config: MLPConfig, step: int, snapshots: Collection[int]) -> int:
    """Return the step of the snapshot from which a replay to ``step`` starts; without one, 0.

    Updates that depend on earlier gradients are replayed from the first step.
    """
    usable = (number for number in snapshots if number == step or (number < step and not _depends_on_history(config)))
    return max(usable, default=0)


def _depends_on_history(config: MLPConfig) -> bool:
    """Return whether the first implementation's updates depend on earlier gradients: by its optimizer, or uncleared."""
    implementation = config.implementations[0]
    stateful_optimizer = implementation == "optim" and config.optimizer != "SGD"
    return implementation != "tensors" and (config.forget_zero_grad or stateful_optimizer)


def replay_weights(
    config: MLPConfig, step: int, snapshots: Mapping[int, Snapshot], changes: Sequence[Change] = ()
) -> Weights:
    """Return the first implementation's weights before update ``step``, replayed from the last usable snapshot.

    ``changes`` are those of the run's settings. Exact on the run's own machine with its number of threads; elsewhere up
    to rounding.
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


def trace_step(
    config: MLPConfig, step: int, weights: Weights, changes: Sequence[Change] = ()
) -> tuple[list[Stage], list[Stage], Step]:
    """Return the stages of the forward pass and of the backward pass of update ``step``, and the step itself.

    ``weights`` are those before the update, ``changes`` those of the run's settings. The values are the local variables
    of `train_tensors`, paused in the middle of this step.
    """
    W1, W2 = weights
    training = training_steps(config, "tensors", [Task(config, changes).batch(step)], (W1.clone(), W2.clone()))
    state = next(training)
    values = inspect.getgeneratorlocals(training)  # type: ignore[arg-type] # the lesson's Iterator is a generator
    relu_gradient = (
        r"\max\left(0, \tfrac{\partial L}{\partial h}\right)"
        if config.tutorials_gradient
        else r"\tfrac{\partial L}{\partial h} \odot [h > 0]"
    )
    forward = {
        "x": "x",
        "z": r"x\,W_1",
        "h": r"\max(0, z)",
        "y_pred": r"h\,W_2",
        "loss": _LOSS[config.loss],
    }
    backward = {
        "grad_y_pred": _GRADIENT_OF_LOSS[config.loss],
        "grad_W2": r"h^\top\,\tfrac{\partial L}{\partial \hat y}",
        "grad_h": r"\tfrac{\partial L}{\partial \hat y}\,W_2^\top",
        "grad_z": relu_gradient,
        "grad_W1": r"x^\top\,\tfrac{\partial L}{\partial z}",
    }
    stages = [
        [Stage(name, formula, values[name].detach()) for name, formula in part.items()] for part in (forward, backward)
    ]
    return stages[0], stages[1], state


class GradientCheck(NamedTuple):
    """The tutorial's ReLU gradient compared with the correct one, at the same weights and for the same batch."""

    error: float
    """Relative error of the tutorial's gradients: the larger of those of W1 and W2."""
    wrong: Tensor
    """Entries of ∂L/∂z that differ: -1 a negative gradient cut off, +1 a gradient passed through an inactive unit."""

    @property
    def cut(self) -> float:
        """Fraction of the entries whose negative gradient is cut off."""
        return float((self.wrong < 0).float().mean())

    @property
    def leaked(self) -> float:
        """Fraction of the entries whose gradient passes through an inactive unit."""
        return float((self.wrong > 0).float().mean())


def check_tutorials_gradient(
    config: MLPConfig, step: int, weights: Weights, changes: Sequence[Change] = ()
) -> GradientCheck:
    """Compare the tutorial's gradient with autograd's at the weights before update ``step``."""
    passes = {}
    for tutorials_gradient in (False, True):
        changed = config.model_copy(update={"tutorials_gradient": tutorials_gradient})
        _, backward, state = trace_step(changed, step, weights, changes)
        passes[tutorials_gradient] = {stage.name: stage.value for stage in backward}
    batch = Task(config, changes).batch(step)
    error = relative_error((state.grad_W1, state.grad_W2), autograd_gradients(config, state, batch))
    difference = passes[True]["grad_z"] - passes[False]["grad_z"]
    was_active = passes[False]["grad_z"] != 0
    return GradientCheck(error, torch.where(was_active, -1, 1) * (difference != 0))
