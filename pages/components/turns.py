"""Limit the number of sessions that draw at the same time.

Python's threads share one processor core. If a whole class of students opened a page at once, each drawing would take
as long as all of them together.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_WAIT = 1.0
"""Maximum number of seconds that a drawing waits. Then it starts anyway, because other drawings may take long."""


_thread = threading.local()


class Turns:
    """A limit of ``at_once`` concurrent drawings. Further drawings wait until one ends, or for MAX_WAIT seconds."""

    def __init__(self, at_once: int):
        self._free = threading.Semaphore(at_once)
        self.drawing: set[int] = set()
        """The threads that are drawing or waiting for a turn."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and release it at the end of the block. A part that is drawn with its page needs no turn."""
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
"""The turns for drawing whole pages."""
parts = Turns(2)
"""The turns for drawing single parts of pages. They are separate because parts are fast and need not wait for pages."""


def n_drawing() -> int:
    """Return the number of pages and parts that are drawing or waiting for a turn."""
    return len(pages.drawing) + len(parts.drawing)
