"""Limit the number of sessions that draw at the same time.

Python's threads share one processor core: if all sessions of a class drew at once, each would take as long as all
together.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_WAIT = 1.0
"""Maximum seconds that a drawing waits. Then it starts anyway, because other drawings may take long."""


_thread = threading.local()


class Turns:
    """Allows ``at_once`` concurrent drawings. Others wait until one ends, or for MAX_WAIT seconds."""

    def __init__(self, at_once: int):
        self._free = threading.Semaphore(at_once)
        self.drawing: set[int] = set()
        """The threads that are drawing or waiting for a turn."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and release it at the end. A part that is drawn with its page needs no turn."""
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
"""For parts of pages that are drawn alone. They are fast, so a poll does not wait for pages."""


def n_drawing() -> int:
    """Return the number of pages and parts that are drawing or waiting for a turn."""
    return len(pages.drawing) + len(parts.drawing)
