"""Fits every capacity to every data set at once, and measures what the fits are worth."""

from collections.abc import Callable, Generator

import numpy as np
import torch
from torch import Tensor

from core.topics.bias_variance import polynomials
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import X_LIMIT, Task, drawn
from core.topics.bias_variance.networks import StackedNetworks
from core.training.optimizers import Adam
from core.training.progress import Progress, TrainedModel, finite
from core.training.rng import Stream, generator

MAX_EVENTS, MAX_FRAMES = 64, 10  # of a run of networks: measurements of the errors, and those with the fits themselves
N_DENSE_GRID = 480  # places at which bias and variance are measured

Answers = Callable[[Tensor], Tensor]
"""The values (capacities, data sets, points) of all fits at x (data sets, points)."""


def train(config: BiasVarianceConfig) -> Generator[Progress, None, TrainedModel]:
    """Fit all capacities (C of them) to all data sets (R): polynomials at once, networks in ``epochs`` updates.

    Arrays of every event: ``now`` (3, C), the mean training, validation and test errors of the fits as they are. Of
    some events, the first and the last among them, and of the fits as they are taken (with early stopping as they
    were at their lowest validation error): ``errors`` (3, C, R) in the same order; ``parts`` (2, C), bias² and
    variance (see `decompose`); ``curves`` (C, R, GRID) float16, the fits at the places `core.topics.bias_variance.data.drawn`;
    with early stopping ``stopped`` (C, R), the update that they are from. What is not finite is NaN.

    Metrics: ``loss``, the mean of all training errors; ``diverged_at``, the first event at which an error was not
    finite; with ``errors`` also ``flat``, the mean training error of flat lines, and of the capacity with the lowest
    validation error: ``capacity``, ``train``, ``validation``, ``test``, ``bias2``, ``variance``.

    Returns the weights of that capacity for the first data set: a polynomial's Legendre
    ``coefficients`` over x / REACH, or those of a `torch.nn.Sequential(Linear, φ, Linear)`.
    """
    task = Task(config)
    return (yield from (_solve if config.model == "polynomial" else _train)(config, task))


def _solve(config: BiasVarianceConfig, task: Task) -> Generator[Progress, None, TrainedModel]:
    nothing = torch.zeros(len(config.capacities), config.data_sets, config.largest_degree + 1, dtype=torch.float64)
    yield _event(0, config, task, _answers_of(nothing))
    coefficients = polynomials.fit(task.train, config.capacities, l2=config.l2)
    event = _event(1, config, task, _answers_of(coefficients))
    yield event
    best = config.capacities.index(int(event.metrics["capacity"]))
    degree = config.capacities[best]
    scale = (2 * torch.arange(degree + 1, dtype=torch.float64) + 1).sqrt()
    return TrainedModel({"coefficients": coefficients[best, 0, : degree + 1] * scale}, event.metrics)


def _answers_of(coefficients: Tensor) -> Answers:
    return lambda x: polynomials.answers(coefficients, x)


def _train(config: BiasVarianceConfig, task: Task) -> Generator[Progress, None, TrainedModel]:
    trainer = Trainer(config, task)
    spacing = -(-config.epochs // MAX_EVENTS)
    frames = -(-config.epochs // (spacing * MAX_FRAMES)) * spacing
    diverged: dict[str, float] = {}
    for step in range(config.epochs + 1):
        if step:
            trainer.update(step)
        last = step == config.epochs
        if step % spacing and not last:
            continue
        now = _errors(task, trainer.networks.answers)
        trainer.track_best(step, now[1])
        arrays = {"now": _array(now.mean(2))}
        if diverged or not now.isfinite().all():
            diverged = diverged or {"diverged_at": float(step)}
        if step % frames and not last:
            yield Progress(step, config.epochs, {"loss": finite(now[0].mean())} | diverged, arrays)
            continue
        event = _event(step, config, task, trainer.taken.answers)
        if config.early_stopping:
            arrays["stopped"] = trainer.stopped.numpy().copy()
        loss = {"loss": finite(now[0].mean())}
        yield Progress(step, config.epochs, dict(event.metrics) | loss | diverged, dict(event.arrays) | arrays)
    metrics = dict(event.metrics) | loss | diverged
    best = config.capacities.index(int(metrics["capacity"]))
    return TrainedModel({name: part.clone() for name, part in trainer.taken.single(best, 0).items()}, metrics)


class Trainer:
    """The networks of a run while they learn: as they are, and as they will be taken."""

    def __init__(self, config: BiasVarianceConfig, task: Task):
        self.config, self.x, self.y = config, task.train.x.float(), task.train.y.float()
        self.networks, self.taken = (
            StackedNetworks.start(config.capacities, config.data_sets, activation=config.activation, seed=config.seed)
            for _ in range(2)
        )
        self.optimizer = Adam(self.networks.weights, config.learning_rate)
        self.stopped = torch.zeros(len(config.capacities), config.data_sets, dtype=torch.int32)
        self._lowest = torch.full(self.stopped.shape, torch.inf, dtype=torch.float64)
        if not config.early_stopping:
            self.taken = self.networks

    def update(self, step: int) -> None:
        """One update of all networks, with all points."""
        self.optimizer.step(self.networks.gradient(self.x, self.y, l2=self.config.l2, keep=self._keep(step)))

    def track_best(self, step: int, validation: Tensor) -> None:
        """With early stopping: keep each network whose validation error (C, R) is the lowest so far."""
        if self.config.early_stopping:
            better = validation < self._lowest
            self._lowest = torch.where(better, validation, self._lowest)
            self.stopped[better] = step
            self.taken.replace(better, self.networks)

    def _keep(self, step: int) -> Tensor | None:
        share = 1 - self.config.dropout
        if share == 1:
            return None
        drawn = torch.empty(len(self.x), self.networks.units, self.x.shape[1])
        return drawn.bernoulli_(share, generator=generator(self.config.seed, Stream.BIAS_VARIANCE_DROPOUT, step)).div_(
            share
        )


def _event(step: int, config: BiasVarianceConfig, task: Task, answers: Answers) -> Progress:
    errors, sets = _errors(task, answers), config.data_sets
    middles = (2 * (torch.arange(N_DENSE_GRID, dtype=torch.float64) + 0.5) / N_DENSE_GRID - 1) * X_LIMIT
    parts = decompose(answers(middles.expand(sets, -1)), task.true_curve(middles))
    curves = answers(drawn().expand(sets, -1))
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
    """What the mean square distance of the fits (C, R, places) from the truth (places,) consists of: (2, C).

    bias² is the square distance of the mean fit from the truth, variance that of the fits from their mean. The mean
    of R fits is itself off by variance / R, which is taken off again; with the noise's variance both add up to the
    expected test error.

    Source: Geman, Bienenstock and Doursat, Neural Computation 4 (1992).
    """
    total = (fits - true_curve).square().mean((1, 2))
    middle = (fits.mean(1) - true_curve).square().mean(1)
    bias2 = (middle - fits.var(1).mean(1) / fits.shape[1]).clamp(min=0)
    return torch.stack([bias2, (total - bias2).clamp(min=0)])


def _errors(task: Task, answers: Answers) -> Tensor:
    """Mean squared errors (3, C, R) on the points of each data set: training, validation, test."""
    return torch.stack([(answers(x) - y).square().mean(2) for x, y in (task.train, task.validation, task.test)])


def _array(values: Tensor) -> np.ndarray:
    values = values.float()
    return values.where(values.isfinite(), torch.nan).numpy()
