"""Trains the five ways side by side: the same batches, step by step, each compared with autograd."""

from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from core.topics.manual_mlp.config import MLPConfig, Way
from core.topics.manual_mlp.data import Batch, Task, initial_weights
from core.topics.manual_mlp.implementations import start
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.step import Step
from core.training.progress import Progress, TrainedModel, finite

SHOWN = 48  # test samples whose outputs the page shows
FILTERS = 24  # hidden units whose weights the page shows
TESTED = 1_000  # test samples measured during training; the end measures all
KEYFRAMES = 40  # measurements in a run, beside the first updates
EVENTS = 2_000  # most events in a run
REPLAY = 100  # fewest updates between two copies of the weights
SNAPSHOT_BYTES = 3_000_000  # all of a run's copies of the weights together


def train(config: MLPConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the chosen ways in lockstep; yields at every update (of long runs, at most EVENTS times),
    with all measurements at keyframes.

    Metrics: ``loss`` (the first way's) and ``loss/<way>``, of the batch before its update, and
    ``gradient_norm/<way>``; at keyframes ``gradient_error/<way>`` (relative, to autograd at the same weights),
    ``distance/<way>`` (relative, of the weights to those of way 2), ``test_loss/<way>`` and, for digits,
    ``accuracy/<way>`` from 0 to 1; ``diverged_at/<way>`` from the step on where a loss is not finite: that way
    stops there.

    Arrays, all of the first way: at keyframes ``outputs`` of the shown samples (N, at most 10) and for digits
    ``filters`` (FILTERS, 784), the change of the first layer's weights since the start, as int8 with 127 for the
    largest; ``W1`` and ``W2`` at snapshots. Returns ``W1`` and ``W2``.
    """
    task = Task(config)

    def batches() -> Iterator[Batch]:
        """The batch of the update that is being made, the same for every way."""
        while True:
            yield batch

    running = {way: start(config, way, batches()) for way in config.ways}
    test, shown = task.test(TESTED), task.shown(SHOWN)[0]
    first_weights = initial_weights(config, config.ways[0])[0]
    keyframes, snapshots = keyframe_steps(config.updates), snapshot_steps(config)
    spacing = -(-config.updates // EVENTS)
    steps: dict[Way, Step] = {}
    diverged: dict[str, float | None] = {}

    for number in range(config.updates + 1):
        batch = task.batch(number)
        metrics: dict[str, float | None] = {}
        for way in tuple(running):
            steps[way] = next(running[way])
            metrics[f"loss/{way}"] = finite(steps[way].loss)
            metrics[f"gradient_norm/{way}"] = finite(_norm(steps[way].grad_W1, steps[way].grad_W2))
            if metrics[f"loss/{way}"] is None:
                diverged[f"diverged_at/{way}"] = number
                del running[way]
        metrics["loss"] = metrics.get(f"loss/{config.ways[0]}")
        arrays: dict[str, np.ndarray] = {}
        if number % spacing and number not in keyframes and number not in snapshots and running:
            continue
        if number in keyframes or not running:
            metrics |= _compare(config, {way: steps[way] for way in running}, batch)
            metrics |= _test(config, {way: steps[way] for way in running}, test)
            arrays |= _pictures(config, steps[config.ways[0]], shown, first_weights)
        if number in snapshots:
            arrays |= {
                "W1": steps[config.ways[0]].W1.numpy().copy(),
                "W2": steps[config.ways[0]].W2.numpy().copy(),
            }
        yield Progress(number, config.updates, metrics | diverged, arrays)
        if not running:
            break

    first = steps[config.ways[0]]
    final = _test(config, {way: steps[way] for way in running}, task.test())
    weights = {"W1": first.W1.contiguous().clone(), "W2": first.W2.contiguous().clone()}
    return TrainedModel(weights, metrics | final | diverged)


def keyframe_steps(updates: int) -> set[int]:
    """Steps at which everything is measured: each of the first ten, then evenly spaced, and the last."""
    return {*range(min(10, updates)), *range(0, updates, max(1, updates // KEYFRAMES)), updates}


def snapshot_steps(config: MLPConfig) -> set[int]:
    """Steps whose weights are kept (step 0 needs none), so that any other step is few updates away."""
    size = config.parameters * (4 if config.precision == "float32" else 8)
    spacing = max(REPLAY, -(-config.updates * size // SNAPSHOT_BYTES))
    return set(range(spacing, config.updates, spacing))


def autograd_gradients(config: MLPConfig, step: Step, batch: Batch) -> tuple[Tensor, Tensor]:
    """What autograd says of a batch at a step's weights: the gradients of W1 and W2."""
    x, y = batch
    W1, W2 = step.W1.clone().requires_grad_(), step.W2.clone().requires_grad_()
    loss = LOSSES[config.loss](torch.relu(x @ W1) @ W2, y)
    return torch.autograd.grad(loss, (W1, W2))


def relative_error(values: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> float:
    """Largest of ‖value - expected‖ / ‖expected‖ over the pairs; 0 where both are zero."""
    errors = (
        float(_norm(value - other) / _norm(other)) if torch.any(other) else float(torch.any(value))
        for value, other in zip(values, expected, strict=True)
    )
    return max(errors)


def _compare(config: MLPConfig, steps: dict[Way, Step], batch: Batch) -> dict[str, float | None]:
    metrics = {}
    for way, step in steps.items():
        error = relative_error((step.grad_W1, step.grad_W2), autograd_gradients(config, step, batch))
        metrics[f"gradient_error/{way}"] = finite(error)
        if "autograd" in steps:
            reference = steps["autograd"]
            distance = relative_error((step.W1, step.W2), (reference.W1, reference.W2))
            metrics[f"distance/{way}"] = finite(distance)
    return metrics


def _test(config: MLPConfig, steps: dict[Way, Step], test: Batch) -> dict[str, float | None]:
    x, y = test
    metrics = {}
    for way, step in steps.items():
        y_pred = torch.relu(x @ step.W1) @ step.W2
        metrics[f"test_loss/{way}"] = finite(LOSSES[config.loss](y_pred, y))
        if config.data == "digits":
            metrics[f"accuracy/{way}"] = finite((y_pred.argmax(dim=1) == y.argmax(dim=1)).double().mean())
    return metrics


def _pictures(config: MLPConfig, step: Step, shown: Tensor, first_weights: Tensor) -> dict[str, np.ndarray]:
    outputs = torch.relu(shown @ step.W1) @ step.W2
    arrays = {"outputs": outputs[:, :10].float().numpy()}
    if config.data == "digits":
        filters = (step.W1 - first_weights).T[:FILTERS]
        scaled = filters / filters.abs().max().clamp(min=1e-30) * 127
        arrays["filters"] = scaled.nan_to_num().round().to(torch.int8).numpy()
    return arrays


def _norm(*tensors: Tensor) -> Tensor:
    return torch.stack([torch.linalg.vector_norm(tensor) for tensor in tensors]).norm()
