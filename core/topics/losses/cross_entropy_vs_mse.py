"""Cross-entropy and squared error of a classifier, as functions of the probability p of the correct class.

The other classes share the remaining probability equally. Both functions take p (N,) and return the loss (N,) and its
gradient (N,) with respect to the logit of the correct class. The gradient is negative, because a larger logit reduces
the loss.
"""

import torch
from jaxtyping import Float64
from torch import Tensor


def cross_entropy_at(p: Tensor) -> tuple[Tensor, Tensor]:
    """Return the loss −log p and the gradient p − 1, where p is the probability of the correct class.

    The gradient is taken with respect to the logit of the correct class. The loss and the gradient do not depend on the
    number of classes.
    """
    return -p.log(), p - 1


def squared_error_at(p: Tensor, *, classes: int) -> tuple[Tensor, Tensor]:
    """Return the squared error and its gradient for the probability ``p`` of the correct class.

    The gradient is taken with respect to the logit of the correct class. The gradient vanishes as p approaches 0.

    With two classes, there is one output, p. The loss is (1 − p)², and the gradient is −2 p (1 − p)². With more
    classes, there is one output per class. The loss is the Brier score: the sum of the squared errors of all outputs.
    Every wrong class has the probability (1 − p) / (classes − 1). As a result, the loss and the gradient are
    classes / (classes − 1) times those for two classes. The factor p (1 − p) in the gradient is the derivative of p
    with respect to the logit.

    Source of the Brier score: Brier, Monthly Weather Review 78 (1950).
    """
    factor = 1 if classes == 2 else classes / (classes - 1)
    return factor * (1 - p) ** 2, -2 * factor * p * (1 - p) ** 2


def class_probabilities(p: float, classes: int) -> list[float]:
    """Return the probabilities of all classes. The first one, ``p``, is the probability of the correct class.

    The other classes share the remaining probability equally.
    """
    return [p] + [(1 - p) / (classes - 1)] * (classes - 1)


def probability_grid() -> Float64[Tensor, " points"]:
    """Return probabilities from 1e-4 to 1 for plotting. They are closer together near 0."""
    return torch.cat([torch.logspace(-4, -2, 60), torch.linspace(0.01, 1, 240)[1:]]).double()
