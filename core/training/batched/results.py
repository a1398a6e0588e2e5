"""Results of batched networks, read from the events of a run: curves over the seeds, best learning rates, ranking."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import torch

from core.training.batched.config import BatchedConfig
from core.training.progress import Progress

N_RECENT = 5
"""Number of latest validation measurements that are averaged, since a single measurement is noisy."""


class NetworkSpec(NamedTuple):
    """The variant (an optimizer or a schedule), the learning rate, and the seed number of a network."""

    variant: str
    learning_rate: float
    seed: int


class Curve(NamedTuple):
    """The median, minimum, and maximum of a metric over the seeds: arrays (T,).

    ``steps`` holds the number of updates before each measurement. Once training with a seed has diverged, the losses
    for this seed are inf.
    """

    steps: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def median_points(self) -> list[tuple[int, float]]:
        """Return (step, median) pairs."""
        return list(zip(self.steps.tolist(), self.median.tolist(), strict=True))

    def band_points(self) -> list[tuple[int, float, float]]:
        """Return (step, lowest value, highest value) triples."""
        return list(zip(self.steps.tolist(), self.low.tolist(), self.high.tolist(), strict=True))


class VariantResult(NamedTuple):
    """The results of a variant (an optimizer or a schedule) at one learning rate.

    All losses and accuracies except ``lowest_loss`` and ``highest_loss`` are medians over the seeds.
    """

    variant: str
    learning_rate: float
    validation_loss: float
    training_loss: float
    validation_accuracy: float | None
    test_accuracy: float | None
    at_range_end: bool
    """Whether the best learning rate is the lowest or the highest in the range."""
    lowest_loss: float
    highest_loss: float
    """Highest validation loss over the seeds. ``lowest_loss`` is the lowest validation loss over the seeds."""

    def overlaps(self, other: "VariantResult") -> bool:
        """Return whether the validation-loss ranges of this result and of ``other`` overlap.

        A range extends from the lowest to the highest loss over the seeds. If the ranges overlap, different seeds might
        reverse the order of the two results.
        """
        return self.lowest_loss <= other.highest_loss and other.lowest_loss <= self.highest_loss


class Results:
    """The measurements of networks that are trained together, by variant and learning rate.

    A variant is an optimizer or a schedule. A ``metric`` is the name of an array in the events: "train" (training
    loss), "validation_loss" (validation loss), "accuracy" (validation accuracy), or "test" (test accuracy).
    """

    def __init__(self, config: BatchedConfig):
        self.config = config
        self._series: dict[tuple[str, float], dict[str, list[tuple[int, np.ndarray]]]] = {}
        self._columns: dict[tuple[str, float], slice] = {}
        self._offsets: dict[tuple[str, float], int] = {}
        self._offset = 0
        self._events: list[tuple[int, Mapping[str, np.ndarray]]] = []
        # Cached values for the events so far, by variant and learning rate
        self._validation_loss: dict[tuple[str, float], float] = {}
        self._validation_losses: dict[tuple[str, float], list[tuple[int, float]]] = {}

    @classmethod
    def from_events(cls, config: BatchedConfig, events: Iterable[Progress]) -> Self:
        """Return the results of ``events``, which contains all events of a run so far."""
        results = cls(config)
        for event in events:
            results.add(event)
        return results

    def state_dict(self) -> dict[str, Any]:
        """Return all measurements, as tensors."""
        return {
            "events": [
                (step, {name: torch.from_numpy(array) for name, array in arrays.items()})
                for step, arrays in self._events
            ]
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore all measurements. The object must not contain any measurements yet."""
        for step, tensors in state_dict["events"]:
            self.add(Progress(step, step, {}, {name: tensor.numpy() for name, tensor in tensors.items()}))

    def add(self, event: Progress) -> None:
        """Add the measurements of the next event."""
        self._events.append((event.step, event.arrays))
        self._validation_loss.clear()
        self._validation_losses.clear()
        if "members" in event.arrays:
            self._begin_round(event)
        for network, columns in self._columns.items():
            for metric, values in event.arrays.items():
                if metric != "members":
                    series = self._series[network].setdefault(metric, [])
                    series.append((event.step - self._offset, values[columns]))

    def learning_rates(self, variant: str) -> list[float]:
        """Return the learning rates of a variant in ascending order."""
        return sorted(rate for other, rate in self._series if other == variant)

    def curve(self, variant: str, learning_rate: float, metric: str) -> Curve | None:
        """Return the curve of a metric, or None if the metric was not measured.

        For digits, each value of a validation metric is the mean of the latest measurements (at most N_RECENT).
        """
        if not self._is_measured(variant, learning_rate, metric):
            return None
        steps = np.array([step for step, _values in self._series[variant, learning_rate][metric]])
        values = self._means(variant, learning_rate, metric)
        return Curve(steps, np.median(values, axis=1), values.min(axis=1), values.max(axis=1))

    def current(self, variant: str, learning_rate: float, metric: str) -> float | None:
        """Return the current median of a metric over the seeds, or None if the metric was not measured.

        The median of a loss is inf if training diverged for at least half of the seeds. For digits, the value of a
        validation metric is the mean of the latest measurements (at most N_RECENT).
        """
        if not self._is_measured(variant, learning_rate, metric):
            return None
        return float(np.median(self._current_values(variant, learning_rate, metric)))

    def validation_loss(self, variant: str, learning_rate: float) -> float:
        """Return the current median of the validation loss over the seeds.

        The median is inf if training diverged for at least half of the seeds. The best learning rate is the one with
        the lowest validation loss.
        """
        network = variant, learning_rate
        if network not in self._validation_loss:
            self._validation_loss[network] = float(np.median(self._current_values(*network, "validation_loss")))
        return self._validation_loss[network]

    def _is_measured(self, variant: str, learning_rate: float, metric: str) -> bool:
        return metric in self._series.get((variant, learning_rate), {})

    def _current_values(self, variant: str, learning_rate: float, metric: str) -> np.ndarray:
        """Return the current value of a metric for each seed (seeds,): a mean of measurements, as in `current`."""
        return self._means(variant, learning_rate, metric, last=1)[0]

    def _means(self, variant: str, learning_rate: float, metric: str, *, last: int | None = None) -> np.ndarray:
        """Return a metric (T, seeds) after every measurement, or only after each of the latest ``last`` measurements.

        Each value is a mean of measurements, as in `current`.
        """
        series = self._series[variant, learning_rate][metric]
        numbers = range(1, len(series) + 1)[-(last or len(series)) :]
        windows = [(number - self._n_averaged(metric, number), number) for number in numbers]
        first = windows[0][0]  # earlier measurements have no effect
        values = np.array([values for _step, values in series[first:]], dtype=float)
        means = [values[start - first : end - first].mean(axis=0) for start, end in windows]
        return np.nan_to_num(np.array(means), nan=np.inf)

    def _n_averaged(self, metric: str, n_measured: int) -> int:
        """Return the number of latest measurements of a metric that are averaged."""
        count = N_RECENT if metric in ("validation_loss", "accuracy") and self.config.data == "digits" else 1
        return max(1, min(count, n_measured // 2))

    def validation_losses(self, variant: str, learning_rate: float) -> list[tuple[int, float]]:
        """Return the `validation_loss` after every measurement, as (update, loss) pairs.

        Updates are counted from the beginning of the run.
        """
        network = variant, learning_rate
        if network in self._validation_losses:
            return self._validation_losses[network]
        curve, offset = self.curve(*network, "validation_loss"), self._offsets[network]
        losses = [(offset + step, loss) for step, loss in curve.median_points()] if curve else []
        self._validation_losses[network] = losses
        return losses

    def best_learning_rate(self, variant: str) -> float:
        """Return the learning rate at which a variant has the lowest validation loss so far."""
        return min(self.learning_rates(variant), key=lambda rate: self.validation_loss(variant, rate))

    def at_range_end(self, variant: str) -> bool:
        """Return whether the best learning rate of a variant is the lowest or the highest in the range.

        If so, a better learning rate may lie beyond the range. The result is false before the first update, or if there
        is only one learning rate.
        """
        rates, best = self.learning_rates(variant), self.best_learning_rate(variant)
        last_step, _losses = self._series[variant, best]["validation_loss"][-1]
        return len(rates) > 1 and best in (rates[0], rates[-1]) and last_step > 0

    def was_extended(self, variant: str) -> bool:
        """Return whether a variant has more learning rates than the settings specify."""
        return len(self.learning_rates(variant)) > self.config.rates

    def extension(self, variant: str, count: int) -> range:
        """Return the ``count`` positions adjacent to the best learning rate, outside the range of learning rates.

        Positions are defined in `BatchedConfig.learning_rate_at`. The result is empty if `at_range_end` returns False,
        or if training diverged even at the best learning rate.
        """
        rates, best = self.learning_rates(variant), self.best_learning_rate(variant)
        if not self.at_range_end(variant) or not np.isfinite(self.validation_loss(variant, best)):
            return range(0)
        lowest = next(position for position in range(-100, 100) if self.config.learning_rate_at(position) == rates[0])
        above = lowest + len(rates)
        return range(above, above + count) if best == rates[-1] else range(lowest - count, lowest)

    def best_learning_rates(self) -> dict[str, float]:
        """Return the best learning rate found so far for each variant, keyed by variant."""
        return {variant: self.best_learning_rate(variant) for variant in self.config.variants}

    def ranking(
        self, learning_rate: float | None = None, best: Mapping[str, float] | None = None
    ) -> list[VariantResult]:
        """Return the results of the variants, best first.

        Each result is for ``learning_rate`` or, if ``learning_rate`` is None, for the best learning rate of the
        variant. ``best`` contains the best learning rates if they are already known, for example, from the finished
        run. A variant without measurements at its learning rate is left out.
        """
        ranking = []
        for variant in self.config.variants:
            if learning_rate is not None:
                rate = learning_rate
            elif best and (variant, best[variant]) in self._series:
                rate = best[variant]
            else:
                rate = self.best_learning_rate(variant)
            if (variant, rate) in self._series:
                losses = self._current_values(variant, rate, "validation_loss")
                ranking.append(
                    VariantResult(
                        variant,
                        rate,
                        validation_loss=float(np.median(losses)),
                        training_loss=float(np.median(self._current_values(variant, rate, "train"))),
                        validation_accuracy=self.current(variant, rate, "accuracy"),
                        test_accuracy=self.current(variant, rate, "test"),
                        at_range_end=learning_rate is None and self.at_range_end(variant),
                        lowest_loss=float(losses.min()),
                        highest_loss=float(losses.max()),
                    )
                )
        return sorted(ranking, key=lambda result: result.validation_loss)

    def winner(self) -> tuple[str, float] | None:
        """Return the best variant and its best learning rate, or None if training diverged for all variants."""
        first = self.ranking()[0]
        return (first.variant, first.learning_rate) if np.isfinite(first.validation_loss) else None

    def winner_curve(self, metric: str) -> Curve | None:
        """Return the `curve` of a metric for the best variant, or None if there is no such curve."""
        winner = self.winner() if self._series else None
        return self.curve(*winner, metric) if winner else None

    def _begin_round(self, event: Progress) -> None:
        self._offset, self._columns = event.step, {}
        for column, (number, rate, seed) in enumerate(event.arrays["members"]):
            network = self.config.variants[int(number)], float(rate)
            if seed == 0:
                self._columns[network] = slice(column, column + self.config.seeds)
                self._series[network] = {}
                self._offsets[network] = self._offset
