"""Fit models of every capacity to every dataset, and measure their errors."""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from core.topics.bias_variance import polynomials
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import X_LIMIT, Task, plot_grid
from core.topics.bias_variance.networks import BatchedRegressors
from core.training.optimizers import Adam
from core.training.progress import Progress, TrainedModel, finite
from core.training.rng import Stream, generator
from core.training.state import TrainingState, Values

MAX_EVENTS = 64
"""Approximate maximum number of evaluations in a run of networks."""
MAX_FRAMES = 10
"""Approximate maximum number of evaluations that include the fits."""
N_DENSE_GRID = 480
"""Number of grid points at which bias and variance are measured."""

Predict = Callable[[Tensor], Tensor]
"""A function that maps x (datasets, points) to the predictions (capacities, datasets, points) of all fits."""


def train(config: BiasVarianceConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Fit models of all C capacities (polynomial degrees or network widths) to all R datasets.

    Every event has the array ``now`` (3, C): the mean training, validation, and test errors of the current fits. The
    first event, the last event, and some events in between also have the following arrays of the selected fits. With
    early stopping, the selected fits have the lowest validation error so far. Otherwise, they are the current fits.
    - ``errors`` (3, C, R), in the same order as ``now``.
    - ``parts`` (2, C), bias² and variance (see `decompose`).
    - ``curves`` (C, R, N_GRID_POINTS), float16, the fits on `plot_grid`, clipped to ±60,000.
    - With early stopping, ``stopped`` (C, R), the update at which each fit was selected.

    In ``now``, ``errors``, and ``parts``, values that are not finite are NaN.

    Metrics of every event:
    - ``loss``, the mean of all training errors.
    - ``diverged_at``, if an error is not finite: the step of the first event with such an error.

    Metrics of events with the array ``errors``:
    - ``flat``, the mean training error of constant fits.
    - ``capacity``, the capacity with the lowest mean validation error.
    - ``train``, ``validation``, ``test``, ``bias2``, and ``variance``: the mean errors, bias², and the variance of this
      capacity.

    Returns the weights of one model: the model with the ``capacity`` of the last event, fitted to the first dataset.
    The weights of a polynomial are the ``coefficients`` of the Legendre polynomials in x / X_LIMIT. The weights of a
    network are named as in `torch.nn.Sequential(Linear, φ, Linear)`, where φ is the activation function.
    """
    task = Task(config)
    state = resume or TrainingState()
    return (yield from (_solve if config.model == "polynomial" else _train)(config, task, state))


def _solve(config: BiasVarianceConfig, task: Task, state: TrainingState) -> Generator[Progress, None, TrainedModel]:
    if not state.resumed:
        zeros = torch.zeros(len(config.capacities), config.data_sets, config.largest_degree + 1, dtype=torch.float64)
        yield evaluate(0, config, task, _predict_with(zeros))
    for config in state.phases(config):
        coefficients = polynomials.fit(task.train, config.capacities, l2=config.l2)
        event = evaluate(1, config, task, _predict_with(coefficients))
        for _step in state.updates(1):
            yield event
    best = config.capacities.index(event.metrics["capacity"])
    degree = config.capacities[best]
    scale = (2 * torch.arange(degree + 1, dtype=torch.float64) + 1).sqrt()
    return TrainedModel({"coefficients": coefficients[best, 0, : degree + 1] * scale}, event.metrics)


def _predict_with(coefficients: Tensor) -> Predict:
    return lambda x: polynomials.evaluate(coefficients, x)


def _train(config: BiasVarianceConfig, task: Task, state: TrainingState) -> Generator[Progress, None, TrainedModel]:
    trainer, kept = Trainer(config, task), Values(metrics={}, diverged={})
    state.track(trainer=trainer, kept=kept)
    for config in state.phases(config):
        spacing = 1 if state.losses_only else -(-config.epochs // MAX_EVENTS)
        frame_spacing = -(-config.epochs // (spacing * MAX_FRAMES)) * spacing
        trainer.use(config)
        for step in state.steps(config.epochs):
            if step:
                trainer.update(step)
            last = step == config.epochs
            if step % spacing and not last:
                continue
            errors = mean_squared_errors(task, trainer.networks.predict)
            trainer.track_best(step, errors[1])
            arrays = {"now": _array(errors.mean(2))}
            if not (kept.diverged or errors.isfinite().all()):
                kept.diverged = {"diverged_at": float(step)}
            loss = {"loss": finite(errors[0].mean())} | kept.diverged
            if step % frame_spacing and not last:
                yield Progress(step, config.epochs, loss, arrays)
                continue
            event = evaluate(step, config, task, trainer.selected.predict)
            if config.early_stopping:
                arrays["stopped"] = trainer.stopped_at.numpy().copy()
            kept.metrics = dict(event.metrics) | loss
            yield Progress(step, config.epochs, kept.metrics, dict(event.arrays) | arrays)
    best = config.capacities.index(kept.metrics["capacity"])
    weights = {name: part.clone() for name, part in trainer.selected.state_dict(best, 0).items()}
    return TrainedModel(weights, kept.metrics)


class Trainer:
    """A trainer for all networks of a run.

    ``networks`` holds the current networks. With early stopping, ``selected`` holds each network with the weights that
    had the lowest validation error so far. Without early stopping, ``selected`` is ``networks``.
    """

    def __init__(self, config: BiasVarianceConfig, task: Task):
        self.config, self.x, self.y = config, task.train.x.float(), task.train.y.float()
        self.networks, self.selected = (
            BatchedRegressors.initialize(
                config.capacities, config.data_sets, activation=config.activation, seed=config.seed
            )
            for _ in range(2)
        )
        self.optimizer = Adam(self.networks.weights, config.learning_rate)
        self.stopped_at = torch.zeros(len(config.capacities), config.data_sets, dtype=torch.int32)
        self._lowest = torch.full(self.stopped_at.shape, torch.inf, dtype=torch.float64)
        if not config.early_stopping:
            self.selected = self.networks

    def use(self, config: BiasVarianceConfig) -> None:
        """Switch to the learning rate, the L2 penalty, and the dropout probability of ``config``."""
        self.config = config
        self.optimizer.learning_rate = torch.tensor(config.learning_rate)

    def update(self, step: int) -> None:
        """Update all networks once, each with all training samples of its dataset.

        ``step`` determines which units are dropped.
        """
        mask = self._dropout_mask(step)
        self.optimizer.step(self.networks.gradient(self.x, self.y, l2=self.config.l2, dropout_mask=mask))

    def track_best(self, step: int, validation_errors: Tensor) -> None:
        """With early stopping, copy to ``selected`` each network whose validation error has reached a new minimum.

        ``validation_errors`` (C, R) are the errors after update ``step``.
        """
        if self.config.early_stopping:
            improved = validation_errors < self._lowest
            self._lowest = torch.where(improved, validation_errors, self._lowest)
            self.stopped_at[improved] = step
            self.selected.copy_from(self.networks, improved)

    def state_dict(self) -> dict[str, Any]:
        """Return the weights, the optimizer state, and the selected networks."""
        selected = {"stopped_at": self.stopped_at, "lowest": self._lowest, "selected": self.selected.weights}
        return {"networks": self.networks.weights, "optimizer": self.optimizer.state_dict()} | selected

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of the trainer."""
        self.networks.weights.copy_(state_dict["networks"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        self.stopped_at, self._lowest = state_dict["stopped_at"], state_dict["lowest"]
        self.selected.weights.copy_(state_dict["selected"])

    def _dropout_mask(self, step: int) -> Tensor | None:
        keep = 1 - self.config.dropout
        if keep == 1:
            return None
        random = generator(self.config.seed, Stream.BIAS_VARIANCE_DROPOUT, step)
        mask = torch.empty(len(self.x), self.networks.units, self.x.shape[1])
        return mask.bernoulli_(keep, generator=random).div_(keep)


def evaluate(step: int, config: BiasVarianceConfig, task: Task, predict: Predict) -> Progress:
    """Return an event with the errors, curves, bias², and variance of all fits."""
    errors, data_sets = mean_squared_errors(task, predict), config.data_sets
    dense_grid = (2 * (torch.arange(N_DENSE_GRID, dtype=torch.float64) + 0.5) / N_DENSE_GRID - 1) * X_LIMIT
    parts = decompose(predict(dense_grid.expand(data_sets, -1)), task.true_curve(dense_grid))
    curves = predict(plot_grid().expand(data_sets, -1))
    means = errors.mean(2)
    best = int(means[1].nan_to_num(torch.inf, torch.inf).argmin())
    values = {"flat": task.train.y.var(1, correction=0).mean()}
    values |= dict(zip(("train", "validation", "test"), means[:, best], strict=True))
    values |= dict(zip(("bias2", "variance"), parts[:, best], strict=True))
    return Progress(
        step,
        config.updates,
        {"loss": finite(means[0].mean()), "capacity": float(config.capacities[best])}
        | {name: finite(value) for name, value in values.items()},
        {
            "now": _array(means),
            "errors": _array(errors),
            "parts": _array(parts),
            "curves": curves.clamp(-60_000, 60_000).numpy().astype(np.float16),
        },
    )


def decompose(fits: Tensor, true_curve: Tensor) -> Tensor:
    """Return bias² and the variance (2, C) of ``fits`` (C, R, points), given the true curve (points,).

    C is the number of capacities, and R is the number of datasets. Both results are averaged over the points. The
    variance is the sample variance of the R fits. Bias² is the mean squared distance between the mean fit and the true
    curve, minus the variance of the mean fit, which is variance / R. If this difference is negative, bias² is 0, and
    the variance is reduced by the size of the difference. The sum of bias², the variance, and the noise variance is the
    expected test error.

    Source: Geman, Bienenstock, and Doursat, Neural Computation 4 (1992).
    """
    total = (fits - true_curve).square().mean((1, 2))
    mean_fit = (fits.mean(1) - true_curve).square().mean(1)
    bias2 = (mean_fit - fits.var(1).mean(1) / fits.shape[1]).clamp(min=0)
    return torch.stack([bias2, (total - bias2).clamp(min=0)])


def mean_squared_errors(task: Task, predict: Predict) -> Float64[Tensor, "3 capacities sets"]:
    """Return the training, validation, and test errors of all fits. Each fit is evaluated on its own dataset."""
    return torch.stack([(predict(x) - y).square().mean(2) for x, y in (task.train, task.validation, task.test)])


def _array(values: Float[Tensor, "*shape"]) -> Float32[np.ndarray, "*shape"]:
    values = values.float()
    return values.where(values.isfinite(), torch.nan).numpy()
