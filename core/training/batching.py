"""The samples of each batch, and the updates after which a run evaluates its network."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Int64

from core.training.rng import Stream, generator
from core.training.state import Change

MAX_EVALUATIONS = 24
"""Maximum number of evenly spaced evaluations of a run, in addition to those after the first updates."""
MIN_EVALUATIONS = 10
EVALUATION_TIME_SHARE = 0.08
"""Maximum time for more than MIN_EVALUATIONS evaluations, as a fraction of the training time."""


def batch_indices(
    samples: int, batch_size: int, step: int, *, seed: int, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the int64 indices of the samples in the batch for update ``step``, counted from 0.

    ``samples`` is the number of all samples. The samples are reshuffled in every epoch, unless one batch holds all of
    them. The last batch of an epoch may be smaller than ``batch_size``. ``mask``, bool (samples,), selects the samples
    to use. If one selected sample is replaced with another, at most one sample changes in each batch.
    """
    count = samples if mask is None else int(mask.sum())
    epoch, position = divmod(step, batches_per_epoch(count, batch_size))
    return _epoch_batch(samples, batch_size, epoch, position, seed, mask)


def _epoch_batch(
    samples: int, batch_size: int, epoch: int, position: int, seed: int, mask: torch.Tensor | None
) -> torch.Tensor:
    """Return the indices of the batch at this position of an epoch."""
    count = samples if mask is None else int(mask.sum())
    if batch_size >= count:
        return torch.arange(samples) if mask is None else mask.nonzero().flatten()
    order = _order(samples, seed, epoch)
    order = order if mask is None else order[mask[order]]
    return order[position * batch_size : (position + 1) * batch_size]


@lru_cache(maxsize=16)  # several seeds train at the same time
def _order(samples: int, seed: int, epoch: int) -> torch.Tensor:
    return torch.randperm(samples, generator=generator(seed, Stream.BATCHES, epoch))


def batches_per_epoch(samples: int, batch_size: int) -> int:
    """Return the number of batches in one epoch, including a smaller last batch."""
    return -(-samples // batch_size)


class BatchPlan:
    """The batches of a run whose batch size may change between epochs."""

    class _Part(NamedTuple):
        first_step: int
        first_epoch: int
        batch_size: int

    def __init__(self, samples: int, batch_size: int, changes: Iterable[Change] = (), *, ahead: int = 0):
        """Plan the batches. A changed batch size applies from the next epoch on.

        ``samples`` is the number of training samples. ``changes`` are the changes to settings during the run. ``ahead``
        is the number of batches that are already drawn when a setting changes.
        """
        self.samples = samples
        self._parts = [self._Part(0, 0, batch_size)]
        for change in changes:
            if change.name != "batch_size":
                continue
            part = self._parts[-1]
            per_epoch = batches_per_epoch(samples, part.batch_size)
            epochs = max(0, -(-(change.step + ahead - part.first_step) // per_epoch))
            if not epochs:  # replaces the previous change, whose epoch has not begun
                self._parts.pop()
            self._parts.append(
                self._Part(part.first_step + epochs * per_epoch, part.first_epoch + epochs, change.value)
            )

    @property
    def batch_sizes(self) -> dict[int, int]:
        """The batch sizes: first step -> size of the batches from this step on. Steps are counted from 0."""
        return {part.first_step: part.batch_size for part in self._parts}

    def updates(self, epochs: int) -> int:
        """Return the number of updates in the first ``epochs`` epochs."""
        part = next(part for part in reversed(self._parts) if part.first_epoch <= epochs)
        return part.first_step + (epochs - part.first_epoch) * batches_per_epoch(self.samples, part.batch_size)

    def epochs(self, step: int) -> float:
        """Return the number of epochs after ``step`` updates. During an epoch, the result is not a whole number."""
        part = self._part(step)
        return part.first_epoch + (step - part.first_step) / batches_per_epoch(self.samples, part.batch_size)

    def indices(
        self, step: int, *, seed: int, samples: int | None = None, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return the indices of the samples in the batch for update ``step``, counted from 0 (see `batch_indices`).

        ``samples`` is the number of all samples, by default the number of training samples. ``mask`` has shape
        (``samples``,) and selects the training samples.
        """
        part = self._part(step)
        epoch, position = divmod(step - part.first_step, batches_per_epoch(self.samples, part.batch_size))
        samples = self.samples if samples is None else samples
        return _epoch_batch(samples, part.batch_size, part.first_epoch + epoch, position, seed, mask)

    def _part(self, step: int) -> _Part:
        return next(part for part in reversed(self._parts) if part.first_step <= step)


def sample_indices(samples: int, count: int, random: torch.Generator) -> Int64[torch.Tensor, " indices"]:
    """Draw ``count`` random int64 indices in [0, ``samples``) without replacement.

    If ``count`` is at least ``samples``, all indices are returned in ascending order.
    """
    if count >= samples:
        return torch.arange(samples)
    return torch.randperm(samples, generator=random)[:count]


def evaluation_steps(updates: int, *, n_trained: int, n_evaluated: int, first: Sequence[int]) -> set[int]:
    """Return the numbers of the updates after which a run evaluates its network.

    These are evenly spaced updates, the last update, and the updates in ``first`` up to the first evenly spaced update.
    The maximum number of evenly spaced updates is MAX_EVALUATIONS. This maximum is reduced, but not below
    MIN_EVALUATIONS, if the evaluations would take more than EVALUATION_TIME_SHARE of the training time.

    ``updates`` is the number of updates in the run. ``n_trained`` is the number of samples processed by all updates
    together. ``n_evaluated`` is the number of samples processed by one evaluation.
    """
    # Evaluating a sample takes about a third of the time of training on it
    affordable = EVALUATION_TIME_SHARE * n_trained / (n_evaluated / 3)
    spacing = -(-updates // round(min(max(MIN_EVALUATIONS, affordable), MAX_EVALUATIONS)))
    return {step for step in first if step <= spacing} | set(range(spacing, updates, spacing)) | {updates}
