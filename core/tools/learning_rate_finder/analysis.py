"""The analysis of a range test: the smoothed loss, the suggested learning rate, and the verdict of the short runs."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SMOOTHING = 0.9
"""Decay rate of the moving average of the loss."""
N_IGNORED = 20
"""Number of first updates at which the moving average is too noisy for a minimum."""
DIVERGENCE = 4.0
"""A range test ends when the smoothed loss is more than this many times its minimum."""
MIN_FALL = 0.02
"""Smallest fall of the smoothed loss, as a fraction of the loss at the start, from which a suggestion is read."""
MARGIN = 3.0
"""The suggestion is this factor below the learning rate at which the smoothed loss is lowest."""
FACTOR = 3.0
"""The short runs have the suggested learning rate, and this factor less and more."""
TOLERANCE = 0.02
"""The suggestion is confirmed if its short run loses at most this fraction of the largest fall of the loss."""


class Verdict(NamedTuple):
    """The result of the short runs."""

    scores: tuple[float, ...]
    """The mean loss over the last quarter of each short run, or infinity if it diverged."""
    best: int
    """The index of the recommended learning rate. It is the index of the suggestion if the suggestion is confirmed."""
    is_confirmed: bool


def smoothed(losses: Sequence[float]) -> np.ndarray:
    """Return the exponential moving average of the losses, with bias correction.

    Source: Kingma and Ba, Adam, ICLR 2015, section 3 (bias correction).
    """
    averages, average = [], 0.0
    for count, loss in enumerate(losses, 1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        averages.append(average / (1 - SMOOTHING**count))
    return np.array(averages)


def has_diverged(losses: Sequence[float | None]) -> bool:
    """Return whether the range test ends: the last loss is not finite, or the smoothed loss has risen a lot."""
    if losses[-1] is None:
        return True
    curve = smoothed([loss for loss in losses if loss is not None])
    return bool(curve[-1] > DIVERGENCE * curve.min())


def suggest(rates: Sequence[float], losses: Sequence[float | None]) -> float | None:
    """Return the suggested learning rate of a range test, or None if the loss did not fall.

    The suggestion is the learning rate at the minimum of the smoothed loss, divided by MARGIN. The smoothed loss lags
    behind the loss, and near its minimum, training is already unstable.

    Source: Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017, section 3.3. The margin is smaller
    than the factor of 10 that fastai's finder uses, because a larger one misses the best learning rates of this app.
    """
    curve = smoothed([loss for loss in losses if loss is not None])
    if len(curve) <= N_IGNORED:
        return None
    start, lowest = curve[N_IGNORED - 1], int(curve[N_IGNORED:].argmin()) + N_IGNORED
    if curve[lowest] > (1 - MIN_FALL) * start:
        return None
    return float(f"{rates[lowest] / MARGIN:.2g}")


def candidates(suggestion: float, limits: tuple[float, float]) -> tuple[float, float, float]:
    """Return the learning rates of the short runs, in ascending order, within the limits of the setting."""
    low, high = limits
    lower, upper = (float(f"{rate:.2g}") for rate in (suggestion / FACTOR, suggestion * FACTOR))
    return max(lower, low), suggestion, min(upper, high)


def judge(runs: Sequence[Sequence[float | None]], *, updates: int) -> Verdict:
    """Compare the losses of the short runs: suggestion / FACTOR, suggestion, suggestion × FACTOR.

    A run with fewer than ``updates`` losses has ended early, because it diverged.
    """
    scores = tuple(_score(losses, updates) for losses in runs)
    start = next((loss for losses in runs for loss in losses if loss is not None), math.inf)
    lowest = min(scores)
    is_confirmed = scores[1] < math.inf and scores[1] - lowest <= TOLERANCE * max(0.0, start - lowest)
    return Verdict(scores, 1 if is_confirmed else scores.index(lowest), is_confirmed)


def _score(losses: Sequence[float | None], updates: int) -> float:
    last = losses[-max(1, updates // 4) :]
    finite = [loss for loss in last if loss is not None]
    return sum(finite) / len(finite) if len(losses) >= updates and len(finite) == len(last) else math.inf
