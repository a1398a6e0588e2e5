"""Limit the number of sessions that draw at the same time.

Python's threads share one processor core. If a whole class of students opened a page at once, each drawing would take
as long as all drawings together.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_WAIT = 1.0
"""Maximum time, in seconds, that a drawing waits. Then it starts anyway, because others may take a long time."""


_thread = threading.local()


class Turns:
    """A limit on the number of pages, or page parts, that are drawn at the same time.

    The limit is ``at_once``. A drawing that would exceed the limit waits for a turn. If the drawing has no turn after
    MAX_WAIT seconds, it starts without a turn.
    """

    def __init__(self, at_once: int):
        self._free, self._changed = at_once, threading.Condition()
        self._preferred_waiting = 0
        self.drawing: set[int] = set()
        """The ids of the threads that are drawing or waiting for a turn."""

    @contextmanager
    def turn(self, *, preferred: bool = False) -> Iterator[None]:
        """Wait for a turn before the ``with`` block, and release the turn after the block.

        If ``preferred`` is true, this drawing gets a turn before all waiting drawings that are not preferred. A nested
        call in the same thread does not wait, because a part that is drawn with its page needs no turn of its own.
        """
        if getattr(_thread, "draws", False):
            yield
            return
        thread = threading.get_ident()
        has_turn = False
        self.drawing.add(thread)
        try:
            has_turn, _thread.draws = self._take(preferred), True
            yield
        finally:
            _thread.draws = False
            self.drawing.discard(thread)
            if has_turn:
                with self._changed:
                    self._free += 1
                    self._changed.notify_all()

    def _take(self, preferred: bool) -> bool:
        """Wait for a free turn, and take it. Return False if MAX_WAIT has passed."""
        with self._changed:
            self._preferred_waiting += preferred
            try:
                has_turn = self._changed.wait_for(
                    lambda: self._free and (preferred or not self._preferred_waiting), timeout=MAX_WAIT
                )
            finally:
                self._preferred_waiting -= preferred
                self._changed.notify_all()
            self._free -= bool(has_turn)
            return bool(has_turn)


pages = Turns(2)
"""The turns for drawing whole pages."""
parts = Turns(2)
"""The turns for drawing single parts of pages. They are separate, so that a fast part never waits for a page."""


def n_drawing() -> int:
    """Return the number of pages and page parts that are being drawn or are waiting for a turn."""
    return len(pages.drawing) + len(parts.drawing)
