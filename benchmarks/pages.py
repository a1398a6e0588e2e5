"""Time to open each page and view, cold and warm, and time to poll its live parts.

A cold opening is the first one, while the server may still prepare its pages. A warm opening is a later one.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import interaction
from benchmarks.interaction import REST
from benchmarks.machine import machine_speed
from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from pages.registry import addresses
from tests.browser.server import Server

PLAYBACK = 5.0  # seconds that a recording plays, as in the app
WARM = 3  # number of warm openings
IDLE = 10  # percent of a core that an idle server uses at most
PATIENCE = 60  # seconds after which the server counts as idle in any case
WATCHED = 4.0  # seconds for which a recording or a run is polled


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`.

    Each page has its own server. The measurements in Chromium share one server.
    """
    yield machine_speed()
    for address in addresses():
        with tempfile.TemporaryDirectory() as runs, Server(runs=Path(runs), playback=PLAYBACK) as server:
            time.sleep(REST)
            yield from _page(server, address)
    yield from interaction.figures()


def _page(server: Server, address: str) -> Iterator[Figure]:
    name = address or "welcome"
    yield Figure(f"{name}: cold opening", [_opening(server, address)], "s", at_most=0.5)
    _wait_until_idle(server)
    yield Figure(f"{name}: warm opening", [_opening(server, address) for _ in range(WARM)], "s", at_most=0.15)
    polls = []
    with Viewer(server.url, address) as viewer:
        if not viewer.moving and "Train" in viewer.buttons:
            viewer.press("Train")
        end = time.monotonic() + WATCHED
        while viewer.moving and time.monotonic() < end:
            polls.append(viewer.poll())
    if viewer.errors:
        raise RuntimeError(viewer.errors)
    if polls:
        yield Figure(f"{name}: a poll", polls, "s", at_most=0.05)


def _wait_until_idle(server: Server) -> None:
    process, end = psutil.Process(server.process.pid), time.monotonic() + PATIENCE
    while process.cpu_percent(interval=1) > IDLE and time.monotonic() < end:
        pass


def _opening(server: Server, address: str) -> float:
    """Return the seconds until a page is complete in a new session."""
    began = time.perf_counter()
    with Viewer(server.url, address) as viewer:
        seconds = time.perf_counter() - began
    if viewer.errors:
        raise RuntimeError(viewer.errors)
    return seconds
