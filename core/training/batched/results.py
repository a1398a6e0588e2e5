"""What a race has shown so far: curves over the seeds, the best learning rates, the ranking. Read from its events."""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np

from core.training.batched.config import NetworkConfig
from core.training.progress import Progress

RECENT = 5  # measurements of the validation loss whose mean is the judged one: the last alone is a matter of luck


class Member(NamedTuple):
    """A network: its optimizer (or the schedule of its learning rate), its learning rate, its seed."""

    name: str
    rate: float
    seed: int


class Curve(NamedTuple):
    """Median, lowest and highest value over the seeds (T,), at ``steps`` (T,). Infinite where one diverged."""

    steps: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Place(NamedTuple):
    """A place in the ranking, with the learning rate with which it is compared; medians over the seeds."""

    name: str
    rate: float
    judged: float
    train: float
    accuracy: float | None
    test: float | None
    at_end: bool
    """Whether it was the best rate and the lowest or highest that was tried."""
    low: float
    high: float
    """The judged losses of the best and of the worst seed."""

    def ties_with(self, other: "Place") -> bool:
        """Whether their seeds overlap, so that other seeds might turn their order."""
        return self.low <= other.high and other.low <= self.high


class Standings:
    """The networks of a race by name (optimizer or schedule) and learning rate, with what is known of them."""

    def __init__(self, config: NetworkConfig):
        self.config = config
        self._series: dict[tuple[str, float], dict[str, list[tuple[int, np.ndarray]]]] = {}
        self._columns: dict[tuple[str, float], slice] = {}
        self._offset = 0

    @classmethod
    def read(cls, config: NetworkConfig, events: Iterable[Progress]) -> Self:
        """The standings after these events, from the first one on."""
        standings = cls(config)
        for event in events:
            standings.add(event)
        return standings

    def add(self, event: Progress) -> None:
        """Take the next event."""
        if "members" in event.arrays:
            self._begin_round(event)
        for network, columns in self._columns.items():
            for what, values in event.arrays.items():
                if what != "members":
                    series = self._series[network].setdefault(what, [])
                    series.append((event.step - self._offset, values[columns]))

    def rates(self, name: str) -> list[float]:
        """The learning rates that an optimizer was tried with, ascending."""
        return sorted(rate for other, rate in self._series if other == name)

    def curve(self, name: str, rate: float, what: str) -> Curve | None:
        """A measurement ("train", "judged", "accuracy") over the updates, or None where it is missing."""
        series = self._series.get((name, rate), {}).get(what)
        if not series:
            return None
        values = np.nan_to_num(np.stack([values for _step, values in series]).astype(float), nan=np.inf)
        steps = np.array([step for step, _values in series])
        return Curve(steps, np.median(values, axis=1), values.min(axis=1), values.max(axis=1))

    def score(self, name: str, rate: float, what: str = "judged") -> float | None:
        """A measurement as it is now, median over the seeds; infinite if they diverged, None if missing."""
        values = self._values(name, rate, what)
        return None if values is None else float(np.median(values))

    def _values(self, name: str, rate: float, what: str) -> np.ndarray | None:
        """A measurement as it is now, of each seed (seeds,); that of a validation loss is the mean of the last few."""
        series = self._series.get((name, rate), {}).get(what)
        if not series:
            return None
        count = RECENT if what == "judged" and self.config.data == "digits" else 1
        recent = [values for _step, values in series[-max(1, min(count, len(series) // 2)) :]]
        return np.nan_to_num(np.mean(recent, axis=0, dtype=float), nan=np.inf)

    def best(self, name: str) -> float:
        """The learning rate with the lowest judged loss so far."""
        return min(self.rates(name), key=lambda rate: self.score(name, rate))

    def at_end(self, name: str) -> bool:
        """Whether the best rate is the lowest or the highest that was tried, so that a better one may lie beyond."""
        rates, best = self.rates(name), self.best(name)
        judged = self._series[name, best].get("judged")
        return len(rates) > 1 and best in (rates[0], rates[-1]) and bool(judged) and judged[-1][0] > 0

    def beyond(self, name: str, count: int) -> range:
        """The next places (see `RaceConfig.rate_at`) beyond the end of the range that has the best rate."""
        rates = self.rates(name)
        if not self.at_end(name) or not np.isfinite(self.score(name, self.best(name))):
            return range(0)
        lowest = next(place for place in range(-100, 100) if self.config.rate_at(place) == rates[0])
        above = lowest + len(rates)
        return range(above, above + count) if self.best(name) == rates[-1] else range(lowest - count, lowest)

    def ranking(self, rate: float | None = None) -> list[Place]:
        """The optimizers, the best first: each at its own best learning rate, or all at ``rate``."""
        places = []
        for name in self.config.entrants:
            chosen = rate if rate is not None else self.best(name)
            if (name, chosen) in self._series:
                values = [self.score(name, chosen, what) for what in ("judged", "train", "accuracy", "test")]
                spread = self._values(name, chosen, "judged")
                at_end = rate is None and self.at_end(name)
                places.append(Place(name, chosen, *values, at_end, float(spread.min()), float(spread.max())))
        return sorted(places, key=lambda place: place.judged)

    def winner(self) -> tuple[str, float] | None:
        """The best optimizer with its best rate, or None if everything diverged."""
        first = self.ranking()[0]
        return (first.name, first.rate) if np.isfinite(first.judged) else None

    def _begin_round(self, event: Progress) -> None:
        self._offset, self._columns = event.step, {}
        for column, (number, rate, seed) in enumerate(event.arrays["members"]):
            network = self.config.entrants[int(number)], float(rate)
            if seed == 0:
                self._columns[network] = slice(column, column + self.config.seeds)
                self._series[network] = {}
