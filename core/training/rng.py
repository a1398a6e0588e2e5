"""Reproducible random numbers: one generator per key (seed, stream, ...), and the list of streams."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

import numpy as np
import torch

from core.training.device import seed_generators


@unique
class Stream(IntEnum):
    """A purpose for which random numbers are drawn. It is part of the key of a random generator (see `generator`)."""

    BATCHES = 1
    TIMING = 2
    EVALUATION_DROPOUT = 3
    EVALUATION_CORRUPTION = 4
    MANUAL_MLP_WEIGHTS = 11
    MANUAL_MLP_DATA = 12
    MANUAL_MLP_TEST = 13
    MANUAL_MLP_FRESH_DATA = 14
    MANUAL_MLP_NOISE = 15
    MANUAL_MLP_TEACHER = 16
    MANUAL_MLP_SHOWN = 17
    BATCHED_WEIGHTS = 21
    BATCHED_TARGETS = 22
    BATCHED_LABELS = 23
    LR_SCHEDULES_NOISE = 24
    LOSS_SURFACE_NOISE = 25
    LOSS_SURFACE_STARTS = 26
    MNIST_CNN_WEIGHTS = 31
    MNIST_CNN_SAMPLES = 32
    MNIST_CNN_VALIDATION = 33
    MNIST_CNN_TRANSFORMS = 34
    MNIST_CNN_DROPOUT = 35
    MNIST_CNN_SHOWN_SAMPLE = 36
    BIAS_VARIANCE_POINTS = 41
    BIAS_VARIANCE_WEIGHTS = 42
    BIAS_VARIANCE_DROPOUT = 43
    PLAYGROUND_POINTS = 51
    PLAYGROUND_NOISE = 52
    PLAYGROUND_ORDER = 53
    PLAYGROUND_OWN_ORDER = 54
    PLAYGROUND_TABLE_ROWS = 55
    PLAYGROUND_WEIGHTS = 56
    PLAYGROUND_DROPOUT = 57
    OWN_IMAGES_NOISE = 61
    OWN_IMAGES_WEIGHTS = 62
    AUTOENCODER_TRAINING = 72
    AUTOENCODER_TEST = 73
    AUTOENCODER_SAMPLES = 74
    AUTOENCODER_OWN_IMAGE = 75
    AUTOENCODER_WEIGHTS = 76
    TRANSFER_WEIGHTS = 81
    TRANSFER_PERMUTATION = 82
    TRANSFER_SHUFFLE = 83
    TRANSFER_LABELS = 84
    TRANSFER_TEST = 85
    TRANSFER_NOISE = 86
    TRANSFER_SHIFTS = 87
    WORKFLOW_EVALUATION = 91
    WORKFLOW_SAVING = 95
    WORKFLOW_TRANSFORMS = 96
    CLINIC_DATA = 101
    CLINIC_NOISE = 102
    CLINIC_PROBES = 103
    CLINIC_LABELS = 104
    CLINIC_PRETRAINING = 105


def generator(seed: int, stream: Stream, *indices: int) -> torch.Generator:
    """Return the random generator for a key: a seed, a stream, and indices, such as the epoch number.

    Different keys give independent random numbers. The only exception is a collision of seeds: PyTorch's generator uses
    32 bits of a seed, so two keys give the same random numbers with probability 2⁻³². The batch or the noise of any
    step can be drawn again without replaying earlier steps.
    Source: numpy.random.SeedSequence, which mixes the seed with a spawn key.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(stream, *indices))
    return torch.Generator().manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))


@contextmanager
def seeded(seed: int, stream: Stream, *indices: int) -> Iterator[None]:
    """Seed PyTorch's global generators for a ``with`` block. Afterward, restore the state of the CPU generator.

    The seed is derived from a key, as in `generator`.
    """
    with torch.random.fork_rng(devices=()):
        seed_generators(generator(seed, stream, *indices).initial_seed())
        yield
