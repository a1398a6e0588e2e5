"""Gradient noise: the distance between the mini-batch gradient and the full-batch gradient."""

from collections.abc import Sequence

import torch
from torch.nn.functional import cross_entropy, linear, mse_loss

from core.topics.lr_schedules.config import LRSchedulesConfig
from core.training.batched.data import DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.rng import Stream, generator

N_FULL_GRADIENT = 8_192
"""Number of samples in the full batch. The mini-batches are drawn from these samples."""
_BATCHES_AT_ONCE = 16  # the gradients of this many batches fit in the processor's cache
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def gradient_noise(
    config: LRSchedulesConfig, weights: dict[str, torch.Tensor] | None, batch_sizes: Sequence[int] = BATCH_SIZES
) -> dict[int, float]:
    """Return the relative distance between mini-batch gradients and the full-batch gradient, for each batch size.

    For each batch size, the gradients of 32 to 512 mini-batches are computed. The result is the root mean square of the
    distances between these gradients and the full-batch gradient, divided by the norm of the full-batch gradient. In
    theory, the result is inversely proportional to the square root of the batch size (see `expected_noise`).

    The full batch contains at most N_FULL_GRADIENT samples. The samples of each mini-batch are drawn from the full
    batch with replacement. The gradients are computed at ``weights``, or at the initial weights of the run if
    ``weights`` is None.
    """
    data = DataSplits(config)
    if weights is None:
        networks = BatchedMLP.initialize(config.sizes, [config.weight_seed(0)], dtype=torch.float32)
        weights = networks.weights(0)
    samples = min(N_FULL_GRADIENT, config.samples)
    full_gradient = _gradient(weights, *data.training_samples(torch.arange(samples)))

    def squared_distance(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        gradient = _gradient(weights, x, y)
        return _squared_norm({name: part - full_gradient[name] for name, part in gradient.items()})

    noise = {}
    for size in batch_sizes:
        random = generator(config.seed, Stream.LR_SCHEDULES_NOISE, size)
        n_batches = max(32, min(512, N_FULL_GRADIENT // size))
        batches = torch.randint(samples, (n_batches, size), generator=random)
        squares = torch.vmap(squared_distance, chunk_size=_BATCHES_AT_ONCE)(*data.training_samples(batches))
        noise[size] = float((squares.mean() / _squared_norm(full_gradient)).sqrt())
    return noise


def expected_noise(noise: dict[int, float]) -> dict[int, float]:
    """Return the expected gradient noise at each batch size, given the result of `gradient_noise`.

    The noise at batch size 64 is extrapolated in inverse proportion to the square root of the batch size.
    """
    return {size: noise[64] * (64 / size) ** 0.5 for size in noise}


def _loss(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    h = linear(x, weights["0.weight"], weights["0.bias"]).relu()
    outputs = linear(h, weights["2.weight"], weights["2.bias"])
    return mse_loss(outputs, y) if y.is_floating_point() else cross_entropy(outputs, y)


_gradient = torch.func.grad(_loss)


def _squared_norm(gradient: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.stack([part.square().sum() for part in gradient.values()]).sum()
