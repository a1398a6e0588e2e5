"""Evaluation of a run: the capacity chosen by validation, and whether other capacities underfit or overfit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float, Float64

from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.progress import Progress

CLEAR_RATIO = 1.1
"""An error counts as clearly higher than another error if the ratio of the two errors is above this value."""
CLEAR_SHARE = 0.75
"""Minimum fraction of datasets on which a capacity must have the higher test error to count as clearly worse."""
NEGLIGIBLE_ERROR = 1e-6
HIGH_LEARNING_RATE = 0.3
"""If training fails at a learning rate above this value, the learning rate was too high.

At 0.1, all networks learn; at 1, wide networks fail.
"""

TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class CapacityAnalysis:
    """The state of a run with C capacities (polynomial degrees or network widths) and R datasets.

    - ``current_means`` (3, C) contains the training, validation, and test errors of the current fits, averaged over the
      datasets.
    - ``errors`` (3, C, R), ``decomposition`` (2, C), and ``curves`` (C, R, N_GRID_POINTS) describe the selected fits.
      With early stopping, the selected fits have the lowest validation error so far. Otherwise, they are the current
      fits.
    - ``stopped_at`` (C, R) contains the update at which each fit was selected. Without early stopping, it is None.
    - ``constant_error`` is the mean training error of constant fits. For each dataset, the best constant is fitted.

    See `core.topics.bias_variance.train.train` for details of the arrays. The best capacity is the one with the lowest
    mean validation error.
    """

    config: BiasVarianceConfig
    step: int
    constant_error: float
    current_means: np.ndarray
    errors: np.ndarray
    decomposition: np.ndarray
    curves: np.ndarray
    stopped_at: np.ndarray | None

    @classmethod
    def from_events(cls, config: BiasVarianceConfig, events: Iterable[Progress]) -> Self | None:
        """Return the state after the events, or None if the events have no arrays."""
        latest: dict[str, np.ndarray] = {}
        step, constant_error = 0, 0.0
        for event in events:
            latest |= event.arrays
            step, error = event.step, event.metrics.get("flat")
            constant_error = constant_error if error is None else error
        if not latest:
            return None
        return cls(
            config,
            step,
            constant_error,
            current_means=latest["now"],
            errors=latest["errors"],
            decomposition=latest["parts"],
            curves=latest["curves"],
            stopped_at=latest.get("stopped"),
        )

    @property
    def capacities(self) -> tuple[int, ...]:
        """The degrees of the polynomials or the widths of the networks, in ascending order."""
        return self.config.capacities

    @property
    def complete(self) -> bool:
        """Whether the run has completed all updates."""
        return self.step >= self.config.updates

    @property
    def mean_errors(self) -> Float[np.ndarray, "3 capacities"]:
        """Training, validation, and test errors, averaged over the datasets."""
        return self.errors.mean(2)

    @property
    def noise_variance(self) -> float:
        """The variance of the noise. This is the irreducible error: no model has a lower expected test error."""
        return self.config.noise**2

    @property
    def best_index(self) -> int:
        """The index of the capacity with the lowest mean validation error."""
        return int(np.nan_to_num(self.mean_errors[VALIDATION], nan=np.inf).argmin())

    @property
    def single_set_choices(self) -> tuple[int, int]:
        """The smallest and the largest of the capacities selected for the individual datasets.

        For each dataset, the capacity with the lowest validation error on this dataset is selected.
        """
        indices = np.nan_to_num(self.errors[VALIDATION], nan=np.inf).argmin(0)
        return self.capacities[indices.min()], self.capacities[indices.max()]

    @property
    def n_not_finite(self) -> int:
        """The number of fits with an error that is not finite."""
        return int(np.isnan(self.errors).any(0).sum())

    def n_worse(self, index: int) -> int:
        """Count the datasets on which the capacity at ``index`` has a higher test error than the best capacity."""
        return int((self.errors[TEST, index] > self.errors[TEST, self.best_index]).sum())

    def test_error_ratio(self, index: int) -> float:
        """Return the mean test error of the capacity at ``index``, divided by that of the best capacity.

        Mean errors below NEGLIGIBLE_ERROR are replaced by NEGLIGIBLE_ERROR.
        """
        error, best = np.maximum(self.mean_errors[TEST][[index, self.best_index]], NEGLIGIBLE_ERROR)
        return float(error / best)

    def is_clearly_worse(self, index: int) -> bool:
        """Return whether the capacity at ``index`` has a clearly higher test error than the best capacity.

        Two conditions must hold. First, `test_error_ratio` must be above CLEAR_RATIO. Second, the result of `n_worse`,
        divided by the number of datasets, must be at least CLEAR_SHARE.
        """
        in_most_data_sets = self.n_worse(index) >= CLEAR_SHARE * self.config.data_sets
        return self.test_error_ratio(index) > CLEAR_RATIO and in_most_data_sets

    @property
    def underfits(self) -> bool:
        """Whether the smallest capacity has a clearly higher test error than the best capacity."""
        return self.is_clearly_worse(0)

    @property
    def overfits(self) -> bool:
        """Whether the largest capacity overfits.

        The largest capacity overfits if its test error is clearly higher than that of the best capacity, but its
        training error is not higher.
        """
        train = self.mean_errors[TRAIN]
        return self.is_clearly_worse(len(self.capacities) - 1) and bool(train[-1] <= train[self.best_index])

    @property
    def worse_than_constant(self) -> list[int]:
        """The capacities whose mean training error is clearly higher than that of constant fits.

        A mean training error is clearly higher if it is above 0.01 and more than CLEAR_RATIO times as high as that of
        constant fits. Capacities whose mean training error is NaN are included.
        """
        bound = max(CLEAR_RATIO * self.constant_error, 0.01)
        train = self.mean_errors[TRAIN]
        return [capacity for capacity, error in zip(self.capacities, train, strict=True) if not error <= bound]

    @property
    def hardly_trained(self) -> bool:
        """Whether training has hardly reduced the training error.

        At least one of two conditions must hold. First, `worse_than_constant` is not empty. Second, the true curve is
        not constant, and the mean training error of the best capacity is more than 0.9 times that of constant fits.
        """
        is_curved = self.config.curve != "constant"
        hardly_better = bool(self.mean_errors[TRAIN, self.best_index] > 0.9 * self.constant_error)
        return bool(self.worse_than_constant) or (is_curved and hardly_better)

    @property
    def failed(self) -> bool:
        """Whether the learning rate was too high for some or all networks."""
        return bool(self.n_not_finite) or (self.hardly_trained and self.config.learning_rate > HIGH_LEARNING_RATE)

    @property
    def sufficient_index(self) -> int:
        """The index of the smallest capacity whose `test_error_ratio` is at most CLEAR_RATIO."""
        return next(index for index in range(self.best_index + 1) if self.test_error_ratio(index) <= CLEAR_RATIO)

    @property
    def plateaus(self) -> bool:
        """Whether the mean test error stays low for the capacity at `sufficient_index` and all larger capacities.

        This is true if the `test_error_ratio` of each of these capacities is at most CLEAR_RATIO.
        """
        rest = range(self.sufficient_index, len(self.capacities))
        return all(self.test_error_ratio(index) <= CLEAR_RATIO for index in rest)

    @property
    def double_descent_peak(self) -> int | None:
        """The index of the capacity at the double-descent peak, or None if there is no double descent.

        The peak is the highest mean test error of the capacities larger than the best one. In double descent, the error
        at the peak is clearly higher than the errors of the best capacity and of the largest capacity.

        Source: Belkin et al., PNAS 116 (2019).
        """
        test = self.mean_errors[TEST]
        peak = int(np.nan_to_num(test[self.best_index :]).argmax()) + self.best_index
        n_falling = (self.errors[TEST, peak] > self.errors[TEST, -1]).sum()
        falls = test[peak] > CLEAR_RATIO * test[-1] and n_falling >= CLEAR_SHARE * self.config.data_sets
        return peak if self.is_clearly_worse(peak) and falls else None

    def decomposition_at(self, index: int) -> tuple[float, float, float]:
        """Return bias², the variance, and the expected test error of the capacity at ``index``.

        The expected test error is the sum of bias², the variance, and the noise variance.
        """
        bias2, variance = self.decomposition[:, index]
        return float(bias2), float(variance), float(bias2 + variance) + self.noise_variance

    def fits(self, index: int) -> Float64[np.ndarray, "sets points"]:
        """Return the fitted curves for the capacity at ``index``, one for each dataset, evaluated on `plot_grid`."""
        return self.curves[index].astype(float)

    def mean_fit(self, index: int) -> tuple[Float64[np.ndarray, " points"], Float64[np.ndarray, " points"]]:
        """Return the mean and the standard deviation of `fits` over all datasets, for the capacity at ``index``."""
        return self.fits(index).mean(0), self.fits(index).std(0)


def mean_error_history(events: Iterable[Progress]) -> list[tuple[int, Float[np.ndarray, "3 capacities"]]]:
    """Return the step and the mean training, validation, and test errors of each event."""
    return [(event.step, event.arrays["now"]) for event in events]
