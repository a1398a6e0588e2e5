"""Small experiments on what tutorials get wrong; each takes a fraction of a second on the tutorial's network."""

from collections.abc import Iterable
from itertools import islice

import numpy as np
import torch

from core.topics.manual_mlp.config import MLPConfig, Way
from core.topics.manual_mlp.data import Batch, Task, initial_weights
from core.topics.manual_mlp.implementations import start
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.step_trace import examine
from core.training.progress import finite


def curve(config: MLPConfig, way: Way = "tensors", *, steps: int | None = None) -> list[dict[str, float | None]]:
    """Loss and gradient norm of one way at every step, to the end or to where the loss is not finite."""
    points = []
    for step in islice(start(config, way, Task(config).batches()), steps):
        norm = torch.hypot(step.grad_W1.norm(), step.grad_W2.norm())
        points.append({"loss": finite(step.loss), "gradient_norm": finite(norm)})
        if points[-1]["loss"] is None:
            break
    return points


def first_step_ratio(config: MLPConfig, learning_rates: Iterable[float]) -> list[float | None]:
    """Loss after the first update over the loss before it, on the same batch, for each learning rate."""
    x, y = Task(config).batch(0)
    W1, W2 = initial_weights(config, "autograd")
    step = next(start(config, "autograd", [(x, y)], (W1.clone(), W2.clone())))
    loss = LOSSES[config.loss]
    return [
        finite(loss(torch.relu(x @ (W1 - rate * step.grad_W1)) @ (W2 - rate * step.grad_W2), y) / step.loss)
        for rate in learning_rates
    ]


def first_rising_rate(config: MLPConfig) -> float:
    """The learning rate from which on the first update makes the loss larger: found by bisection, to 1 %."""
    low, high = 1e-12, 1e3
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        ratio = first_step_ratio(config, [middle])[0]
        low, high = (low, middle) if ratio is None or ratio > 1 else (middle, high)
    return high


def activation_histograms(config: MLPConfig, *, bins: int = 40) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Histograms (counts, edges) of x, z, h and ŷ before training."""
    forward, _, _ = examine(config, 0, initial_weights(config, "tensors"))
    return {stage.name: np.histogram(stage.value.numpy(), bins=bins) for stage in forward if stage.value.dim() == 2}


def train_quickly(config: MLPConfig, way: Way = "tensors") -> Batch:
    """Train one way to its end and return its weights (W1, W2): for networks that take under a second."""
    *_, last = start(config, way, Task(config).batches())
    return last.W1.clone(), last.W2.clone()


def fresh_data(config: MLPConfig, weights: Batch, number: int = 0) -> dict[str, float | None]:
    """The loss of the weights (W1, W2) on training data and on fresh data, and that of predicting zero there.

    ``number`` draws other fresh data. Digits: the fresh data are digits of the test set.
    """
    W1, W2 = weights
    loss, task = LOSSES[config.loss], Task(config)
    (x, y), (x_fresh, y_fresh) = task.training(), task.fresh(number)
    scale = len(x) / len(x_fresh) if config.loss == "sum_of_squares" else 1
    return {
        "training": finite(loss(torch.relu(x @ W1) @ W2, y)),
        "fresh": finite(loss(torch.relu(x_fresh @ W1) @ W2, y_fresh) * scale),
        "zero": finite(loss(torch.zeros_like(y_fresh), y_fresh) * scale),
    }
