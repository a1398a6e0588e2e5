"""Turns at the server's processor, of which Python's threads share one: few draw at a time, and soon.

Were all sessions of a class to draw at once, each would take as long as all of them together.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds after which a drawing begins without a turn: others may wait for something."""


class Turns:
    """Turns for drawings of one kind, of which a few may draw at a time."""

    def __init__(self, at_once: int):
        self._free = threading.Semaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, no longer than PATIENCE, and give it back at the end."""
        has_turn = self._free.acquire(timeout=PATIENCE)
        try:
            yield
        finally:
            if has_turn:
                self._free.release()


pages = Turns(2)
"""Those of whole pages."""
parts = Turns(2)
"""Those of parts of pages that are drawn alone: a poll does not wait for pages."""
