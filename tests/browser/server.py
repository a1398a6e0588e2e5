"""The app as its users start it, and a Chromium; for the tests, the screenshots and the benchmarks."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.install import find_browser

ROOT = Path(__file__).parents[2]


class Server:
    """A server on a free port, with its own folder of runs; a context manager."""

    def __init__(self, *, runs: Path, playback: float = 0.5):
        """``playback`` is the time that a recording takes to play, in seconds."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url, self.runs, self.playback = f"http://127.0.0.1:{self.port}", runs, playback

    def __enter__(self) -> "Server":
        self._log = tempfile.TemporaryFile("w+")
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options],
            cwd=ROOT,
            env=os.environ | {"PLAYGROUND_RUNS": str(self.runs), "PLAYGROUND_PLAYBACK": str(self.playback)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + 60
        while not self._healthy():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The server did not start:\n{self.log}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self._log.close()

    @property
    def log(self) -> str:
        """The output of the server so far."""
        self._log.seek(0)
        return self._log.read()

    def _healthy(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """Open a Chromium without a window. Its profile keeps compiled scripts, so that later pages open faster."""
    path = find_browser()
    if path is None:
        raise RuntimeError("There is no browser: python -m tests.browser.install")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    options += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a camera for everybody
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(profile, executable_path=path, args=options)
        yield browser
        browser.close()
