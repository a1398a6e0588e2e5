"""Loss functions, each with its gradient in closed form.

In regression, ``prediction`` (ŷ) and ``target`` (y) have the shape (N,). The loss is one number for all N points. The
gradient of the loss is taken with respect to the prediction and has the shape of the prediction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor


def mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared error, the mean of (ŷ − y)². In PyTorch: `torch.nn.MSELoss`."""
    return ((prediction - target) ** 2).mean()


def mse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the MSE with respect to the prediction ŷ: 2 (ŷ − y) / N."""
    return 2 * (prediction - target) / prediction.numel()


def rmse(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the root mean squared error, in the units of y. The RMSE and the MSE have the same minimizer.

    PyTorch has no module for this loss.
    """
    return mse(prediction, target).sqrt()


def rmse_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the RMSE with respect to the prediction ŷ: (ŷ − y) / (N · RMSE).

    The gradient is undefined if all errors are 0.
    """
    return (prediction - target) / (prediction.numel() * rmse(prediction, target))


def mae(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error, the mean of |ŷ − y|. In PyTorch: `torch.nn.L1Loss`."""
    return (prediction - target).abs().mean()


def mae_gradient(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the MAE with respect to the prediction ŷ: sign(ŷ − y) / N.

    At an error of 0, the gradient is undefined. The returned value is 0 there, as in PyTorch.
    """
    return (prediction - target).sign() / prediction.numel()


def huber(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Return the Huber loss, a mean over the errors e = ŷ − y.

    Each error contributes ½ e² if |e| ≤ δ, and δ (|e| − ½ δ) otherwise, where δ is ``delta``.

    In PyTorch: `torch.nn.HuberLoss`. Source: Huber, Annals of Mathematical Statistics 35 (1964).
    """
    error = (prediction - target).abs()
    return torch.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta)).mean()


def huber_gradient(prediction: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Return the gradient of the Huber loss with respect to the prediction ŷ.

    The gradient is the error ŷ − y, clipped to ±δ and divided by N, where δ is ``delta``.
    """
    return (prediction - target).clamp(-delta, delta) / prediction.numel()


def binary_cross_entropy(logit: Tensor, target: Tensor) -> Tensor:
    """Return the mean of −log p, where p is the probability of the correct class.

    p is σ(logit) for class 1, and 1 − σ(logit) for class 0. ``logit`` and ``target`` have the shape (N,); targets are 0
    or 1. In PyTorch: `torch.nn.BCEWithLogitsLoss`.
    """
    return (torch.logaddexp(logit, torch.zeros_like(logit)) - target * logit).mean()


def binary_cross_entropy_gradient(logit: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the binary cross-entropy with respect to the logits (N,): (σ(logit) − target) / N."""
    return (torch.sigmoid(logit) - target) / logit.numel()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean of −log p, where p is the softmax probability of the correct class.

    ``logits`` have the shape (N, classes), and ``target`` (N,) holds the indices of the correct classes. In PyTorch:
    `torch.nn.CrossEntropyLoss`.
    """
    return -logits.log_softmax(dim=1).gather(1, target[:, None]).mean()


def cross_entropy_gradient(logits: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the cross-entropy with respect to the logits (N, classes).

    The gradient is (softmax(logits) − one-hot target) / N.
    """
    return (logits.softmax(dim=1) - torch.nn.functional.one_hot(target, logits.shape[1])) / len(logits)


@dataclass(frozen=True)
class Loss:
    """A loss function and its gradient with respect to the prediction.

    Both are functions of (prediction, target).
    """

    value: Callable[..., Tensor]
    gradient: Callable[..., Tensor]

    def curve(
        self, errors: Float[Tensor, " points"], **settings: float
    ) -> tuple[Float[Tensor, " points"], Float[Tensor, " points"]]:
        """Return, for each error ŷ − y, the loss of a single point and the gradient of this loss with respect to ŷ.

        Keyword arguments such as ``delta`` are passed to both the loss and its gradient.
        """
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
"""Regression losses by name. "huber" has a setting, ``delta``."""

CLASSIFICATION: dict[str, Loss] = {
    "binary_cross_entropy": Loss(binary_cross_entropy, binary_cross_entropy_gradient),
    "cross_entropy": Loss(cross_entropy, cross_entropy_gradient),
}
"""Classification losses by name."""
