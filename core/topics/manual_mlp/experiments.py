"""Small experiments, for example on mistakes in the tutorial.

Each takes a fraction of a second with the tutorial's network.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64

from core.topics.manual_mlp.config import PRESETS, Implementation, MLPConfig
from core.topics.manual_mlp.data import Task, Weights, initial_weights
from core.topics.manual_mlp.implementations import training_steps
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.step_trace import trace_step
from core.training.progress import finite

TUTORIAL = PRESETS["tutorial"]

CHAPTER_10 = TUTORIAL.model_copy(
    update={"loss": "mean_of_squares", "initialization": 1.0, "learning_rate": 0.3, "epochs": 100}
)
"""The tutorial's data with the mean squared error.

The tutorial's own experiment with this loss is different: it uses PyTorch's initialization, a learning rate of 1e-4,
and 10,000 updates. With the settings here, the network memorizes the data in 100 updates.
"""

FIRST_STEP_RATES: tuple[float, ...] = tuple(np.geomspace(1e-8, 1e-5, 61).tolist())
"""Learning rates for which the effect of the first update is measured."""


class Curve(NamedTuple):
    """The loss and the gradient norm before every update.

    A value that is not finite is None. The curve ends at the first loss that is not finite.
    """

    loss: tuple[float | None, ...]
    gradient_norm: tuple[float | None, ...]

    @property
    def final_loss(self) -> float:
        """The last loss, or infinity if training diverged."""
        return math.inf if self.loss[-1] is None else self.loss[-1]


@lru_cache(maxsize=200)
def curve(config: MLPConfig, implementation: Implementation = "tensors", *, steps: int | None = None) -> Curve:
    """Train one implementation to the end, or for ``steps`` batches, and return its curve. The result is cached."""
    losses, norms = [], []
    for step in islice(training_steps(config, implementation, Task(config).batches()), steps):
        losses.append(finite(step.loss))
        norms.append(finite(torch.hypot(step.grad_W1.norm(), step.grad_W2.norm())))
        if losses[-1] is None:
            break
    return Curve(tuple(losses), tuple(norms))


class GradientComparison(NamedTuple):
    """Results of pairs of runs, one pair per seed.

    Each pair consists of a run with the correct gradient and a run with the tutorial's incorrect gradient.
    ``n_correct_diverged`` is the number of runs with the correct gradient that diverged. ``n_wrong_diverged`` is the
    number of runs with the tutorial's gradient that diverged.
    """

    n_seeds: int
    n_lower: int
    """Number of pairs in which the tutorial's gradient leads to the lower final loss."""
    n_correct_diverged: int
    n_wrong_diverged: int


def compare_gradients(config: MLPConfig, *, n_seeds: int = 20) -> GradientComparison:
    """Compare the final losses of training with the correct gradient and with the tutorial's gradient.

    The two runs with the same seed have the same initial weights. The seeds are 0 to ``n_seeds`` - 1.
    """
    correct, wrong = (
        [
            curve(config.model_copy(update={"seed": seed, "tutorials_gradient": tutorials_gradient})).final_loss
            for seed in range(n_seeds)
        ]
        for tutorials_gradient in (False, True)
    )
    return GradientComparison(
        n_seeds,
        n_lower=int(np.less(wrong, correct).sum()),
        n_correct_diverged=int(np.isinf(correct).sum()),
        n_wrong_diverged=int(np.isinf(wrong).sum()),
    )


def peak_loss_ratio(config: MLPConfig) -> float:
    """Return the largest finite loss of a run, divided by the initial loss."""
    losses = [loss for loss in curve(config).loss if loss is not None]
    return max(losses) / losses[0]


def first_step_ratio(config: MLPConfig, learning_rates: Iterable[float]) -> list[float | None]:
    """Return, for each learning rate, the factor by which the first update multiplies the loss on the first batch.

    A factor that is not finite is None.
    """
    x, y = Task(config).batch(0)
    W1, W2 = initial_weights(config, "autograd")
    step = next(training_steps(config, "autograd", [(x, y)], (W1.clone(), W2.clone())))
    loss = LOSSES[config.loss]
    return [
        finite(loss(torch.relu(x @ (W1 - rate * step.grad_W1)) @ (W2 - rate * step.grad_W2), y) / step.loss)
        for rate in learning_rates
    ]


def first_rising_rate(config: MLPConfig) -> float:
    """Return the lowest learning rate at which the first update increases the loss on the first batch.

    The learning rate is found by bisection, with a relative error of at most 1%.
    """
    low, high = 1e-12, 1e3
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        ratio = first_step_ratio(config, [middle])[0]
        low, high = (low, middle) if ratio is None or ratio > 1 else (middle, high)
    return high


class SumAgainstMean(NamedTuple):
    """Losses of a run with the sum of squared errors and of two runs with the mean squared error.

    All losses are given as mean squared errors. A loss that is not finite is None.
    """

    factor: int
    """Number of samples times number of outputs: the sum of the squared errors divided by their mean."""
    sum: tuple[float | None, ...]
    mean_scaled_rate: tuple[float | None, ...]
    """Losses of the run with the mean squared error and the learning rate multiplied by ``factor``."""
    mean_same_rate: tuple[float | None, ...]


def compare_sum_and_mean(config: MLPConfig) -> SumAgainstMean:
    """Compare a run that minimizes the sum of squared errors with two runs that minimize the mean squared error.

    ``config`` contains the settings of the first run. The second run has the same learning rate. The learning rate of
    the third run is ``factor`` times as high, where ``factor`` is part of the result.
    """
    factor = config.samples * config.output_size
    mean = config.model_copy(update={"loss": "mean_of_squares"})
    scaled = mean.model_copy(update={"learning_rate": config.learning_rate * factor})
    return SumAgainstMean(
        factor,
        sum=tuple(None if loss is None else loss / factor for loss in curve(config).loss),
        mean_scaled_rate=curve(scaled).loss,
        mean_same_rate=curve(mean).loss,
    )


def final_losses(config: MLPConfig, implementation: Implementation, seeds: Iterable[int]) -> list[float]:
    """Return the final loss of one implementation for each seed, or infinity where training diverged."""
    return [curve(config.model_copy(update={"seed": seed}), implementation).final_loss for seed in seeds]


Histogram = tuple[Int64[np.ndarray, " bins"], Float[np.ndarray, " bins+1"]]
"""The counts and the edges of the bins."""


def activation_histograms(config: MLPConfig, *, bins: int = 40) -> dict[str, Histogram]:
    """Return histograms of the variables "x", "z", "h", and "y_pred" for the first batch, before training.

    The variables are the inputs, the pre-activations and activations of the hidden layer, and the outputs.
    """
    values = trace_step(config, 0, initial_weights(config, "tensors")).values
    return {name: np.histogram(values[name].numpy(), bins=bins) for name in ("x", "z", "h", "y_pred")}


def train_quickly(config: MLPConfig, implementation: Implementation = "tensors") -> Weights:
    """Train one implementation to the end, and return its weights. Meant for runs of less than a second."""
    *_, last = training_steps(config, implementation, Task(config).batches())
    return last.W1.clone(), last.W2.clone()


def losses_on_fresh_data(config: MLPConfig, weights: Weights, draw: int = 0) -> dict[str, float | None]:
    """Return the losses on the training data and on fresh data, and the loss of zero outputs on the fresh data.

    The keys of the result are "training", "fresh", and "zero". A loss that is not finite is None. Different values of
    ``draw`` give different fresh data. Fresh digits come from the test set. A sum of squared errors on fresh data is
    scaled to the number of training samples.
    """
    W1, W2 = weights
    loss, task = LOSSES[config.loss], Task(config)
    (x, y), (x_fresh, y_fresh) = task.training_data(), task.fresh_data(draw)
    scale = len(x) / len(x_fresh) if config.loss == "sum_of_squares" else 1
    return {
        "training": finite(loss(torch.relu(x @ W1) @ W2, y)),
        "fresh": finite(loss(torch.relu(x_fresh @ W1) @ W2, y_fresh) * scale),
        "zero": finite(loss(torch.zeros_like(y_fresh), y_fresh) * scale),
    }
