"""Vanishing and exploding gradients in a chain of neurons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from core.topics.activations.functions import ACTIVATIONS

VANISHING_BELOW, EXPLODING_ABOVE = 1e-2, 1e2
"""Thresholds for the gradient at the input of a chain, relative to the gradient at its output."""


@dataclass(frozen=True)
class GradientFlow:
    """The results of a forward and a backward pass through a chain of N neurons.

    ``inputs`` (N,) are the pre-activations z = w h, where w is the weight and h is the input of a neuron. ``values``
    (N + 1,) are the input of the chain and the outputs of all neurons. ``gradients`` (N + 1,) are the derivatives of
    the last output with respect to these values. The last gradient is therefore 1, and the first gradient is the
    derivative with respect to the input of the chain.
    """

    inputs: Sequence[float]
    values: Sequence[float]
    gradients: Sequence[float]

    @property
    def verdict(self) -> Literal["zero", "vanishes", "explodes", "survives"]:
        """How large the gradient at the input of the chain is (see VANISHING_BELOW and EXPLODING_ABOVE)."""
        size = abs(self.gradients[0])
        if size == 0:
            return "zero"
        if size < VANISHING_BELOW:
            return "vanishes"
        return "explodes" if size > EXPLODING_ABOVE else "survives"


def gradient_flow(name: str, x: float, *, weight: float, length: int = 10) -> GradientFlow:
    """Run a forward and a backward pass through a chain of ``length`` neurons with the same activation and weight.

    ``name`` is the name of the activation f, and ``x`` is the input of the chain. The neurons have no bias. In the
    backward pass, a neuron with weight w and pre-activation z multiplies the gradient by w f′(z). The gradient vanishes
    if the product of these factors is close to 0, and explodes if the absolute value of the product is large.
    """
    x_and_weight = (torch.tensor([number], dtype=torch.float64) for number in (x, weight))
    inputs, values, gradients = gradient_flows(name, *x_and_weight, length=length)
    return GradientFlow(*(numbers[0].tolist() for numbers in (inputs, values, gradients)))


def gradient_flows(
    name: str, x: Float64[Tensor, " chains"], weights: Float64[Tensor, " chains"], *, length: int = 10
) -> tuple[Float64[Tensor, "chains neurons"], Float64[Tensor, "chains values"], Float64[Tensor, "chains values"]]:
    """Return the pre-activations, values, and gradients of several chains, each with its own input and weight.

    The three tensors correspond to the fields of `GradientFlow`, with an additional leading dimension for the chains.
    """
    values, inputs = [x.clone().requires_grad_()], []
    for _ in range(length):
        inputs.append(weights * values[-1])
        values.append(ACTIVATIONS[name].function(inputs[-1]))
    gradients = torch.autograd.grad(values[-1].sum(), values)  # the chains are independent
    all_inputs, all_values, all_gradients = (
        torch.stack(list(numbers), dim=1).detach() for numbers in (inputs, values, gradients)
    )
    return all_inputs, all_values, all_gradients
