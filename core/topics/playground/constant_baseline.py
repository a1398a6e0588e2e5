"""The loss of a constant output: a baseline that a failed run does not beat."""

import math

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset

FAILURE_RATIO = 1.5
"""The loss of a failed run is more than FAILURE_RATIO times the loss of a constant output."""


def constant_loss(config: PlaygroundConfig) -> float:
    """Return the training loss of a constant output.

    In regression, the output is the mean of the training values. In classification, the output is a probability of 1/2.
    """
    if config.regression:
        return make_dataset(config).train_y.var(correction=0).item()
    return 0.25 if config.loss == "squares" else math.log(2)


def is_worse_than_constant(config: PlaygroundConfig, initial_loss: float | None, final_loss: float | None) -> bool:
    """Return whether a run is clearly worse than a constant output.

    The result is True if the final loss is above both the initial loss and FAILURE_RATIO times the `constant_loss`. If
    the initial or final loss is None, the result is False.
    """
    if initial_loss is None or final_loss is None:
        return False
    return final_loss > max(initial_loss, FAILURE_RATIO * constant_loss(config))
