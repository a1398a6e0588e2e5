"""The training step of the convolutional network, and measurements of its duration on this machine."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import CLASSES, build, check, input_shape, summary
from core.topics.mnist_cnn.transforms import apply, pipeline
from core.training.cpu_optimizations import Tuner, fuse, memory_format, precision
from core.training.device import device_of, training_device
from core.training.timing import measured, seconds_once
from core.training.torch_optimizers import TORCH_OPTIMIZERS

_FREE = (
    *("seed", "keep_fraction", "label_smoothing", "schedule", "weight_decay", "ema_decay", "early_stopping"),
    *("without_eval", "mean", "std", "flip", "rotation", "translate", "scale", "shear", "erasing"),
)
"""Settings that do not change the cost of an update."""

_OWN = (
    *("conv_layers", "channels", "kernel", "padding", "pooling", "pool_after", "batch_norm", "activation"),
    *("linear", "dropout"),
)
"""Settings of the "own" network. Of these, only ``padding`` affects the "tutorial" network."""

_MIN_SAMPLES = 100  # smallest training set that a config allows
_TIMED_DIGITS = 32  # number of digits for which transforms are timed


def build_network(config: CNNConfig) -> nn.Sequential:
    """Return the untrained network on the configured device and in the configured memory format."""
    layout = memory_format(config.cpu_optimizations)
    return build(config).to(training_device(config), memory_format=layout)  # type: ignore[call-overload]  # PyTorch's stub lacks it


def build_optimizer(config: CNNConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Return the configured PyTorch optimizer.

    The optimizer is fused if it has a fused implementation and the configured CPU optimizations include "fused".
    """
    optimizer = TORCH_OPTIMIZERS[config.optimizer](network.parameters(), config.learning_rate, config.weight_decay)
    return fuse(optimizer, config.cpu_optimizations)


def update(config: CNNConfig, network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> Tensor:
    """Train on one batch: compute the outputs, the loss, and the gradients, then update the weights.

    ``x`` is float32 (N, C, H, W), and ``y`` is int64 (N,). Returns the loss before the update.
    """
    device = device_of(network)
    x, y = x.to(device, memory_format=memory_format(config.cpu_optimizations)), y.to(device)
    with precision(config.cpu_optimizations, device):
        logits = network(x)
    loss = cross_entropy(logits.float(), y, label_smoothing=config.label_smoothing)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


# ---- Cost of updates


def same_cost(config: CNNConfig) -> CNNConfig:
    """Return normalized settings with the same cost per update as ``config``.

    Settings that do not affect this cost are set to standard values.
    """
    its_own = {"own": {*_OWN}, "tutorial": {"padding"}, "compact": set()}[config.network]
    names = {*_FREE, *_OWN} - its_own
    same = {name: CNNConfig.model_fields[name].default for name in names} | {"learning_rate": 1e-6, "epochs": 1}
    noise = 0.1 if config.noise else 0.0
    batch = min(config.batch_size, config.n_selected)
    samples = -(-_MIN_SAMPLES // batch) * batch  # a few full batches
    return config.model_copy(update=same | {"noise": noise, "batch_size": batch, "samples": samples})


def _make_update(config: CNNConfig, batch_size: int) -> Callable[[], float]:
    network = build_network(config)
    optimizer = build_optimizer(config, network)
    x = torch.rand(batch_size, *input_shape(config))
    y = torch.arange(batch_size) % CLASSES
    return lambda: update(config, network, optimizer, x, y).item()


def _multiply_adds(config: CNNConfig) -> int:
    check(config)
    return sum(layer.multiply_adds for layer in summary(config))


TUNER = Tuner(_make_update, _multiply_adds, same_cost)
"""The tuner that measures the duration of updates and chooses the CPU optimizations.

Its methods raise the errors of `core.topics.mnist_cnn.model.check`.
"""

resolve = TUNER.resolve


@measured
def seconds_for_transforms(config: CNNConfig) -> float:
    """Measure how many seconds it takes to transform one training digit."""
    transforms, digits = pipeline(config, training=True), torch.rand(_TIMED_DIGITS, 1, 28, 28)
    apply(transforms, digits)
    return seconds_once(lambda: apply(transforms, digits)) / _TIMED_DIGITS
