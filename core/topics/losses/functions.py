"""Loss functions, each with its gradient written out; and what a confident mistake costs.

Of regression: ``prediction`` and ``target`` are of one shape (N,), the loss is the mean over all N, and its gradient,
with respect to the prediction, is of that shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor


def mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean of squares: mean of (ŷ − y)². `torch.nn.MSELoss`."""
    return ((prediction - target) ** 2).mean()


def mse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """2 (ŷ − y) / N: twice as far off pulls twice as hard."""
    return 2 * (prediction - target) / prediction.numel()


def rmse(prediction: Tensor, target: Tensor) -> Tensor:
    """The root of the mean of squares: in the unit of y, and lowest where that is lowest. PyTorch has none."""
    return mse(prediction, target).sqrt()


def rmse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """(ŷ − y) / (N RMSE): the mean of squares' gradient, all of it divided by 2 RMSE. None where all errors are 0."""
    return (prediction - target) / (prediction.numel() * rmse(prediction, target))


def mae(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean of the absolute errors: mean of |ŷ − y|. `torch.nn.L1Loss`."""
    return (prediction - target).abs().mean()


def mae_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """sign(ŷ − y) / N: every point pulls equally hard, however far off. At 0, where there is none, PyTorch takes 0."""
    return (prediction - target).sign() / prediction.numel()


def huber(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Squares for errors up to δ, straight on from there: mean of ½ e², or of δ (|e| − ½ δ). `torch.nn.HuberLoss`.

    Source: Huber, Annals of Mathematical Statistics 35 (1964).
    """
    error = (prediction - target).abs()
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta)).mean()


def huber_gradient(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """The error, but at most δ of it, divided by N: far points pull no harder than those δ away."""
    return (prediction - target).clamp(-delta, delta) / prediction.numel()


def binary_cross_entropy(logit: Tensor, target: Tensor) -> Tensor:
    """Mean of −log p, where p = σ(logit) is the probability of class 1, or 1 − σ(logit) where the target is 0.

    ``logit`` and ``target`` are (N,), targets 0 or 1. `torch.nn.BCEWithLogitsLoss`.
    """
    return (torch.nn.functional.softplus(logit) - target * logit).mean()


def binary_cross_entropy_gradient(logit: Tensor, target: Tensor) -> Tensor:
    """(σ(logit) − target) / N, with respect to the logits: probability minus target."""
    return (torch.sigmoid(logit) - target) / logit.numel()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of −log p, where p is the probability, by the softmax of the logits, of the right class.

    ``logits`` are (N, classes), ``target`` (N,) the numbers of the right classes. `torch.nn.CrossEntropyLoss`.
    """
    return -logits.log_softmax(dim=1).gather(1, target[:, None]).mean()


def cross_entropy_gradient(logits: Tensor, target: Tensor) -> Tensor:
    """(softmax(logits) − one-hot target) / N, (N, classes), with respect to the logits: probability minus target."""
    return (logits.softmax(dim=1) - torch.nn.functional.one_hot(target, logits.shape[1])) / len(logits)


@dataclass(frozen=True)
class Loss:
    """A loss and its gradient, both functions of (prediction, target)."""

    value: Callable[..., Tensor]
    gradient: Callable[..., Tensor]

    def curve(self, errors: Tensor, **settings: float) -> tuple[Tensor, Tensor]:
        """The loss of a single point and its gradient, both (N,), for each of N errors ŷ − y (N,)."""
        target = torch.zeros_like(errors[:1])
        loss, gradient = (
            torch.vmap(partial(function, target=target, **settings))(errors[:, None])
            for function in (self.value, self.gradient)
        )
        return loss, gradient.flatten()


REGRESSION: dict[str, Loss] = {
    "mse": Loss(mse, mse_gradient),
    "rmse": Loss(rmse, rmse_gradient),
    "mae": Loss(mae, mae_gradient),
    "huber": Loss(huber, huber_gradient),
}
"""Name -> loss of numbers. "huber" has a setting, ``delta``."""

CLASSIFICATION: dict[str, Loss] = {
    "binary_cross_entropy": Loss(binary_cross_entropy, binary_cross_entropy_gradient),
    "cross_entropy": Loss(cross_entropy, cross_entropy_gradient),
}
"""Name -> loss of classes."""


# ---- A confident mistake: the network gives the right class the probability p, the others share the rest equally.
# What follows is a function of p (N,); gradients are those with respect to the right class's logit, and negative: the
# logit has to rise.


def mistake_by_cross_entropy(p: Tensor) -> tuple[Tensor, Tensor]:
    """−log p and its gradient p − 1, for any number of classes: the more wrong, the harder the pull."""
    return -p.log(), p - 1


def mistake_by_squares(p: Tensor, *, classes: int) -> tuple[Tensor, Tensor]:
    """The squared errors of the probabilities, added up, and their gradient: gone where p is almost 0.

    Two classes have one output, p itself: (1 − p)². More have one each, and the wrong ones, of (1 − p) / (classes − 1),
    add a little: the sum is (1 − p)² classes / (classes − 1), the Brier score. The gradient is −2 p (1 − p)² times the
    same factor: softmax and sigmoid hand on p (1 − p) of what they get.

    Source: of the score Brier, Monthly Weather Review 78 (1950).
    """
    factor = 1 if classes == 2 else classes / (classes - 1)
    return factor * (1 - p) ** 2, -2 * factor * p * (1 - p) ** 2
