"""News of runs: the server answers when there is something to show, not before, and more rarely when it is busy."""

import asyncio
import threading
import time
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from core.engine import Run
from core.errors import CoreError
from core.training.progress import Progress
from core.training.state import Change
from pages.components import server
from pages.components.run import news
from tests.core.toy_runs import ToyConfig


@pytest.fixture
def run(monkeypatch) -> Run:
    """A run in training, the only one of the engine."""
    run = Run("f00d", "toy", ToyConfig(), title="")
    run.begin()
    run.add([Progress(0, 10, {})])

    class Engine:
        def find_active(self, run_id: str) -> Run:
            if run_id == run.id:
                return run
            raise CoreError("run_unknown", run=run_id)

    monkeypatch.setattr(server, "engine", Engine)
    monkeypatch.setattr(news, "_PATIENCE", 1.0)
    monkeypatch.setattr(news, "pace", news.Pace())
    news.pace.interval = 0.1
    return run


def ask(**query: str) -> float:
    """Ask for news; return the seconds until the answer."""
    began = time.monotonic()
    scope = {"type": "http", "method": "GET", "path": "/news", "headers": [], "query_string": urlencode(query).encode()}
    asyncio.run(news._answer(Request(scope)))
    return time.monotonic() - began


def test_the_answer_comes_when_there_is_something_new(run):
    assert ask(run="f00d", seen="older") < 0.5
    assert ask(run="f00d", seen=news.version(run)) >= 1  # nothing happened
    seen = news.version(run)
    threading.Timer(0.3, lambda: run.add([Progress(1, 10, {})])).start()
    assert 0.3 <= ask(run="f00d", seen=seen) < 0.9
    assert ask(run="gone", seen="") < 0.5
    assert ask() < 0.5  # of a recording


@pytest.mark.parametrize(
    "happen",
    [
        lambda run: run.add([Progress(1, 10, {})]),
        lambda run: run.pause(),
        lambda run: run.changes.append(Change(0, "steps", 5)),
        lambda run: run.begin_again(died=True),
        lambda run: setattr(run, "notice", CoreError("waiting_for_cluster")),
    ],
)
def test_whatever_a_page_shows_is_new(run, happen):
    seen = news.version(run)
    assert news.version(run) == seen
    happen(run)
    assert news.version(run) != seen


def test_a_busy_server_draws_live_parts_more_rarely():
    pace, now = news.Pace(), time.monotonic()
    for second in range(60):  # as many drawings as the interval lets through: 30 viewers, 0.05 s each
        for _ in range(round(30 / (pace.interval + 0.05))):
            pace.add(0.05, now=now + second)
    assert 30 * 0.05 / (pace.interval + 0.05) == pytest.approx(0.4, rel=0.2)  # of a core
    for second in range(60, 80):  # then one viewer
        pace.add(0.05, now=now + second)
    assert pace.interval == news.POLL
