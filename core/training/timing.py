"""Measure how long code takes on this machine, and estimate how long a run will take. Measurements expire."""

import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial, wraps
from statistics import median
from typing import Generic, TypeVar

import torch

from core.training.config import Config
from core.training.progress import Progress

Result = TypeVar("Result")

FRESH = 120
"""Maximum number of seconds for which a measurement is valid. It is small, since a busy machine may soon be free."""
_STALE = 30  # number of periods of FRESH seconds after which a measurement is repeated in the background
_MAX_KEPT = 256  # maximum number of cached results of a function that measures
_SIDE = 1024  # side of the matrices whose product measures the speed of a machine
BUDGET = 0.3
"""Time budget in seconds for measuring the first updates of a run."""

measuring = threading.RLock()
"""A lock that is held during a measurement until its result is stored: one measurement at a time, and none twice."""


class NotMeasuredError(Exception):
    """Raised if a result has not been measured yet.

    The measurement is queued for the background thread (see `BackgroundMeasuring`).
    """


class BackgroundMeasuring(threading.Thread):
    """A background thread that takes measurements while ``is_idle`` returns true.

    Other threads do not wait for the results. A measurement is discarded if the machine is not idle when the
    measurement ends.
    """

    def __init__(self, is_idle: Callable[[], bool], *, pause: float = 1.0):
        """Create the thread without starting it.

        ``pause`` is the time in seconds between two checks for queued measurements.
        """
        super().__init__(name="measuring", daemon=True)
        self._is_idle, self._pause, self._stopping = is_idle, pause, threading.Event()
        self._wanted: dict[Hashable, Callable[[], object]] = {}

    def want(self, key: Hashable, measure: Callable[[], object]) -> None:
        """Queue a measurement, which replaces any queued measurement with the same ``key``.

        Other threads call this method.
        """
        self._wanted[key] = measure

    def keeps(self) -> bool:
        """Return whether to keep a measurement that has just ended.

        A measurement is kept only if the machine is idle, because other work makes measurements unreliable.
        """
        return self._is_idle()

    def stop(self) -> None:
        """Stop the thread after the current measurement, and return when the thread has ended.

        Queued measurements are discarded.
        """
        self._stopping.set()
        self.join()

    def run(self) -> None:
        """Run the queued measurements while the machine is idle, until `stop` is called."""
        while not self._stopping.wait(self._pause):
            while self._wanted and self._is_idle() and not self._stopping.is_set():
                _key, measure = self._wanted.popitem()
                with suppress(Exception):  # settings that cannot be trained; the page shows the error
                    measure()


background: BackgroundMeasuring | None = None
"""The thread that takes measurements for a server's threads. If it is None, each thread takes its own measurements."""


def measured(function: Callable[..., Result]) -> Callable[..., Result]:
    """Decorate a function that takes measurements: cache its results, which expire after at most FRESH seconds.

    If `background` takes the measurements, a call in another thread returns the latest cached result, even if this
    result has expired. If there is no cached result, the call raises NotMeasuredError.
    """
    kept: dict[tuple[Hashable, ...], tuple[int, Result]] = {}

    @wraps(function)
    def fresh(*arguments: Hashable) -> Result:
        period = int(time.monotonic() / FRESH)
        if arguments in kept and kept[arguments][0] == period:
            return kept[arguments][1]
        if background and threading.current_thread() is not background:
            if arguments not in kept or period - kept[arguments][0] >= _STALE:
                background.want((function, arguments), partial(fresh, *arguments))
            if arguments in kept:
                return kept[arguments][1]
            raise NotMeasuredError
        result = function(*arguments)
        if background is None or background.keeps():
            kept.pop(arguments, None)
            kept[arguments] = period, result
            for oldest in list(kept)[:-_MAX_KEPT]:
                del kept[oldest]
        return result

    fresh.kept, fresh.cache_clear = kept, kept.clear  # type: ignore[attr-defined]
    return fresh


@dataclass(frozen=True)
class RunCost(Generic[Config]):
    """A callable that estimates the duration of a run.

    The estimate is a sum over the kinds of operations in the run. Each term is the measured duration of one operation
    times the number of operations of this kind.
    """

    measure: Callable[[Config], Sequence[float]]
    """Measure and return the duration of each kind of operation in seconds."""
    counts: Callable[[Config], Sequence[float]]
    """Return the number of operations of each kind in a run."""
    same_cost: Callable[[Config], Config]
    """Return normalized settings. They are equal for runs whose operations have the same cost."""

    def __call__(self, config: Config) -> float:
        """Return the estimated duration in seconds of a run on this machine.

        Raises NotMeasuredError if the operations have not been measured yet.
        """
        with measuring:
            costs = measure_once(self.measure, self.same_cost(config))
        return sum(count * cost for count, cost in zip(self.counts(config), costs, strict=True))


@measured
def measure_once(measure: Callable[[Config], Sequence[float]], config: Config) -> Sequence[float]:
    """Return the result of ``measure(config)``, or the cached result of an earlier call (see `measured`).

    ``measure`` runs with the number of threads in ``config``.
    """
    with threads(config.threads):
        return measure(config)


@measured
def machine_speed() -> float:
    """Measure the speed of a single-threaded matrix product, in floating-point operations per nanosecond."""
    a = torch.ones(_SIDE, _SIDE)
    with threads(1):
        return 2 * _SIDE**3 / seconds(lambda: a @ a) / 1e9


def seconds(update: Callable[[], object]) -> float:
    """Measure the duration of ``update`` in seconds.

    ``update`` is called several times, and the duration of the first call is ignored. The result is the minimum over
    the later calls, since other work can only slow a call down.
    """
    times: list[float] = []
    while len(times) < 3 or (len(times) < 7 and sum(times) < 0.1):
        times.append(seconds_once(update))
    return min(times[1:])


def seconds_once(operation: Callable[[], object]) -> float:
    """Call ``operation`` once, and return the duration of the call in seconds."""
    began = time.perf_counter()
    operation()
    return time.perf_counter() - began


def median_seconds(
    update: Callable[[int], object], *, at_least: int = 2, at_most: int = 60, budget: float = BUDGET
) -> float:
    """Measure the first updates of a run, and return their median duration in seconds.

    ``update`` receives the number of the update, counted from 0. Updates are measured until they have taken ``budget``
    seconds in total. At least ``at_least`` and at most ``at_most`` updates are measured.
    """
    times: list[float] = []
    while len(times) < at_least or (len(times) < at_most and sum(times) < budget):
        step = len(times)
        times.append(seconds_once(partial(update, step)))
    return median(times)


def event_seconds(training: Generator[Progress, None, object], *, budget: float = BUDGET) -> list[tuple[int, float]]:
    """Measure the first events of a run after step 0, and return (step, duration) pairs.

    A duration is the time in seconds since the previous event. ``training`` is closed at the first event after
    ``budget`` seconds.
    """
    next(training)
    events, began = [], time.perf_counter()
    last = began
    for event in training:
        now = time.perf_counter()
        events.append((event.step, now - last))
        last = now
        if now - began > budget:
            break
    training.close()
    return events


def seconds_for(batch_size: int, max_batch: int, measure: Callable[[int], float]) -> float:
    """Measure the duration, in seconds, of an update on a batch of ``batch_size`` samples.

    ``measure`` returns the duration for a given batch size. If ``batch_size`` exceeds ``max_batch``, the result is
    extrapolated linearly from the durations for two smaller batches.
    """
    if batch_size <= max_batch:
        return measure(batch_size)
    small, large = (measure(size) for size in (max_batch // 2, max_batch))
    return max(large, large + (large - small) * (batch_size - max_batch) / (max_batch - max_batch // 2))


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Set PyTorch's number of threads to ``count`` for a ``with`` block. Afterward, restore the previous number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
