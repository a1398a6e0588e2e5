"""The networks (the compact one, the tutorial's, and the user's own) and their layers, with shapes and costs."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from core.errors import CoreError
from core.evaluation.model_files import load_weights
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.transforms import apply, pipeline
from core.training.cpu_optimizations import pool_first
from core.training.rng import Stream, seeded

CLASSES = 10
MAX_PARAMETERS = 60_000_000
MAX_MULTIPLY_ADDS = 400_000_000
"""Maximum multiply-adds per digit. With this many, evaluating 10,000 digits takes a minute or two on one thread."""
MAX_ACTIVATIONS = 400_000_000
"""Maximum number of activations of all layers for a batch. They take 1.6 GB, and their gradients take as much again."""
MAX_CHANNELS = 256

# Settings that people change often and that the layers do not depend on
_NOT_IN_LAYERS = ("seed", "learning_rate", "epochs", "noise", "weight_decay", "label_smoothing", "optimizer")

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.1),
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


def compact() -> OrderedDict[str, nn.Module]:
    """Return the named layers of the default network. Most of its 207,178 parameters are in ``fc1``."""
    return OrderedDict(
        conv1=nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(16, 32, kernel_size=3, padding=1),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(32 * 7 * 7, 128),
        relu3=nn.ReLU(),
        fc2=nn.Linear(128, CLASSES),
    )


def tutorial(*, padding: int = 1) -> OrderedDict[str, nn.Module]:
    """Return the named layers of the tutorial's network (25,775,882 parameters). ``fc1`` requires a padding of 1."""
    return OrderedDict(
        conv1=nn.Conv2d(1, 64, kernel_size=3, stride=1, padding=padding),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(64, 128, kernel_size=3, stride=1, padding=padding),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(14 * 14 * 128, 1024),
        relu3=nn.ReLU(),
        dropout=nn.Dropout(p=0.5),
        fc2=nn.Linear(1024, CLASSES),
    )


def own(config: CNNConfig) -> OrderedDict[str, nn.Module]:
    """Return the named layers of the user's own network.

    The first linear layer has as many inputs as the convolutional part has outputs.
    """
    layers = _convolutions(config)
    with torch.device("meta"):
        *_rest, last = describe_layers(_convolutions(config), input_shape(config))
    features = last.output[0] if last.output else 1  # `check` reports a layer that does not fit
    if config.linear:
        layers["fc1"] = nn.Linear(features, config.linear)
        layers[f"{config.activation}{config.conv_layers + 1}"] = ACTIVATIONS[config.activation]()
    if config.dropout:
        layers["dropout"] = nn.Dropout(config.dropout)
    layers[f"fc{2 if config.linear else 1}"] = nn.Linear(config.linear or features, CLASSES)
    return layers


def _convolutions(config: CNNConfig) -> OrderedDict[str, nn.Module]:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 1
    for number in range(1, config.conv_layers + 1):
        width = min(config.channels * 2 ** (number - 1), MAX_CHANNELS)
        layers[f"conv{number}"] = nn.Conv2d(channels, width, config.kernel, padding=config.padding)
        if config.batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"{config.activation}{number}"] = ACTIVATIONS[config.activation]()
        if config.pooling != "none" and (config.pool_after == "every" or number == config.conv_layers):
            layers[f"pool{number}"] = nn.MaxPool2d(2) if config.pooling == "max" else nn.AvgPool2d(2)
        channels = width
    layers["flatten"] = nn.Flatten()
    return layers


def layers(config: CNNConfig) -> OrderedDict[str, nn.Module]:
    """Return the named layers of the selected network, with PyTorch's default initial weights."""
    if config.network == "compact":
        return compact()
    return tutorial(padding=config.padding) if config.network == "tutorial" else own(config)


def check(config: CNNConfig) -> None:
    """Check that the network can be built and trained.

    Raises CoreError with one of these codes and parameters (``most`` is the limit):
    - "network_unfit": ``layer``, the name of the layer that does not fit its input, and ``message``, PyTorch's error
      message.
    - "network_too_large": ``parameters``, the number of parameters, and ``most``.
    - "network_too_slow": ``multiply_adds``, the number of multiply-adds per digit, and ``most``.
    - "batch_too_large": ``most``.
    """
    described = summary(config)
    if described[-1].error:
        raise CoreError("network_unfit", layer=described[-1].name, message=described[-1].error)
    parameters = sum(layer.parameters for layer in described)
    if parameters > MAX_PARAMETERS:
        raise CoreError("network_too_large", parameters=parameters, most=MAX_PARAMETERS)
    multiply_adds = sum(layer.multiply_adds for layer in described)
    if multiply_adds > MAX_MULTIPLY_ADDS:
        raise CoreError("network_too_slow", multiply_adds=multiply_adds, most=MAX_MULTIPLY_ADDS)
    most = MAX_ACTIVATIONS // sum(math.prod(layer.output) for layer in described if layer.output)
    if min(config.batch_size, config.n_selected) > most:
        raise CoreError("batch_too_large", most=most)


def build(config: CNNConfig) -> nn.Sequential:
    """Return the configured network, with initial weights determined by the seed.

    Raises the same errors as `check`.
    """
    check(config)
    with seeded(config.seed, Stream.MNIST_CNN_WEIGHTS):
        named = layers(config)
    return nn.Sequential(pool_first(named) if "pool_first" in config.cpu_optimizations else named)


def load(config: CNNConfig, weights: Mapping[str, Tensor]) -> nn.Sequential:
    """Return the configured network with the given ``weights``, in float32 and eval mode.

    Raises the same errors as `build` and `load_weights`.
    """
    return load_weights(build(config.changed(cpu_optimizations=())), weights)


@dataclass(frozen=True)
class Window:
    """The square window that a convolutional or pooling layer slides over its input. All values are in pixels."""

    size: int
    stride: int
    padding: int

    def output_side(self, side: int) -> int:
        """Return the side length of the output, in pixels, for an input with side length ``side``."""
        return (side + 2 * self.padding - self.size) // self.stride + 1


@dataclass(frozen=True)
class Layer:
    """A layer of a network: its name, its kind (the name of its class), and its shapes and costs for one image.

    If the layer does not fit its input, ``error`` is PyTorch's message, and ``output`` and ``window`` are None.
    ``window`` is also None for all layers except convolutional and pooling layers.
    """

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...] | None
    parameters: int
    multiply_adds: int
    error: str | None = None
    window: Window | None = None


def summary(config: CNNConfig) -> tuple[Layer, ...]:
    """Return a `Layer` for each layer of the selected network, up to the first layer that does not fit its input.

    No weights are allocated.
    """
    defaults = {name: CNNConfig.model_fields[name].default for name in _NOT_IN_LAYERS}
    return _summary(config.model_copy(update=defaults))


@lru_cache(maxsize=64)
def _summary(config: CNNConfig) -> tuple[Layer, ...]:
    with torch.device("meta"):
        return tuple(describe_layers(layers(config), input_shape(config), batch=_summary_batch_size(config)))


def _summary_batch_size(config: CNNConfig) -> int:
    """Return the batch size of the run, or 1 if the last batch of an epoch has a single digit."""
    return 1 if config.n_selected % config.batch_size == 1 else min(config.batch_size, config.n_selected)


def describe_layers(named: Mapping[str, nn.Module], shape: tuple[int, ...], *, batch: int = 2) -> Iterator[Layer]:
    """Run ``batch`` images of shape (C, H, W) through the layers, and yield a `Layer` for each layer.

    The tensors are created on the default device. The first layer that does not fit its input is the last one yielded.
    The default ``batch`` is 2, because batch norm raises an error for a single value per channel.
    """
    x = torch.zeros(batch, *shape)
    for name, module in named.items():
        parameters = sum(parameter.numel() for parameter in module.parameters())
        before = tuple(x.shape[1:])
        try:
            with torch.inference_mode():
                x = module(x)
        except (RuntimeError, ValueError):
            yield Layer(name, type(module).__name__, before, None, parameters, 0, _error_message(module, x.shape))
            return
        after = tuple(x.shape[1:])
        multiply_adds = _multiply_adds(module, after)
        yield Layer(name, type(module).__name__, before, after, parameters, multiply_adds, window=_window(module))


def _error_message(module: nn.Module, shape: torch.Size) -> str:
    """Return PyTorch's CPU error message for a layer that does not fit. The "meta" device gives a different message."""
    try:
        module.to_empty(device="cpu")(torch.zeros((), device="cpu").expand(shape))  # one expanded value needs no memory
    except (RuntimeError, ValueError) as error:
        return str(error)
    raise AssertionError("the layer fits")


def _multiply_adds(module: nn.Module, output: tuple[int, ...]) -> int:
    """Return the multiply-adds of a layer for one image."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        return math.prod(output) * math.prod(module.weight.shape[1:])
    return 0


def _window(module: nn.Module) -> Window | None:
    """Return the square window of a convolutional or pooling layer, or None for other layers."""
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        size, stride, padding = (_first(each) for each in (module.kernel_size, module.stride, module.padding))
        return Window(size, stride, padding)
    return None


def _first(value: int | str | tuple[int, ...]) -> int:
    """Return a number, or the first of a tuple, as an integer."""
    return int(value[0] if isinstance(value, tuple) else value)


def input_shape(config: CNNConfig) -> tuple[int, int, int]:
    """Return the shape (C, H, W) of a digit after the configured transforms."""
    channels, height, width = apply(pipeline(config, training=False), torch.zeros(1, 1, 28, 28)).shape[1:]
    return channels, height, width
