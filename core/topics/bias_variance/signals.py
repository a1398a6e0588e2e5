"""What a run of bias and variance tells about the health of its networks."""

from collections.abc import Sequence

import numpy as np

from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.health import Series, Signals
from core.training.progress import Progress, finite


def signals(config: BiasVarianceConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of the networks with the lowest validation error: means over the datasets.

    With early stopping, they are those of the selected networks. Polynomials have no training, so that their signals
    are too short for a check.
    """
    last = events[-1]
    evaluated = next(event for event in reversed(events) if "capacity" in event.metrics)
    capacity, variance = evaluated.metrics["capacity"], evaluated.metrics["flat"]
    column = config.capacities.index(int(capacity or 0))
    train, validation = (_curve(config, events, split, column) for split in (0, 1))
    diverged = "diverged_at" in last.metrics
    return Signals(
        loss=train,
        baseline_loss=variance,
        lowest_loss=min(config.noise**2, variance or 0.0),
        train_loss=train,
        test_loss=validation,
        diverged_at=int(last.metrics["diverged_at"] or 0) if diverged else None,
        total=last.total,
        finished=last.step == last.total or diverged,
    )


def _curve(config: BiasVarianceConfig, events: Sequence[Progress], split: int, column: int) -> Series:
    """Return the mean error on a split (0: training, 1: validation) of the networks in a column."""
    if config.early_stopping:
        errors = [(event.step, event.arrays["errors"].mean(axis=2)) for event in events if "errors" in event.arrays]
    else:
        errors = [(event.step, event.arrays["now"]) for event in events]
    return tuple((step, finite(np.float64(means[split, column]))) for step, means in errors)
