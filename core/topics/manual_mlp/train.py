"""Train the five implementations side by side on the same batches, and compare each with autograd."""

from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from core.topics.manual_mlp.config import Implementation, MLPConfig
from core.topics.manual_mlp.data import Batch, Task, Weights, initial_weights
from core.topics.manual_mlp.implementations import ResumableSteps
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.step import Step
from core.training.health.signals import PREFIX
from core.training.probes import inactive_share
from core.training.progress import Progress, TrainedModel, finite
from core.training.state import TrainingState, Values

N_SHOWN = 48  # samples whose outputs the page shows
N_FILTERS = 24  # hidden units whose weights the page shows
N_TESTED = 1_000  # test samples evaluated during training; at the end, all of them are evaluated
N_PROBED = 256  # test samples for which units count as dead
N_KEYFRAMES = 40  # full measurements in a run, in addition to those of the first updates
MAX_EVENTS = 2_000  # approximate maximum number of events in a run
MIN_SNAPSHOT_SPACING = 100  # updates between two copies of the weights
MAX_SNAPSHOT_BYTES = 3_000_000  # of all copies of the weights in a run


def train(config: MLPConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the selected implementations in lockstep. Yield progress at every update, or less often in long runs.

    Metrics of each implementation:
    - ``loss/<name>``: the loss of the batch before the update.
    - ``gradient_norm/<name>``: the norm of the gradient.
    - At keyframes (see `keyframe_steps`), ``gradient_error/<name>``: the relative error of the gradient, compared with
      autograd's gradient at the same weights. ``test_loss/<name>``: the test loss. For digits, also
      ``accuracy/<name>``: the test accuracy, from 0 to 1. If the implementation "autograd" is trained, also
      ``distance/<name>``: the relative distance between the weights of the implementation and those of "autograd".
    - ``diverged_at/<name>``: the step whose loss is not finite. The implementation stops there.

    At keyframes, the following metrics describe layer 1 and layer 2 of the first implementation:
    ``health/gradient_norm/<layer>``; with SGD, ``health/update_ratio/<layer>``, the norm of the next update divided by
    the norm of the weights; and ``health/dead/1``, the fraction of hidden units that output zero for all test samples.

    The metric ``loss`` is the loss of the first implementation.

    Arrays of the first implementation:
    - At keyframes, ``outputs`` (N, at most 10): the first outputs for N samples (see `Task.displayed_data`). For
      digits, also ``filters`` (at most N_FILTERS, 784), int8: the change in the first layer's weights since the start,
      scaled so that the largest change is ±127.
    - At snapshots (see `snapshot_steps`), ``W1`` and ``W2``.

    Returns ``W1`` and ``W2`` of the first implementation, and the final metrics of all implementations.
    """
    state = resume or TrainingState()
    task = Task(config, state.changes)

    def batches() -> Iterator[Batch]:
        """Yield the batch of the current update, the same for every implementation."""
        while True:
            yield batch

    test, displayed = task.test_data(N_TESTED), task.displayed_data(N_SHOWN)[0]
    first_weights = initial_weights(config, config.implementations[0])[0]
    kept = Values(metrics={}, diverged={}, first_step=())
    state.track(kept=kept)
    batch = task.batch(state.step)
    running = {
        name: ResumableSteps(config, name, batches())
        for name in config.implementations
        if f"diverged_at/{name}" not in kept.diverged
    }
    state.track(**running)
    steps = {name: implementation.step for name, implementation in running.items() if state.resumed}
    if kept.first_step:
        steps[config.implementations[0]] = Step(*kept.first_step)

    state.current_weights = lambda: _weights(steps[config.implementations[0]])

    for config in state.phases(config):
        task.use(state.changes)
        updates = task.plan.updates(config.epochs)
        keyframes, snapshots = keyframe_steps(updates), snapshot_steps(config, updates)
        spacing = -(-updates // MAX_EVENTS)
        if state.losses_only:
            keyframes, snapshots, spacing = set(), set(), 1
        for implementation in running.values():
            implementation.use(config)
        for number in state.steps(updates):
            batch = task.batch(number)
            metrics: dict[str, float | None] = {}
            for name in tuple(running):
                steps[name] = next(running[name])
                metrics[f"loss/{name}"] = finite(steps[name].loss)
                metrics[f"gradient_norm/{name}"] = finite(_norm(steps[name].grad_W1, steps[name].grad_W2))
                if metrics[f"loss/{name}"] is None:
                    kept.diverged[f"diverged_at/{name}"] = number
                    if name == config.implementations[0]:
                        kept.first_step = tuple(steps[name])
                    state.forget(name)
                    del running[name]
            metrics["loss"] = metrics.get(f"loss/{config.implementations[0]}")
            arrays: dict[str, np.ndarray] = {}
            if number % spacing and number not in keyframes and number not in snapshots and running:
                continue
            health: dict[str, float | None] = {}
            if number in keyframes or not running:
                health = _health(config, steps[config.implementations[0]], test[0])
                metrics |= _compare(config, {name: steps[name] for name in running}, batch)
                metrics |= _test(config, {name: steps[name] for name in running}, test)
                arrays |= _keyframe_arrays(config, steps[config.implementations[0]], displayed, first_weights)
            if number in snapshots:
                arrays |= {
                    "W1": steps[config.implementations[0]].W1.numpy().copy(),
                    "W2": steps[config.implementations[0]].W2.numpy().copy(),
                }
            state.ended, kept.metrics = not running, metrics
            yield Progress(number, updates, metrics | kept.diverged | health, arrays)

    first = steps[config.implementations[0]]
    final = _test(config, {name: steps[name] for name in running}, task.test_data())
    return TrainedModel(_weights(first), kept.metrics | final | kept.diverged)


def _weights(step: Step) -> dict[str, Tensor]:
    return {"W1": step.W1.contiguous().clone(), "W2": step.W2.contiguous().clone()}


def keyframe_steps(updates: int) -> set[int]:
    """Return the keyframes: the steps at which all metrics are measured.

    These are the first ten steps, evenly spaced steps, and the last step.
    """
    return {*range(min(10, updates)), *range(0, updates, max(1, updates // N_KEYFRAMES)), updates}


def snapshot_steps(config: MLPConfig, updates: int) -> set[int]:
    """Return the steps at which the weights are saved. ``updates`` is the number of updates in the run.

    Any other step can then be replayed from saved weights or from the initial weights. Step 0 is not included.
    """
    size = config.parameters * (4 if config.precision == "float32" else 8)
    spacing = max(MIN_SNAPSHOT_SPACING, -(-updates * size // MAX_SNAPSHOT_BYTES))
    return set(range(spacing, updates, spacing))


def autograd_gradients(config: MLPConfig, weights: Weights, batch: Batch) -> Weights:
    """Return autograd's gradients of the loss on a batch with respect to W1 and W2."""
    x, y = batch
    W1, W2 = (weight.clone().requires_grad_() for weight in weights)
    loss = LOSSES[config.loss](torch.relu(x @ W1) @ W2, y)
    grad_W1, grad_W2 = torch.autograd.grad(loss, (W1, W2))
    return grad_W1, grad_W2


def relative_error(values: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> float:
    """Return the largest relative error ‖value - expected‖ / ‖expected‖ over all pairs of tensors.

    If an expected tensor is zero, the error of its pair is 0 if the other tensor is also zero, and 1 otherwise.
    """
    errors = (
        float(_norm(value - other) / _norm(other)) if torch.any(other) else float(torch.any(value))
        for value, other in zip(values, expected, strict=True)
    )
    return max(errors)


def _compare(config: MLPConfig, steps: dict[Implementation, Step], batch: Batch) -> dict[str, float | None]:
    metrics = {}
    for name, step in steps.items():
        error = relative_error((step.grad_W1, step.grad_W2), autograd_gradients(config, (step.W1, step.W2), batch))
        metrics[f"gradient_error/{name}"] = finite(error)
        if "autograd" in steps:
            reference = steps["autograd"]
            distance = relative_error((step.W1, step.W2), (reference.W1, reference.W2))
            metrics[f"distance/{name}"] = finite(distance)
    return metrics


def _health(config: MLPConfig, step: Step, x: Tensor) -> dict[str, float | None]:
    """Return the metrics for the health checks of an implementation."""
    metrics: dict[str, float | None] = {f"{PREFIX}dead/1": inactive_share(x[:N_PROBED] @ step.W1, "relu")}
    is_sgd = config.implementations[0] != "optim" or config.optimizer == "SGD"
    for layer, gradient, weights in ((1, step.grad_W1, step.W1), (2, step.grad_W2, step.W2)):
        norm = _norm(gradient)
        metrics[f"{PREFIX}gradient_norm/{layer}"] = finite(norm)
        if is_sgd:
            metrics[f"{PREFIX}update_ratio/{layer}"] = finite(config.learning_rate * norm / _norm(weights))
    return metrics


def _test(config: MLPConfig, steps: dict[Implementation, Step], test: Batch) -> dict[str, float | None]:
    x, y = test
    metrics = {}
    for name, step in steps.items():
        y_pred = torch.relu(x @ step.W1) @ step.W2
        metrics[f"test_loss/{name}"] = finite(LOSSES[config.loss](y_pred, y))
        if config.data == "digits":
            metrics[f"accuracy/{name}"] = finite((y_pred.argmax(dim=1) == y.argmax(dim=1)).double().mean())
    return metrics


def _keyframe_arrays(config: MLPConfig, step: Step, displayed: Tensor, first_weights: Tensor) -> dict[str, np.ndarray]:
    outputs = torch.relu(displayed @ step.W1) @ step.W2
    arrays = {"outputs": outputs[:, :10].float().numpy()}
    if config.data == "digits":
        filters = (step.W1 - first_weights).T[:N_FILTERS]
        scaled = filters / filters.abs().max().clamp(min=1e-30) * 127
        arrays["filters"] = scaled.nan_to_num().round().to(torch.int8).numpy()
    return arrays


def _norm(*tensors: Tensor) -> Tensor:
    return torch.stack([torch.linalg.vector_norm(tensor) for tensor in tensors]).norm()
