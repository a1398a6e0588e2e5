"""The training step, the evaluation mode, and the CPU optimizations of an autoencoder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn
from torch.nn import functional as F

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import Images
from core.topics.autoencoder.model import build, size
from core.training.cpu_optimizations import Tuner, fuse, memory_format, precision
from core.training.device import device_of, training_device
from core.training.torch_optimizers import TORCH_OPTIMIZERS

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "bce": F.binary_cross_entropy_with_logits,
}
"""Name -> loss function, a mean over all pixels. For "bce", the outputs of the network are logits of the pixels."""

_FREE = (
    *("seed", "learning_rate", "epochs", "schedule", "samples"),
    *("noise", "salt_and_pepper", "mosaic", "occlusion", "blur"),
)
"""Settings that hardly affect the cost of an update."""


def build_network(config: AutoencoderConfig) -> nn.Module:
    """Build the untrained network on the configured device and in the configured memory format."""
    layout = memory_format(config.cpu_optimizations)
    return build(config).to(training_device(config), memory_format=layout)  # type: ignore[call-overload]  # PyTorch's stub lacks it


def build_optimizer(config: AutoencoderConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Build an Adam optimizer. It is fused if the configured CPU optimizations include "fused"."""
    optimizer = TORCH_OPTIMIZERS["adam"](network.parameters(), config.learning_rate, 0.0)
    return fuse(optimizer, config.cpu_optimizations)


def update(
    config: AutoencoderConfig, network: nn.Module, optimizer: torch.optim.Optimizer, corrupted: Tensor, clean: Tensor
) -> Tensor:
    """Train on one batch: reconstruct the clean images, compute the loss, backpropagate, and update the weights.

    ``corrupted`` and ``clean`` are float32 (N, 1, 28, 28) in 0..1. Returns the loss before the update.
    """
    device = device_of(network)
    corrupted = corrupted.to(device, memory_format=memory_format(config.cpu_optimizations))
    with precision(config.cpu_optimizations, device):
        reconstructed = network(corrupted)
    loss = LOSSES[config.loss](reconstructed.float(), clean.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@contextmanager
def evaluation_mode(config: AutoencoderConfig, network: nn.Module) -> Iterator[None]:
    """Context manager that switches a network to eval mode and disables gradient computation.

    Computations in the context use the configured precision. On exit, the previous mode of the network is restored.
    """
    mode = network.training
    network.eval()
    try:
        with torch.inference_mode(), precision(config.cpu_optimizations, device_of(network)):
            yield
    finally:
        network.train(mode)


def to_images(config: AutoencoderConfig, outputs: Float[Tensor, "images 1 28 28"]) -> Float32[Tensor, "images 1 28 28"]:
    """Convert the outputs of a network to images with pixel values in 0..1. NaN remains NaN.

    If the loss is "bce", the outputs are logits, and the sigmoid is applied to them. Otherwise, they are clamped to
    0..1.
    """
    outputs = outputs.float()
    return (outputs.sigmoid() if config.loss == "bce" else outputs).clamp(0, 1).contiguous()


# ---- Cost of updates


def same_cost(config: AutoencoderConfig) -> AutoencoderConfig:
    """Return normalized settings with about the same cost per update as ``config``.

    Settings that hardly affect this cost are reset to their defaults.
    """
    same = {name: AutoencoderConfig.model_fields[name].default for name in _FREE}
    return config.model_copy(update=same | {"batch_size": min(config.batch_size, config.pictures)})


def _make_update(config: AutoencoderConfig, batch_size: int) -> Callable[[], float]:
    config = config.changed(batch_size=batch_size)
    images, network = Images(config), build_network(config)
    optimizer = build_optimizer(config, network)
    return lambda: update(config, network, optimizer, *images.batch(0)).item()


TUNER = Tuner(_make_update, multiply_adds=lambda config: size(config).multiply_adds, same_cost=same_cost)
"""The tuner that measures the duration of updates and chooses the CPU optimizations."""

resolve = TUNER.resolve
