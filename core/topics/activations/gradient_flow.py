"""How a gradient shrinks or grows on its way back through neurons in a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from core.topics.activations.functions import ACTIVATIONS

VANISHING_BELOW, EXPLODING_ABOVE = 1e-2, 1e2
"""Bounds of the first gradient, where the last one is 1."""


@dataclass(frozen=True)
class GradientFlow:
    """The forward and the backward pass through N neurons in a row, each the input of the next.

    ``inputs`` (N,) are the inputs z = w h of the activations. ``values`` (N + 1,) are the input of the first neuron and
    the outputs of all. ``gradients`` (N + 1,) are the derivatives of the last output with respect to these values: the
    last one is 1, the first one has passed through all neurons.
    """

    inputs: Sequence[float]
    values: Sequence[float]
    gradients: Sequence[float]

    @property
    def verdict(self) -> Literal["zero", "vanishes", "explodes", "survives"]:
        """What happens to the gradient on its way to the first neuron."""
        size = abs(self.gradients[0])
        if size == 0:
            return "zero"
        if size < VANISHING_BELOW:
            return "vanishes"
        return "explodes" if size > EXPLODING_ABOVE else "survives"


def gradient_flow(name: str, x: float, *, weight: float, length: int = 10) -> GradientFlow:
    """Send ``x`` forward through ``length`` neurons in a row with one activation and one weight, and the gradient back.

    The neurons have no bias. Each of them multiplies the gradient by w f′(z). The gradient vanishes where that factor
    is small again and again, and explodes where it is above 1.
    """
    h = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    values, inputs = [h], []
    for _ in range(length):
        inputs.append(weight * values[-1])
        values.append(ACTIVATIONS[name].function(inputs[-1]))
    gradients = torch.autograd.grad(values[-1], values)
    return GradientFlow(*([number.item() for number in numbers] for numbers in (inputs, values, gradients)))
