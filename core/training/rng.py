"""Random numbers that can be drawn again: a generator for every key."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


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
