"""A benchmark's figure: repeated measurements with their median or another quantile, their range, and a goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np


@dataclass(frozen=True)
class Figure:
    """Repeated measurements of one quantity, with an optional goal for their median or another quantile.

    The goal is reached if the quantile is at least ``at_least`` and at most ``at_most``. None means no limit.
    """

    name: str
    values: Sequence[float]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    quantile: float | None = None
    """The reported quantile, for example 0.95. None stands for the median."""

    @property
    def value(self) -> float:
        """The reported quantile or median."""
        return median(self.values) if self.quantile is None else float(np.quantile(self.values, self.quantile))

    @property
    def reached(self) -> bool:
        """Whether the goal is reached. The value is true if there is no goal."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON: the attributes, with the median, extremes, and number of the values."""
        return {
            "name": self.name,
            "median": median(self.values),
            "quantile": self.quantile,
            "value": self.value,
            "min": min(self.values),
            "max": max(self.values),
            "count": len(self.values),
            "unit": self.unit,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "reached": self.reached,
        }

    def __str__(self) -> str:
        goal = ""
        for sign, bound in (("≥", self.at_least), ("≤", self.at_most)):
            if bound is not None:
                goal = f"   goal {sign} {bound:g}: {'reached' if self.reached else 'MISSED'}"
        value = f"{_number(self.value)} {self.unit}".strip()
        lowest, highest = _number(min(self.values)), _number(max(self.values))
        spread = f"({lowest} to {highest}, {len(self.values)} times)"
        return f"{self.name:58} {value:>12}  {spread}{goal}"


def _number(value: float) -> str:
    """Format a number with three digits, but large numbers as integers: 0.123, 12.3, 12,345."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
