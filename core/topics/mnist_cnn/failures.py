"""Detection of failed networks, whose outputs are not finite or are the same for every digit."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float

from core.training.progress import Metrics, Progress

_MIN_UPDATES = 50
"""Minimum number of updates before equal outputs for all digits count as a failure."""
_FLAT, _DEAD = 1e-3, 2e-4
"""Thresholds for the largest difference between the probabilities of two digits.

Up to the first threshold, a network has not learned yet. Up to the second, its probabilities are equal except for
rounding to 16 bits, as in a dead network.
"""

Probabilities = Float[np.ndarray, "digits classes"]
Evaluation = tuple[int, Probabilities]
"""The number of an update, and the probabilities after this update."""


def finite_evaluations(history: Iterable[Progress]) -> list[Evaluation]:
    """Return the evaluations in which all probabilities are finite."""
    evaluations = [(event.step, event.arrays["probabilities"]) for event in history if "probabilities" in event.arrays]
    return [(step, probabilities) for step, probabilities in evaluations if np.isfinite(probabilities).all()]


def has_no_finite_outputs(final: Metrics) -> bool:
    """Return whether the final network of a run has no finite outputs, according to the final metrics.

    If a run with early stopping diverges, the network of an earlier epoch, with finite outputs, is restored. The
    metrics then contain ``epoch``, the number of this epoch.
    """
    return final.get("accuracy/test") is None or ("diverged_at" in final and "epoch" not in final)


def diagnose(evaluations: Sequence[Evaluation]) -> Literal["dead", "not_learning"] | None:
    """Return "dead" or "not_learning" if the probabilities are the same for every digit, and None otherwise.

    "dead": the probabilities once differed between digits, but no longer do. "not_learning": they have never differed.
    In the first updates of a run, equal probabilities are not a failure, and the result is None.
    """
    if not evaluations or evaluations[-1][0] < _MIN_UPDATES:
        return None
    *earlier, now = (_largest_difference(probabilities) for _step, probabilities in evaluations)
    highest = max(earlier, default=0.0)
    if now <= _DEAD and highest > _FLAT:
        return "dead"
    return "not_learning" if highest <= _FLAT and now <= _FLAT else None


def _largest_difference(probabilities: Probabilities) -> float:
    return float(np.ptp(probabilities.astype(np.float32), axis=0).max())
