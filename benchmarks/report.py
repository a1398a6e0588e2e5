"""A measured figure: its median, its range, and its goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """What was measured several times, with the goal for its median, if it has one."""

    name: str
    values: Sequence[float]
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def median(self) -> float:
        """The figure that counts."""
        return median(self.values)

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; true without one."""
        return (self.at_least is None or self.median >= self.at_least) and (
            self.at_most is None or self.median <= self.at_most
        )

    def as_dict(self) -> dict[str, object]:
        """All of it, for JSON."""
        return {
            "name": self.name,
            "median": self.median,
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
        value = f"{self.median:.3g} {self.unit}".strip()
        spread = f"({min(self.values):.3g} to {max(self.values):.3g}, {len(self.values)} times)"
        return f"{self.name:58} {value:>12}  {spread}{goal}"
