"""Measures how long code takes on this machine; a measurement expires."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import TypeVar

import torch

Measured = TypeVar("Measured")

FRESH = 120
"""Seconds for which a measurement is kept: a machine that was busy may soon be free."""

measuring = threading.RLock()
"""Held while something is measured, and its result is kept: one at a time, and nothing twice."""


def measured(function: Callable[..., Measured]) -> Callable[..., Measured]:
    """A function that measures something: it is asked again when its answer is no longer FRESH."""
    cached = lru_cache(maxsize=256)(lambda _when, *arguments: function(*arguments))

    @wraps(function)
    def fresh(*arguments: Hashable) -> Measured:
        return cached(int(time.monotonic() / FRESH), *arguments)

    fresh.cache_clear, fresh.cache_info = cached.cache_clear, cached.cache_info
    return fresh


def seconds(update: Callable[[], object]) -> float:
    """Seconds that an update takes: the least of several, as other work on the machine only makes it slower."""
    times: list[float] = []
    while len(times) < 3 or (len(times) < 7 and sum(times) < 0.1):
        began = time.perf_counter()
        update()
        times.append(time.perf_counter() - began)
    return min(times[1:])


def seconds_for(batch: int, most: int, measure: Callable[[int], float]) -> float:
    """Seconds of an update on a batch; of one larger than ``most``, from two smaller ones: costs grow evenly."""
    if batch <= most:
        return measure(batch)
    small, large = (measure(size) for size in (most // 2, most))
    return max(large, large + (large - small) * (batch - most) / (most - most // 2))


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Around code that PyTorch shall run on ``count`` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
