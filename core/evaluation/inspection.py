"""Inspection of a trained network: logits, probabilities, feature maps, and how one output value is computed.

A network is a `torch.nn.Sequential` with named layers. Each function works on a copy that shares the weights. It
changes neither the mode nor the batch-norm statistics of the original, which another thread may be using.
"""

import copy
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from core.training.device import device_of
from core.training.rng import Stream, seeded

Inputs = Float[Tensor, "batch channels height width"]


def logits(
    network: nn.Sequential, x: Inputs, *, batch_size: int = 500, training_mode: bool = False, seed: int = 0
) -> Float[Tensor, "batch classes"]:
    """Return the network's outputs before softmax, as a CPU tensor. Inputs are processed ``batch_size`` at a time.

    If ``training_mode`` is true, the network runs in training mode, as if ``eval()`` had been forgotten: dropout stays
    active, with random numbers determined by ``seed``, and batch norm uses the statistics of each batch. The outputs
    then depend on ``batch_size``.
    """
    network, device = _copy_in_mode(network, training=training_mode), device_of(network)
    with torch.inference_mode(), seeded(seed, Stream.EVALUATION_DROPOUT) if training_mode else nullcontext():
        outputs = torch.cat([network(batch.to(device)).cpu() for batch in x.split(batch_size)])
    return outputs.clone()


def probabilities(
    network: nn.Sequential, x: Inputs, *, batch_size: int = 500, training_mode: bool = False, seed: int = 0
) -> Float[Tensor, "batch classes"]:
    """Return the class probabilities: the softmax of the logits. The arguments are the same as for `logits`."""
    return logits(network, x, batch_size=batch_size, training_mode=training_mode, seed=seed).softmax(dim=1)


def feature_maps(network: nn.Sequential, x: Float[Tensor, "1 channels height width"]) -> dict[str, Tensor]:
    """Return the output of every layer for one image, in eval mode, by layer name.

    The output of a convolution or pooling layer has the shape (C, H, W); the output of a linear layer has the shape
    (units,).
    """
    maps = {}
    with torch.inference_mode():
        for name, layer in _copy_in_mode(network, training=False).named_children():
            x = layer(x.clone())  # in-place layers overwrite their input
            maps[name] = x
    return {name: output[0].clone() for name, output in maps.items()}


def most_active(maps: Float[Tensor, "channels ..."], count: int) -> Int64[Tensor, " selected"]:
    """Return the indices of the ``count`` feature maps or units with the highest mean output, highest first."""
    return maps.reshape(len(maps), -1).mean(dim=1).argsort(descending=True, stable=True)[:count]


def filters(network: nn.Sequential, name: str) -> Float[Tensor, "filters channels rows columns"]:
    """Return a copy of the weights of the convolutional layer ``name``."""
    return network.get_parameter(f"{name}.weight").detach().cpu().clone()


@dataclass(frozen=True)
class OutputParts:
    """All values from which one output feature map of a convolution is computed, for one image.

    ``output[r, c]`` is ``bias`` plus the dot product of ``weights`` and a window of the zero-padded ``inputs``. In the
    padded inputs, the window starts at row r · stride and column c · stride.
    """

    inputs: Tensor
    """(C, H, W): the image, or the output of the previous layer."""
    weights: Tensor
    """(C, k, k): the weights of the filter."""
    bias: float
    output: Tensor
    """(H', W'): the output before batch norm and activation."""
    stride: int
    padding: int


def output_parts(
    network: nn.Sequential, x: Float[Tensor, "1 channels height width"], name: str, filter: int
) -> OutputParts:
    """Return the values from which one filter of a convolution computes its output for one image, in eval mode.

    ``name`` is the name of the convolution, and ``filter`` is the index of the filter. The convolution must have square
    filters, the same stride and padding in both directions, no dilation, and no groups.
    """
    maps = {"": x[0].clone()} | feature_maps(network, x)
    position = list(maps).index(name)
    convolution = cast(nn.Conv2d, network.get_submodule(name))
    return OutputParts(
        inputs=list(maps.values())[position - 1],
        weights=filters(network, name)[filter],
        bias=0.0 if convolution.bias is None else convolution.bias[filter].item(),
        output=maps[name][filter],
        stride=convolution.stride[0],
        padding=int(convolution.padding[0]),
    )


@dataclass(frozen=True)
class LinearParts:
    """All values from which the output of one unit of a linear layer is computed, for one image.

    ``output`` is ``bias`` plus the dot product of ``inputs`` and ``weights``.
    """

    inputs: Float[Tensor, " inputs"]
    weights: Float[Tensor, " inputs"]
    bias: float
    output: float

    def largest(self, count: int) -> Int64[Tensor, " selected"]:
        """Return the indices of the ``count`` largest products of an input and its weight, largest first.

        Products are compared by their absolute values.
        """
        return (self.inputs * self.weights).abs().argsort(descending=True, stable=True)[:count]


def linear_parts(
    network: nn.Sequential, x: Float[Tensor, "1 channels height width"], name: str, unit: int
) -> LinearParts:
    """Return the values from which one unit of a linear layer computes its output for one image, in eval mode.

    ``name`` is the name of the layer, and ``unit`` is the index of the unit.
    """
    maps = feature_maps(network, x)
    layer = cast(nn.Linear, network.get_submodule(name))
    weights = layer.weight[unit].detach().cpu().clone()
    bias = 0.0 if layer.bias is None else layer.bias[unit].item()
    return LinearParts(layer_input(maps, x, name), weights, bias, maps[name][unit].item())


def layer_input(maps: Mapping[str, Tensor], x: Float[Tensor, "1 channels height width"], name: str) -> Tensor:
    """Return the input of the layer ``name`` for one image: the output of the previous layer, or the image itself.

    ``maps`` is the result of `feature_maps` for the image ``x``. The returned tensor has no batch dimension.
    """
    position = list(maps).index(name)
    return list(maps.values())[position - 1] if position else x[0].clone()


def scale_and_shift(layer: nn.BatchNorm2d, channel: int) -> tuple[float, float]:
    """Return the scale and the shift that a batch-norm layer applies to one channel in eval mode.

    The output of the channel is scale · input + shift.
    """
    mean, variance = cast(Tensor, layer.running_mean), cast(Tensor, layer.running_var)
    with torch.inference_mode():
        scales = layer.weight / (variance + layer.eps).sqrt()
        shifts = layer.bias - mean * scales
    return scales[channel].item(), shifts[channel].item()


def _copy_in_mode(network: nn.Sequential, *, training: bool) -> nn.Sequential:
    """Return a copy in train or eval mode. It shares the parameters but has its own buffers (batch-norm statistics)."""
    shared = {id(parameter): parameter for parameter in network.parameters()}
    return copy.deepcopy(network, shared).train(training)
