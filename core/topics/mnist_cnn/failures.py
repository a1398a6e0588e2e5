"""Recognizes networks that have died, or that have not begun to learn, from their predictions during a run."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float

from core.training.progress import Metrics, Progress

_MIN_UPDATES = 50
"""Updates before which equal predictions for all digits are no failure: the network is still young."""
_FLAT, _DEAD = 1e-3, 2e-4
"""Largest difference between the probabilities of two digits: of a network that has not begun to learn, and of one
whose predictions are all the same, rounded to 16 bits."""

Probabilities = Float[np.ndarray, "digits classes"]
Evaluation = tuple[int, Probabilities]
"""A step, and the probabilities after it."""


def finite_evaluations(history: Iterable[Progress]) -> list[Evaluation]:
    """Return the evaluations of a run whose probabilities are finite."""
    evaluations = [(event.step, event.arrays["probabilities"]) for event in history if "probabilities" in event.arrays]
    return [(step, probabilities) for step, probabilities in evaluations if np.isfinite(probabilities).all()]


def has_no_finite_outputs(final: Metrics) -> bool:
    """Return whether the network at the end of a run has no finite outputs, by the final metrics.

    Early stopping returns to the finite network of an earlier epoch, and then the metrics name that epoch.
    """
    return final.get("accuracy/test") is None or ("diverged_at" in final and "epoch" not in final)


def diagnose(evaluations: Sequence[Evaluation]) -> Literal["dead", "not_learning"] | None:
    """Return what is wrong with a network that predicts the same for every digit, or None.

    "dead": it once told digits apart, and does so no longer. "not_learning": it never has.
    """
    if not evaluations or evaluations[-1][0] < _MIN_UPDATES:
        return None
    *earlier, now = (_largest_difference(probabilities) for _step, probabilities in evaluations)
    once = max(earlier, default=0.0)
    if now <= _DEAD and once > _FLAT:
        return "dead"
    return "not_learning" if once <= _FLAT and now <= _FLAT else None


def _largest_difference(probabilities: Probabilities) -> float:
    return float(np.ptp(probabilities.astype(np.float32), axis=0).max())
