"""What the training functions share: seeded randomness and the order of the batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import torch

KEYFRAMES = 24  # most looks at some pictures in a run, beside the first updates
LOOKING = 0.08  # share of the training's time that they may take, if ten of them take less


def generator(*key: int) -> torch.Generator:
    """A random generator of its own for every key, for instance (seed, stream, epoch).

    Two different keys give independent streams (but a zero at the end of a key counts for nothing), so that a batch
    or a noise can be drawn again for any step without replaying the steps before it.
    Source: numpy.random.SeedSequence, which mixes the key's numbers.
    """
    seed = np.random.SeedSequence(key).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(seed >> np.uint64(1)))


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Around code that draws from PyTorch's global generator: it draws as the key says, and leaves no trace."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(generator(*key).initial_seed())
        yield


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
