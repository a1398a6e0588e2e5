"""Activation functions with their derivatives in closed form, intervals with a small derivative, and a single neuron.

The activation functions and their derivatives work elementwise on tensors of any shape.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

LEAK = 0.01
"""Slope of the leaky ReLU below zero: the default ``negative_slope`` of `torch.nn.LeakyReLU`."""


def sigmoid(x: Tensor) -> Tensor:
    """Return σ(x) = 1 / (1 + e⁻ˣ), from 0 to 1. In PyTorch: `torch.nn.Sigmoid`."""
    return torch.sigmoid(x)


def sigmoid_derivative(x: Tensor) -> Tensor:
    """Return σ′(x) = σ(x) (1 − σ(x)). Its maximum is ¼, at 0."""
    return torch.sigmoid(x) * torch.sigmoid(-x)  # σ(−x) equals 1 − σ(x), without cancellation where σ is almost 1


def tanh(x: Tensor) -> Tensor:
    """Return tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), from −1 to 1. In PyTorch: `torch.nn.Tanh`."""
    return torch.tanh(x)


def tanh_derivative(x: Tensor) -> Tensor:
    """Return tanh′(x) = 1 − tanh²(x). Its maximum is 1, at 0."""
    return 1 / torch.cosh(x) ** 2  # equals 1 − tanh², without cancellation where tanh is almost ±1


def relu(x: Tensor) -> Tensor:
    """Return max(0, x). In PyTorch: `torch.nn.ReLU`.

    Source: Nair and Hinton, ICML 2010.
    """
    return torch.relu(x)


def relu_derivative(x: Tensor) -> Tensor:
    """Return 1 where x > 0, and 0 elsewhere. At 0, the derivative is undefined, and PyTorch uses 0."""
    return (x > 0).to(x.dtype)


def leaky_relu(x: Tensor) -> Tensor:
    """Return x where x > 0, and 0.01 x elsewhere. The derivative is never 0. In PyTorch: `torch.nn.LeakyReLU`.

    Source: Maas, Hannun, and Ng, ICML workshop 2013.
    """
    return torch.where(x > 0, x, LEAK * x)


def leaky_relu_derivative(x: Tensor) -> Tensor:
    """Return 1 where x > 0, and 0.01 elsewhere. At 0, the derivative is undefined, and PyTorch uses 0.01."""
    return torch.where(x > 0, torch.ones_like(x), LEAK)


def gelu(x: Tensor) -> Tensor:
    """Return x Φ(x), where Φ is the cumulative distribution function of the standard normal distribution.

    In PyTorch: `torch.nn.GELU`. Source: Hendrycks and Gimpel, arXiv 1606.08415.
    """
    return x * 0.5 * torch.erfc(-x / math.sqrt(2))


def gelu_derivative(x: Tensor) -> Tensor:
    """Return Φ(x) + x φ(x), where Φ and φ are the CDF and the density of the standard normal distribution.

    This derivative has its maximum, about 1.129, at x = √2.
    """
    return 0.5 * torch.erfc(-x / math.sqrt(2)) + x * torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def linear(x: Tensor) -> Tensor:
    """Return x itself: no activation. In PyTorch: `torch.nn.Identity`."""
    return x


def linear_derivative(x: Tensor) -> Tensor:
    """Return 1 everywhere."""
    return torch.ones_like(x)


@dataclass(frozen=True)
class Activation:
    """An activation function, its derivative, and the maximum of the derivative's absolute value."""

    function: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor]
    max_slope: float


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Activation(sigmoid, sigmoid_derivative, 0.25),
    "tanh": Activation(tanh, tanh_derivative, 1.0),
    "relu": Activation(relu, relu_derivative, 1.0),
    "leaky_relu": Activation(leaky_relu, leaky_relu_derivative, 1.0),
    "gelu": Activation(gelu, gelu_derivative, 1.128904145),
    "linear": Activation(linear, linear_derivative, 1.0),
}
"""Activations by name."""

SATURATION_SHARE = 0.1
"""A derivative counts as small if it is below this fraction of its maximum. A sigmoid or tanh is then saturated."""


def is_saturated(name: str, x: Tensor) -> Tensor:
    """Return whether the derivative of the activation ``name`` at each ``x`` is small (see SATURATION_SHARE)."""
    activation = ACTIVATIONS[name]
    return activation.derivative(x).abs() < SATURATION_SHARE * activation.max_slope


def saturated_intervals(name: str, x: Float[Tensor, " points"]) -> list[tuple[float, float]]:
    """Return the intervals (start, end) on which `is_saturated` is true. ``x`` is an ascending grid of points."""
    edges = torch.diff(is_saturated(name, x).int(), prepend=torch.tensor([0]), append=torch.tensor([0]))
    firsts, ends = ((edges == sign).nonzero().flatten().tolist() for sign in (1, -1))
    return [(x[first].item(), x[end - 1].item()) for first, end in zip(firsts, ends, strict=True)]


def neuron(name: str, x: Tensor, *, weight: float, bias: float = 0.0) -> Tensor:
    """Return the output f(w x + b) of a neuron with one input, where f is the activation ``name``."""
    return ACTIVATIONS[name].function(weight * x + bias)


def tangent(
    name: str, x: Float[Tensor, " points"], position: float, *, reach: float = 1.5
) -> tuple[Float[Tensor, " near"], Float[Tensor, " near"]]:
    """Return points on the tangent to the graph of the activation function ``name`` at ``position``.

    The first tensor holds the values of ``x`` whose distance from ``position`` is at most ``reach``. The second tensor
    holds the height of the tangent at each of these values.
    """
    activation, point = ACTIVATIONS[name], torch.tensor(position, dtype=x.dtype)
    near = x[(position - reach <= x) & (position + reach >= x)]
    return near, activation.function(point).item() + activation.derivative(point).item() * (near - position)
