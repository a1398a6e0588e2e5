"""Limits on how many sessions draw at the same time.

Python's threads share one processor: if all sessions of a class drew at once, each would take as long as all together.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_WAIT = 1.0
"""Seconds that a drawing waits at most: then it begins beside the others, which may be busy with something long."""


_thread = threading.local()


class Turns:
    """Lets ``at_once`` drawings begin at a time; each other one waits until one of them has ended, or for MAX_WAIT."""

    def __init__(self, at_once: int):
        self._free = threading.Semaphore(at_once)
        self.drawing: set[int] = set()
        """The threads that draw, or wait for a turn."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and give it back at the end. A part that is drawn with its page needs no turn of its own."""
        if getattr(_thread, "draws", False):
            yield
            return
        thread = threading.get_ident()
        self.drawing.add(thread)
        has_turn, _thread.draws = self._free.acquire(timeout=MAX_WAIT), True
        try:
            yield
        finally:
            _thread.draws = False
            if has_turn:
                self._free.release()
            self.drawing.discard(thread)


pages = Turns(2)
"""For whole pages."""
parts = Turns(2)
"""For parts of pages that are drawn alone, which take less time: a poll does not wait for pages."""


def n_drawing() -> int:
    """Return how many pages and parts are drawn now, or wait for a turn."""
    return len(pages.drawing) + len(parts.drawing)
