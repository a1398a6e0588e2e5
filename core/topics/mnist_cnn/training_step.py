"""The updates of the convolutional network, and which tricks make them quicker on this machine."""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import (
    build,
    check,
    input_shape,
    summary,
)
from core.training.cpu_optimizations import CANDIDATES, WORK, Tricks, fuse, memory_format, precision
from core.training.optimizers import TORCH_OPTIMIZERS
from core.training.rng import seeded
from core.training.timing import measured, measuring, seconds, seconds_for, threads

_FREE = (
    *("seed", "hardest", "label_smoothing", "schedule", "weight_decay", "averaging", "early_stopping"),
    *("without_eval", "mean", "deviation", "flip", "rotation", "translate", "scale", "shear", "erasing"),
)
"""Settings that cost nothing, whatever they are."""

_OWN = (
    *("conv_layers", "channels", "kernel", "padding", "pooling", "pool_after", "batch_norm", "activation"),
    *("linear", "dropout"),
)
"""Settings of one's own network: the others do not have them (but the tutorial's has a padding)."""


def network_of(config: CNNConfig) -> nn.Sequential:
    """The untrained network, laid out in memory as the settings say."""
    return build(config).to(memory_format=memory_format(config.tricks))


def optimizer_of(config: CNNConfig, network: nn.Module) -> torch.optim.Optimizer:
    """PyTorch's optimizer of the settings; fused: all weights in one call."""
    optimizer = TORCH_OPTIMIZERS[config.optimizer](network.parameters(), config.learning_rate, config.weight_decay)
    return fuse(optimizer, config.tricks)


def resolve(config: CNNConfig) -> CNNConfig:
    """The settings with the tricks that pay on this machine in place of "automatic". Raises what `build` raises."""
    if "automatic" not in config.tricks:
        return config
    with measuring:
        return config.changed(tricks=_quickest(same_cost(config)))


def seconds_per_update(config: CNNConfig) -> float:
    """Seconds of one update here, measured for each cost."""
    config = same_cost(resolve(config))
    with measuring:
        return seconds_for(config.batch_size, max(8, WORK // _work(config)), lambda size: _measure(config, size))


def same_cost(config: CNNConfig) -> CNNConfig:
    """Settings whose updates cost as much: those that change nothing in that are set to the same."""
    its_own = {"own": {*_OWN}, "tutorial": {"padding"}, "compact": set()}[config.network]
    names = {*_FREE, *_OWN} - its_own
    same = {name: CNNConfig.model_fields[name].default for name in names} | {"learning_rate": 1e-6, "epochs": 1}
    noise = 0.1 if config.noise else 0.0
    batch = min(config.batch_size, config.learnt)
    samples = -(-100 // batch) * batch  # some whole batches
    return config.model_copy(update=same | {"noise": noise, "batch_size": batch, "samples": samples})


@lru_cache(maxsize=64)
def _quickest(config: CNNConfig) -> Tricks:
    batch = min(config.batch_size, max(4, WORK // _work(config)))
    return min(CANDIDATES, key=lambda tricks: _measure(config.changed(tricks=tricks), batch))


def _work(config: CNNConfig) -> int:
    """Multiply-adds of an update for one picture, forward and backward. Raises what `build` raises."""
    check(config)
    return 3 * sum(layer.multiply_adds for layer in summary(config))


@measured
def _measure(config: CNNConfig, batch: int) -> float:
    with threads(config.threads), seeded(config.seed):
        network = network_of(config)
        optimizer = optimizer_of(config, network)
        x = torch.rand(batch, *input_shape(config))
        y = torch.arange(batch) % 10
        return seconds(lambda: update(config, network, optimizer, x, y))


def update(config: CNNConfig, network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> Tensor:
    """One step on a batch: the forward pass, the loss, its gradients, and the optimizer's step.

    ``x`` float32 (N, C, H, W), ``y`` int64 (N,). Returns the loss before the step.
    """
    with precision(config.tricks):
        logits = network(x.to(memory_format=memory_format(config.tricks)))
    loss = cross_entropy(logits.float(), y, label_smoothing=config.label_smoothing)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
