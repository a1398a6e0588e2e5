"""How a gradient shrinks or grows on its way back through neurons in a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float64
from torch import Tensor

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
    x_and_weight = (torch.tensor([number], dtype=torch.float64) for number in (x, weight))
    inputs, values, gradients = gradient_flows(name, *x_and_weight, length=length)
    return GradientFlow(*(numbers[0].tolist() for numbers in (inputs, values, gradients)))


def gradient_flows(
    name: str, x: Float64[Tensor, " chains"], weights: Float64[Tensor, " chains"], *, length: int = 10
) -> tuple[Float64[Tensor, "chains neurons"], Float64[Tensor, "chains values"], Float64[Tensor, "chains values"]]:
    """Return the inputs, values and gradients of several rows of neurons, each with its own x and weight.

    They are those of `GradientFlow`, with one more dimension.
    """
    values, inputs = [x.clone().requires_grad_()], []
    for _ in range(length):
        inputs.append(weights * values[-1])
        values.append(ACTIVATIONS[name].function(inputs[-1]))
    gradients = torch.autograd.grad(values[-1].sum(), values)  # no row depends on another
    inputs_of_rows, values_of_rows, gradients_of_rows = (
        torch.stack(list(numbers), dim=1).detach() for numbers in (inputs, values, gradients)
    )
    return inputs_of_rows, values_of_rows, gradients_of_rows
