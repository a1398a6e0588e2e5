"""The updates of an autoencoder, which tricks make them quicker on this machine, and how a network is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import Pictures
from core.topics.autoencoder.model import build, size
from core.training.cpu_optimizations import CANDIDATES, WORK, Tricks, fuse, memory_format, precision
from core.training.optimizers import TORCH_OPTIMIZERS
from core.training.rng import seeded
from core.training.timing import measured, measuring, seconds, seconds_for, threads

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "bce": F.binary_cross_entropy_with_logits,
}
"""Name -> the mean over all pixels. With binary cross-entropy outputs are logits: a sigmoid makes pixels of them."""


_FREE = (
    *("seed", "learning_rate", "epochs", "schedule", "samples"),
    *("noise", "salt_and_pepper", "mosaic", "occlusion", "blur"),
)
"""Settings that cost next to nothing in an update, whatever they are."""


def network_of(config: AutoencoderConfig) -> nn.Module:
    """The untrained network, laid out in memory as the settings say."""
    return build(config).to(memory_format=memory_format(config.tricks))


def optimizer_of(config: AutoencoderConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Adam, as in the tutorial."""
    return fuse(TORCH_OPTIMIZERS["adam"](network.parameters(), config.learning_rate, 0.0), config.tricks)


def update(
    config: AutoencoderConfig, network: nn.Module, optimizer: torch.optim.Optimizer, corrupted: Tensor, clean: Tensor
) -> Tensor:
    """One step on a batch: restore the corrupted pictures, compare with the clean ones, the gradients, and the step.

    Both are float32 (N, 1, 28, 28) in 0..1. Returns the loss before the step.
    """
    with precision(config.tricks):
        restored = network(corrupted.to(memory_format=memory_format(config.tricks)))
    loss = LOSSES[config.loss](restored.float(), clean)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def resolve(config: AutoencoderConfig) -> AutoencoderConfig:
    """The settings with the tricks that pay on this machine in place of "automatic"."""
    if "automatic" not in config.tricks:
        return config
    with measuring:
        return config.changed(tricks=_quickest(_same_cost(config)))


def seconds_per_update(config: AutoencoderConfig) -> float:
    """Seconds of one update here, measured for each cost."""
    config = _same_cost(resolve(config))
    with measuring:
        return seconds_for(config.batch_size, _most(config), lambda batch: _measure(config.changed(batch_size=batch)))


@contextmanager
def asking(config: AutoencoderConfig, network: nn.Module) -> Iterator[None]:
    """Around a question to the network: in eval mode, without gradients, with the numbers of the training.

    The network is left in the mode in which it was.
    """
    mode = network.training
    network.eval()
    try:
        with torch.inference_mode(), precision(config.tricks):
            yield
    finally:
        network.train(mode)


def as_pictures(config: AutoencoderConfig, outputs: Tensor) -> Tensor:
    """The outputs of a network as pictures: float32 in 0..1. What is no number stays so."""
    outputs = outputs.float()
    return (outputs.sigmoid() if config.loss == "bce" else outputs).clamp(0, 1).contiguous()


def _same_cost(config: AutoencoderConfig) -> AutoencoderConfig:
    """Settings whose updates cost as much: those that change nothing in that are set to the same."""
    same = {name: AutoencoderConfig.model_fields[name].default for name in _FREE}
    return config.model_copy(update=same | {"batch_size": min(config.batch_size, config.pictures)})


def _most(config: AutoencoderConfig) -> int:
    """Pictures of the largest update that is measured whole."""
    return max(8, WORK // (3 * size(config).multiply_adds))


@lru_cache(maxsize=64)
def _quickest(config: AutoencoderConfig) -> Tricks:
    batch = min(config.batch_size, _most(config))
    return min(CANDIDATES, key=lambda tricks: _measure(config.changed(tricks=tricks, batch_size=batch)))


@measured
def _measure(config: AutoencoderConfig) -> float:
    with threads(config.threads), seeded(config.seed):
        pictures, network = Pictures(config), network_of(config)
        optimizer = optimizer_of(config, network)
        return seconds(lambda: update(config, network, optimizer, *pictures.batch(0)))
