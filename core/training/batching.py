"""What the training functions share: seeded randomness and the order of the batches."""

from collections.abc import Sequence
from functools import lru_cache

import torch

from core.training.rng import generator

KEYFRAMES = 24  # most looks at some pictures in a run, beside the first updates
LOOKING = 0.08  # share of the training's time that they may take, if ten of them take less


def batch_indices(
    samples: int, batch_size: int, step: int, *, seed: int, of: torch.Tensor | None = None
) -> torch.Tensor:
    """Indices of the batch for update ``step``: each pass through the data (an epoch) in a new shuffled order.

    ``of``, bool (samples,), are those that are taken, all without it: one more or less of them changes no batch by
    more than one. The last, smaller batch of an epoch is kept. Returns int64 of shape (at most batch_size,).
    """
    taken = samples if of is None else int(of.sum())
    epoch, position = divmod(step, batches_per_epoch(taken, batch_size))
    if batch_size >= taken:
        return torch.arange(samples) if of is None else of.nonzero().flatten()
    order = _order(samples, seed, epoch)
    order = order if of is None else order[of[order]]
    return order[position * batch_size : (position + 1) * batch_size]


@lru_cache(maxsize=16)  # of some seeds that train side by side
def _order(samples: int, seed: int, epoch: int) -> torch.Tensor:
    return torch.randperm(samples, generator=generator(seed, epoch))


def batches_per_epoch(samples: int, batch_size: int) -> int:
    """Updates in one pass through the data."""
    return -(-samples // batch_size)


def choice(samples: int, count: int, *key: int) -> torch.Tensor:
    """Indices of ``count`` of ``samples``, drawn as the key says; of no more than that, all in their order: int64."""
    if count >= samples:
        return torch.arange(samples)
    return torch.randperm(samples, generator=generator(*key))[:count]


def look_steps(updates: int, *, learnt: int, asked: int, first: Sequence[int]) -> set[int]:
    """Updates after which a run looks at what its network makes of some pictures.

    They are some of the ``first`` ones, evenly spaced ones, and the last. Of the evenly spaced there are ten, or as
    many, up to KEYFRAMES, as take a share of LOOKING of the training: that learns from ``learnt`` pictures in all, and
    a look asks the network about ``asked`` of them.
    """
    # To ask a picture takes a third of the time that it takes to learn from it
    affordable = LOOKING * learnt / (asked / 3)
    spacing = -(-updates // round(min(max(10, affordable), KEYFRAMES)))
    return {step for step in first if step <= spacing} | set(range(spacing, updates, spacing)) | {updates}
