"""The loss of the best constant output, which a run that has failed does not reach."""

import math

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset

FAILURE_RATIO = 1.5
"""A loss is far above that of the best constant if it is so many times as high."""


def constant_loss(config: PlaygroundConfig) -> float:
    """Return the training loss of the best output that is the same for all points; for classes, probability 1/2."""
    if config.regression:
        return make_dataset(config).train_y.var(correction=0).item()
    return 0.25 if config.loss == "squares" else math.log(2)


def is_worse_than_constant(config: PlaygroundConfig, initial_loss: float | None, final_loss: float | None) -> bool:
    """Return whether a training loss ended far above that of the best constant, and above the initial one."""
    if initial_loss is None or final_loss is None:
        return False
    return final_loss > max(initial_loss, FAILURE_RATIO * constant_loss(config))
