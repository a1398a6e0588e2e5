"""The redraw interval of live parts of pages, which grows with the processor load."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

POLL = 0.4
"""Minimum number of seconds between two drawings of a live part."""
TRAINING = 0.8
"""Minimum number of seconds between two drawings of the charts of a run in training. Each drawing uses up to 0.3 s of
processor time in the browser, which slows down training on the same machine.
"""
WAITING = 2.0
"""Number of seconds between two drawings while a run waits in the queue."""
_MAX_POLL = 4.0
_SHARE = 0.25  # maximum fraction of a core for drawing live parts; above it, live parts are drawn less often
_PERIOD = 2.0  # seconds over which the load is measured


class Pace:
    """The redraw interval of the live parts of pages.

    The interval adapts to the processor time that was recently spent on drawing. All sessions share one `Pace`.
    """

    def __init__(self) -> None:
        self.interval = POLL
        """Number of seconds between two drawings of a live part."""
        self._lock = threading.Lock()
        self._spent, self._since = 0.0, time.monotonic()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Measure the processor time of the ``with`` block, and adapt the redraw interval to the load."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add(time.thread_time() - began, now=time.monotonic())

    def add(self, seconds: float, *, now: float) -> None:
        """Record a drawing that took ``seconds`` of processor time and ended at ``now``, a `time.monotonic` value."""
        with self._lock:
            self._spent += seconds
            if now - self._since >= _PERIOD:
                load = self._spent / (now - self._since)
                self.interval = min(_MAX_POLL, max(POLL, self.interval * load / _SHARE))
                self._since, self._spent = now, 0.0


pace = Pace()
