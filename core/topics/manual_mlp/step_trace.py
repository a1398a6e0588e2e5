"""One step under the microscope: every intermediate value of a pass, at the run's own weights on its own batch."""

import inspect
from collections.abc import Collection, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.data import Batch, Task, initial_weights
from core.topics.manual_mlp.implementations import start
from core.topics.manual_mlp.step import Step
from core.topics.manual_mlp.train import autograd_gradients, relative_error


class Stage(NamedTuple):
    """One value of the pass: its name in the code, its formula (LaTeX), and the tensor itself."""

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


_MOST_UPDATES, _MOST_WORK = 800, 3e10  # of a replay: updates and multiply-adds, about a second


def reachable(config: MLPConfig, step: int, snapshots: Collection[int]) -> int:
    """The last update up to ``step`` at which the weights can be had in about a second (see `weights_at`)."""
    updates = min(_MOST_UPDATES, int(_MOST_WORK / config.multiply_adds))
    replayed = min(step, _replay_start(config, step, snapshots) + updates)
    return max(replayed, *(number for number in snapshots if number <= step), 0)


def _replay_start(config: MLPConfig, step: int, snapshots: Collection[int]) -> int:
    """The snapshot from which a replay to ``step`` begins; without one, 0.

    An optimizer or gradients that remember earlier steps are replayed from the first step.
    """
    usable = (number for number in snapshots if number == step or (number < step and not _remembers(config)))
    return max(usable, default=0)


def _remembers(config: MLPConfig) -> bool:
    """Whether the first way's updates depend on more than its weights: on an optimizer's memory, on old gradients."""
    way = config.ways[0]
    return way != "tensors" and (config.forget_zero_grad or (way == "optim" and config.optimizer != "SGD"))


def weights_at(config: MLPConfig, step: int, snapshots: Mapping[int, Batch]) -> Batch:
    """The first way's weights (W1, W2) before update ``step``, replayed from the nearest snapshot before it.

    Exact where the machine and the number of threads are the run's own; else to rounding.
    """
    way = config.ways[0]
    first = _replay_start(config, step, snapshots)
    kept = snapshots.get(first)
    weights = tuple(torch.as_tensor(w).clone() for w in kept) if kept else initial_weights(config, way)
    if first == step:
        return weights
    replay = start(config, way, Task(config).batches(first), weights)
    for _ in range(first, step + 1):
        state = next(replay)
    return state.W1.clone(), state.W2.clone()


def examine(config: MLPConfig, step: int, weights: Batch) -> tuple[list[Stage], list[Stage], Step]:
    """The forward and the backward pass of update ``step`` at the weights (W1, W2) before it.

    The values are the local variables of `train_tensors`, paused in the middle of this very step.
    Returns the stages of the forward pass, those of the backward pass in their order, and the step.
    """
    training = start(config, "tensors", [Task(config).batch(step)], tuple(w.clone() for w in weights))
    state = next(training)
    values = inspect.getgeneratorlocals(training)
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
    """The tutorial's ReLU gradient beside the right one, at the same weights and for the same batch."""

    error: float
    """Relative error of the tutorial's gradients: the larger one of W1 and W2."""
    wrong: Tensor
    """Which entries of ∂L/∂z differ: -1 a negative gradient cut off, +1 one let through a unit that was off."""


def check_tutorials_gradient(config: MLPConfig, step: int, weights: Batch) -> GradientCheck:
    """Measure the tutorial's gradient against autograd's at the weights (W1, W2) before update ``step``."""
    passes = {}
    for switch in (False, True):
        changed = config.model_copy(update={"tutorials_gradient": switch})
        _, backward, state = examine(changed, step, weights)
        passes[switch] = {stage.name: stage.value for stage in backward}
    batch = Task(config).batch(step)
    error = relative_error((state.grad_W1, state.grad_W2), autograd_gradients(config, state, batch))
    difference = passes[True]["grad_z"] - passes[False]["grad_z"]
    was_active = passes[False]["grad_z"] != 0
    return GradientCheck(error, torch.where(was_active, -1, 1) * (difference != 0))
