"""What a run has found: errors against capacity, which one validation chooses, and what shape the errors have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.progress import Progress

MUCH = 1.1  # times an error that is worth speaking of
MOST = 0.75  # share of the data sets in which it has to be so

EXACT = 1e-6  # errors below this are as good as none
HIGH_RATE = 0.3  # of Adam: at 0.1 all of these networks learn, at 1 the wide ones no more

TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class CapacityAnalysis:
    """The state of a run: arrays as `core.topics.bias_variance.train.train` has them."""

    config: BiasVarianceConfig
    step: int
    flat: float
    now: np.ndarray
    errors: np.ndarray
    parts: np.ndarray
    curves: np.ndarray
    stopped: np.ndarray | None

    @classmethod
    def read(cls, config: BiasVarianceConfig, events: Iterable[Progress]) -> Self | None:
        """What is known after these events, or None before the first one."""
        latest: dict[str, np.ndarray] = {}
        step, flat = 0, 0.0
        for event in events:
            latest |= event.arrays
            step, flat = event.step, event.metrics.get("flat", flat)
        if not latest:
            return None
        arrays = (latest[name] for name in ("now", "errors", "parts", "curves"))
        return cls(config, step, flat, *arrays, latest.get("stopped"))

    @property
    def capacities(self) -> tuple[int, ...]:
        """The degrees or widths, in the order of the arrays."""
        return self.config.capacities

    @property
    def ended(self) -> bool:
        """Whether all has been learnt that will be."""
        return self.step >= self.config.updates

    @property
    def means(self) -> np.ndarray:
        """Training, validation and test errors (3, C), means over the data sets."""
        return self.errors.mean(2)

    @property
    def noise(self) -> float:
        """The error that is left to the true curve itself: the variance of the noise."""
        return self.config.noise**2

    @property
    def best(self) -> int:
        """The place of the capacity with the lowest mean validation error."""
        return int(np.nan_to_num(self.means[VALIDATION], nan=np.inf).argmin())

    @property
    def alone(self) -> tuple[int, int]:
        """The smallest and the largest capacity that a single data set would choose, by its own validation points."""
        chosen = np.nan_to_num(self.errors[VALIDATION], nan=np.inf).argmin(0)
        return self.capacities[chosen.min()], self.capacities[chosen.max()]

    @property
    def broken(self) -> int:
        """Fits whose values are no finite numbers any more."""
        return int(np.isnan(self.errors).any(0).sum())

    def worse(self, place: int) -> int:
        """In how many data sets the test error at this place is higher than at the best."""
        return int((self.errors[TEST, place] > self.errors[TEST, self.best]).sum())

    def ratio(self, place: int) -> float:
        """The test error at this place, over that at the best; what is EXACT is not to be told apart."""
        at, best = np.maximum(self.means[TEST][[place, self.best]], EXACT)
        return float(at / best)

    def rises_to(self, place: int) -> bool:
        """Whether the test error there is clearly above that at the best: by MUCH, and in MOST data sets."""
        return self.ratio(place) > MUCH and self.worse(place) >= MOST * self.config.data_sets

    @property
    def left(self) -> bool:
        """Whether the smallest capacity is clearly too small."""
        return self.rises_to(0)

    @property
    def right(self) -> bool:
        """Whether the largest capacity is clearly too large: it fits its own points better, and new ones worse."""
        train = self.means[TRAIN]
        return self.rises_to(len(self.capacities) - 1) and bool(train[-1] <= train[self.best])

    @property
    def lost(self) -> list[int]:
        """The capacities that fit their own points clearly worse than flat lines do, or are no numbers."""
        bound = max(MUCH * self.flat, 0.01)
        train = self.means[TRAIN]
        return [capacity for capacity, error in zip(self.capacities, train, strict=True) if not error <= bound]

    @property
    def idle(self) -> bool:
        """Whether some are lost, or the best is hardly better than flat lines, though the curve is none."""
        curved = self.config.curve != "constant"
        return bool(self.lost) or (curved and bool(self.means[TRAIN, self.best] > 0.9 * self.flat))

    @property
    def failed(self) -> bool:
        """Whether the learning rate of networks was too high for some of them, or for all."""
        return bool(self.broken) or (self.idle and self.config.learning_rate > HIGH_RATE)

    @property
    def enough(self) -> int:
        """The place of the smallest capacity from which on no test error up to the best is clearly above it."""
        return next(place for place in range(self.best + 1) if self.ratio(place) <= MUCH)

    @property
    def steady(self) -> bool:
        """Whether from there on no test error is clearly above that at the best."""
        return all(self.ratio(place) <= MUCH for place in range(self.enough, len(self.capacities)))

    @property
    def peak(self) -> int | None:
        """The place of a second maximum beyond the best, after which the test error clearly falls again, if any."""
        test = self.means[TEST]
        place = int(np.nan_to_num(test[self.best :]).argmax()) + self.best
        lower = (self.errors[TEST, place] > self.errors[TEST, -1]).sum()
        falls = test[place] > MUCH * test[-1] and lower >= MOST * self.config.data_sets
        return place if self.rises_to(place) and falls else None
