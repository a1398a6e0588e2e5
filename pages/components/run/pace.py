"""How often live parts of pages are drawn: more rarely when they take much of the processor."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

POLL = 0.4
"""Seconds between two drawings of a live part, at least."""
TRAINING = 0.8
"""Seconds between two drawings of the charts of a run that trains, at least. A browser spends up to 0.3 s of a core on
each, which the training on the same machine lacks.
"""
WAITING = 2.0
"""Seconds between two drawings while a run waits for others."""
_MAX_POLL = 4.0
_SHARE = 0.25  # of a core, which drawing live parts may take; when they take more, they are drawn more rarely
_PERIOD = 2.0  # seconds over which that is measured


class Pace:
    """The interval of live parts, from the processor time that they took of late. For all sessions together."""

    def __init__(self) -> None:
        self.interval = POLL
        """Seconds between two drawings of a part."""
        self._lock = threading.Lock()
        self._spent, self._since = 0.0, time.monotonic()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Count the processor time of a drawing, and adapt the interval."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add(time.thread_time() - began, now=time.monotonic())

    def add(self, seconds: float, *, now: float) -> None:
        """Count the processor time of a drawing that ended ``now``."""
        with self._lock:
            self._spent += seconds
            if now - self._since >= _PERIOD:
                load = self._spent / (now - self._since)
                self.interval = min(_MAX_POLL, max(POLL, self.interval * load / _SHARE))
                self._since, self._spent = now, 0.0


pace = Pace()
