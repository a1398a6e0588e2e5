"""Reproducible random numbers: one generator per key (seed, stream, ...), and the list of streams."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import numpy as np
import torch

from core.training.device import seed_generators


class Stream(IntEnum):
    """The purpose of random numbers: the second number of a random key, after the seed.

    Two topics that share a value draw the same numbers from the same seed (the enum then makes one name an alias of the
    other). Within a topic, all values are different.
    """

    MANUAL_MLP_WEIGHTS = 1
    MANUAL_MLP_DATA = 2
    MANUAL_MLP_TEST = 3
    MANUAL_MLP_FRESH_DATA = 4
    MANUAL_MLP_NOISE = 5
    MANUAL_MLP_TEACHER = 6
    MANUAL_MLP_SHOWN = 7
    BATCHED_WEIGHTS = 31
    BATCHED_TARGETS = 41
    BATCHED_LABELS = 42
    LR_SCHEDULES_BATCHES = 43
    LOSS_SURFACE_NOISE = 51
    LOSS_SURFACE_STARTS = 52
    MNIST_CNN_TRANSFORM_DRAWS = 61
    MNIST_CNN_WEIGHTS = 62
    MNIST_CNN_SAMPLES = 64
    MNIST_CNN_VALIDATION = 65
    MNIST_CNN_TRANSFORMS = 66
    MNIST_CNN_DROPOUT = 67
    BIAS_VARIANCE_POINTS = 71
    BIAS_VARIANCE_WEIGHTS = 72
    BIAS_VARIANCE_DROPOUT = 73
    PLAYGROUND_POINTS = 81
    PLAYGROUND_NOISE = 82
    PLAYGROUND_ORDER = 83
    PLAYGROUND_OWN_ORDER = 88
    PLAYGROUND_WEIGHTS = 84
    PLAYGROUND_DROPOUT = 85
    AUTOENCODER_WEIGHTS = 82
    AUTOENCODER_TRAINING = 84
    AUTOENCODER_TEST = 85
    AUTOENCODER_SAMPLES = 86
    AUTOENCODER_OWN_IMAGE = 87
    TRANSFER_PERMUTATION = 91
    TRANSFER_SHUFFLE = 92
    TRANSFER_LABELS = 93
    TRANSFER_NOISE = 94
    TRANSFER_WEIGHTS = 95
    TRANSFER_SHIFTS = 96
    TRANSFER_TEST = 97
    OWN_IMAGES_NOISE = 101
    OWN_IMAGES_WEIGHTS = 102
    EVALUATION_DROPOUT = 103
    EVALUATION_CORRUPTION = 104
    MNIST_CNN_SHOWN_SAMPLE = 105


def generator(*key: int) -> torch.Generator:
    """Return the random generator of a key, for instance (seed, stream, epoch).

    Different keys give independent streams, except that zeros at the end of a key are ignored. The batch or the noise
    of any step can be drawn again without replaying earlier steps.
    Source: numpy.random.SeedSequence, which mixes the key's numbers.
    """
    seed = np.random.SeedSequence(key).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(seed >> np.uint64(1)))


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Seed PyTorch's global generators inside the block, then restore the state of the CPU generator."""
    with torch.random.fork_rng(devices=()):
        seed_generators(generator(*key).initial_seed())
        yield
