"""News of runs for the browser: a live part of a page is drawn again when there is something new, and not before.

The part holds an invisible component that asks the route `NEWS`. The server answers when the run has changed, and no
sooner than its `pace` allows.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import CoreError
from pages.components import browser_component

if TYPE_CHECKING:  # the server's script imports this module, and so does every worker: it stays light
    from core.engine import Run

POLL = 0.4
"""Seconds between two drawings of a live part, at least; a browser spends about 0.2 s of a core on each."""
_MAX_POLL = 4.0
_SHARE = 0.4  # of a core, which drawing live parts may take; when they take more, they are drawn more rarely
_PERIOD = 2.0  # seconds over which that is measured
_CHECK = 0.1  # seconds between two looks at a run
_PATIENCE = 30.0  # seconds until an answer without news

_ASSETS = Path(__file__).parent / "news_assets"
_HTML = '<span class="news" hidden></span>'


class Pace:
    """How often live parts are drawn, from the processor time that they took of late. For all sessions together."""

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


def version(run: "Run") -> str:
    """Return a text that is another one whenever a page has something new to show of a run."""
    status = run.status
    notes = (status.attempt, run.notice and run.notice.code, len(run.changes), run.command.paused)
    return "-".join(map(str, (len(run.events), status.state, status.wait and status.wait.runs, *notes)))


def wake(run: "Run | None", seen: str, *, key: str) -> None:
    """Let the browser draw this fragment again when a run is no longer as it was ``seen``; without one, after a while.

    Call it in a fragment. ``key`` is that of the component.
    """
    query = {"run": run.id, "seen": seen} if run else {}
    render = browser_component.register("news", _ASSETS, ("news.js",), _HTML)
    render(key=key, data={"address": f"news?{urlencode(query)}"}, on_news_change=lambda: None)


async def _answer(request: Request) -> Response:
    from pages.components.server import engine

    await asyncio.sleep(pace.interval)
    run_id, seen = request.query_params.get("run"), request.query_params.get("seen")
    end = time.monotonic() + _PATIENCE
    while run_id and time.monotonic() < end:
        try:
            if version(engine().find_active(run_id)) != seen:
                break
        except CoreError:  # it has ended
            break
        await asyncio.sleep(_CHECK)
    return PlainTextResponse(str(time.time()), headers={"Cache-Control": "no-store"})


NEWS = Route("/news", _answer)
