"""The shapes of a network: inputs and outputs of its layers, a linear layer that does not fit, and ``view``."""

import copy
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


def network(*, padding: int = 1) -> nn.Sequential:
    """Return a small CNN. Its linear layer expects a padding of 1."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(1, 8, 3, stride=2, padding=padding),
            relu=nn.ReLU(),
            flatten=nn.Flatten(),
            fc=nn.Linear(8 * 14 * 14, 10),
        )
    )


@dataclass(frozen=True)
class Layer:
    """A layer of a network, with the shapes of its input and output, including the batch dimension."""

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...] | None
    """None if the layer does not fit its input."""
    parameters: int
    """The number of parameters."""


@dataclass(frozen=True)
class Trace:
    """The layers of a network, in the order in which a batch passes through them."""

    layers: tuple[Layer, ...]
    """If a layer does not fit its input, it is the last one."""
    error: str | None
    """PyTorch's error message, or None if all layers fit."""


def trace(model: nn.Module, inputs: Tensor) -> Trace:
    """Pass a batch through the network, and read the shapes with forward hooks.

    Only modules without submodules count as layers. Functions, such as ``torch.relu``, have no hooks. The network is
    copied, so it keeps no hooks, and its buffers do not change.
    """
    layers: list[Layer] = []

    def before(layer: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        parameters = sum(parameter.numel() for parameter in layer.parameters())
        layers.append(Layer(names[layer], type(layer).__name__, tuple(arguments[0].shape), None, parameters))

    def after(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        given = layers.pop()
        layers.append(Layer(given.name, given.kind, given.input, tuple(output.shape), given.parameters))

    model = copy.deepcopy(model)
    names = {layer: name for name, layer in model.named_modules() if not list(layer.children())}
    for layer in names:
        layer.register_forward_pre_hook(before)
        layer.register_forward_hook(after)
    try:
        with torch.no_grad():
            model(inputs)
    except (RuntimeError, ValueError) as error:
        return Trace(tuple(layers), f"{type(error).__name__}: {error}")
    return Trace(tuple(layers), None)


@dataclass(frozen=True)
class Mismatch:
    """The four numbers in PyTorch's error message for a linear layer that does not fit."""

    rows: int
    """The number of rows of the input: with flattened images, the batch size."""
    input: int
    """The number of values in each row of the input."""
    expected: int
    """The number of inputs of the layer (``in_features``)."""
    outputs: int
    """The number of outputs of the layer (``out_features``)."""


def mismatch(message: str) -> Mismatch | None:
    """Return the numbers in an error message of a linear layer, or None for a different message."""
    match = re.search(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)", message)
    return Mismatch(*map(int, match.groups())) if match else None


def flatten_each_image(x: Tensor) -> Tensor:
    return x.flatten(1)


def view_as_rows(x: Tensor) -> Tensor:
    return x.view(len(x), -1)


def flatten_everything(x: Tensor) -> Tensor:
    return x.flatten()


def view_two_images_as_a_row(x: Tensor) -> Tensor:
    return x.view(len(x) // 2, -1)


def view_as_another_size(x: Tensor) -> Tensor:
    return x.view(len(x), 1000)


def view_a_transposed_tensor(x: Tensor) -> Tensor:
    return x.transpose(2, 3).view(len(x), -1)


def reshape_a_transposed_tensor(x: Tensor) -> Tensor:
    return x.transpose(2, 3).reshape(len(x), -1)


def flatten_and_unflatten(x: Tensor) -> Tensor:
    return x.flatten(1).unflatten(1, x.shape[1:])


RESHAPES: tuple[Callable[[Tensor], Tensor], ...] = (
    flatten_each_image,
    view_as_rows,
    flatten_everything,
    view_two_images_as_a_row,
    view_as_another_size,
    view_a_transposed_tensor,
    reshape_a_transposed_tensor,
    flatten_and_unflatten,
)
"""Functions that change the shape of a tensor (N, C, H, W), or fail."""


@dataclass(frozen=True)
class Reshaped:
    """The result of a function that changes the shape of a tensor."""

    shape: tuple[int, ...] | None = None
    """None if the function fails."""
    same_order: bool = False
    """Whether the values are in the same order as before."""
    shares_memory: bool = False
    """Whether the result uses the memory of the original tensor. Otherwise, it is a copy."""
    error: str = field(default="")


def reshape(function: Callable[[Tensor], Tensor], x: Tensor) -> Reshaped:
    """Apply one of the functions in RESHAPES to a tensor (N, C, H, W)."""
    try:
        result = function(x)
    except RuntimeError as error:
        return Reshaped(error=f"{type(error).__name__}: {error}")
    same_order = torch.equal(result.flatten(), x.flatten())
    return Reshaped(tuple(result.shape), same_order, result.data_ptr() == x.data_ptr())
