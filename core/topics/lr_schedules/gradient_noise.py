"""The noise of the gradient: how far the gradient of a batch is from that of all data."""

from collections.abc import Sequence

import torch

from core.topics.lr_schedules.config import LRSchedulesConfig
from core.training.batched.data import DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.rng import Stream, generator

N_FULL_GRADIENT = 8_192
"""Samples whose gradient is taken as that of all data. The batches are drawn from them."""
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def gradient_noise(
    config: LRSchedulesConfig, weights: dict[str, torch.Tensor] | None, batch_sizes: Sequence[int] = BATCH_SIZES
) -> dict[int, float]:
    """Return the relative distance of batch gradients to the gradient of all data, for each batch size.

    It is the root mean square over 32 to 512 batches, drawn with replacement, as a multiple of the norm of the full
    gradient. It is measured at these weights, or without any at the initial weights of the run. In theory it is
    inversely proportional to √batch size (see `expected_noise`).
    """
    data = DataSplits(config)
    if weights:
        network = BatchedMLP.from_weights(weights)
    else:
        network = BatchedMLP.initialize(config.sizes, [config.weight_seed(0)], dtype=torch.float32)
    samples = min(N_FULL_GRADIENT, config.samples)
    full_gradient = _gradient(network, data, torch.arange(samples))
    noise = {}
    for size in batch_sizes:
        random = generator(config.seed, Stream.LR_SCHEDULES_BATCHES, size)
        n_batches = max(32, min(512, N_FULL_GRADIENT // size))
        batches = torch.randint(samples, (n_batches, size), generator=random)
        squares = [(_gradient(network, data, batch) - full_gradient).square().sum() for batch in batches]
        noise[size] = float((torch.stack(squares).mean() / full_gradient.square().sum()).sqrt())
    return noise


def expected_noise(noise: dict[int, float]) -> dict[int, float]:
    """Return the noise that 1 / √batch size predicts, from the measured noise of batches of 64."""
    return {size: noise[64] * (64 / size) ** 0.5 for size in noise}


def _gradient(network: BatchedMLP, data: DataSplits, indices: torch.Tensor) -> torch.Tensor:
    _losses, grad_W1, grad_rest = network.gradients(*data.training_samples(indices))
    return torch.cat([grad_W1.flatten(), grad_rest.flatten()])
