"""Cross-entropy and squared error of a classifier, as functions of the probability p of the correct class.

The other classes share the rest of the probability equally. The losses take p (N,), and return the loss (N,) and its
gradient (N,) with respect to the logit of the correct class. The gradient is negative: the logit has to rise.
"""

import torch
from jaxtyping import Float64
from torch import Tensor


def cross_entropy_at(p: Tensor) -> tuple[Tensor, Tensor]:
    """−log p and its gradient p − 1, for any number of classes: the more wrong, the larger the gradient."""
    return -p.log(), p - 1


def squared_error_at(p: Tensor, *, classes: int) -> tuple[Tensor, Tensor]:
    """The sum of the squared errors of the probabilities, and its gradient, which vanishes where p is almost 0.

    Two classes have one output, p itself: (1 − p)². More classes have one output each, and the wrong ones, with
    (1 − p) / (classes − 1), add a little: the sum is (1 − p)² classes / (classes − 1), the Brier score. The gradient is
    −2 p (1 − p)² times the same factor: the derivative of softmax and sigmoid is p (1 − p).

    Source: of the score Brier, Monthly Weather Review 78 (1950).
    """
    factor = 1 if classes == 2 else classes / (classes - 1)
    return factor * (1 - p) ** 2, -2 * factor * p * (1 - p) ** 2


def class_probabilities(p: float, classes: int) -> list[float]:
    """Return the probabilities of all classes, the correct one first."""
    return [p] + [(1 - p) / (classes - 1)] * (classes - 1)


def probability_grid() -> Float64[Tensor, " points"]:
    """Return probabilities from 1e-4 to 1, dense near 0, for curves."""
    return torch.cat([torch.logspace(-4, -2, 60), torch.linspace(0.01, 1, 240)[1:]]).double()
