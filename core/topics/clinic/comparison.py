"""The difference between a program and the correct program at the end of a run."""

import math
from collections.abc import Mapping


def largest_difference(metrics: Mapping[str, float | None]) -> tuple[str, float | None, float | None]:
    """Return the measure in which a given program and the correct program differ most at the end of a run.

    ``metrics`` are the last metrics of the run. The result is the name of the measure, and its values with the given
    and with the correct program. A value is None if it is not finite.
    """
    names = [name.removesuffix("/correct") for name in metrics if name.endswith("/correct")]
    measures = [name for name in names if name != "loss"] or names

    def difference(name: str) -> float:
        given, correct = metrics.get(f"{name}/given"), metrics[f"{name}/correct"]
        if given is None or correct is None:
            return math.inf if given is not correct else 0.0
        return abs(given - correct) / (max(abs(given), abs(correct)) or 1)

    name = max(measures, key=difference)
    return name, metrics.get(f"{name}/given"), metrics[f"{name}/correct"]
