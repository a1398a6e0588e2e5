"""Loss functions, each with its gradient in closed form.

For regression ``prediction`` and ``target`` have one shape (N,). The loss is the mean over all N; its gradient with
respect to the prediction has that shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor


def mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error: mean of (ŷ − y)². `torch.nn.MSELoss`."""
    return ((prediction - target) ** 2).mean()


def mse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """2 (ŷ − y) / N: proportional to the error."""
    return 2 * (prediction - target) / prediction.numel()


def rmse(prediction: Tensor, target: Tensor) -> Tensor:
    """Root mean squared error, in the unit of y. It has the same minimum as the MSE. PyTorch has none."""
    return mse(prediction, target).sqrt()


def rmse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """(ŷ − y) / (N RMSE): the gradient of the MSE divided by 2 RMSE. Undefined where all errors are 0."""
    return (prediction - target) / (prediction.numel() * rmse(prediction, target))


def mae(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error: mean of |ŷ − y|. `torch.nn.L1Loss`."""
    return (prediction - target).abs().mean()


def mae_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """sign(ŷ − y) / N: the same size for every point. At 0, where it is undefined, PyTorch takes 0."""
    return (prediction - target).sign() / prediction.numel()


def huber(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Quadratic for errors up to δ, linear beyond: mean of ½ e², or of δ (|e| − ½ δ). `torch.nn.HuberLoss`.

    Source: Huber, Annals of Mathematical Statistics 35 (1964).
    """
    error = (prediction - target).abs()
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta)).mean()


def huber_gradient(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """The error, clamped to ±δ, divided by N: the gradient of far points is that of points δ away."""
    return (prediction - target).clamp(-delta, delta) / prediction.numel()


def binary_cross_entropy(logit: Tensor, target: Tensor) -> Tensor:
    """Mean of −log p, where p = σ(logit) is the probability of class 1, or 1 − σ(logit) where the target is 0.

    ``logit`` and ``target`` are (N,), targets 0 or 1. `torch.nn.BCEWithLogitsLoss`.
    """
    return (torch.logaddexp(logit, torch.zeros_like(logit)) - target * logit).mean()


def binary_cross_entropy_gradient(logit: Tensor, target: Tensor) -> Tensor:
    """(σ(logit) − target) / N, with respect to the logits: probability minus target."""
    return (torch.sigmoid(logit) - target) / logit.numel()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of −log p, where p is the probability, by the softmax of the logits, of the correct class.

    ``logits`` are (N, classes), ``target`` (N,) the indices of the correct classes. `torch.nn.CrossEntropyLoss`.
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

    def curve(
        self, errors: Float[Tensor, " points"], **settings: float
    ) -> tuple[Float[Tensor, " points"], Float[Tensor, " points"]]:
        """Return the loss of a single point and its gradient, for each of the errors ŷ − y."""
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
