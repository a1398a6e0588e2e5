"""The app with a class: 1, 10, and 30 learners open all pages, move sliders, start runs, and watch them.

In the largest class, five cameras also send frames for classification. The learners run in processes of their own, so
that their processor time is counted separately.
"""

import json
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psutil

from benchmarks.learner import WAITING, Diary, Start, attend
from benchmarks.machine import machine_speed, memory, processor_times
from benchmarks.pages import PLAYBACK, REST
from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from pages.registry import addresses
from tests.browser.server import Server

LESSONS = {1: 120, 10: 60, 30: 150}
"""Duration of a lesson in seconds for each number of learners. Only the largest class has goals."""
CAMERAS = 5  # cameras in the largest class
PER_PROCESS = 10  # learners in a process
SAMPLED = 5.0  # seconds between two memory measurements
GROWTH = 60.0  # last seconds of a lesson, in which memory growth is measured
LOST = ("Failed", "Recording")  # displayed states of a run without a result, and of an unknown run


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`. Each class has its own server."""
    yield machine_speed()
    for learners, seconds in LESSONS.items():
        with tempfile.TemporaryDirectory() as runs, Server(runs=Path(runs), playback=PLAYBACK) as server:
            time.sleep(REST)
            for figure in _lesson(server, learners, seconds):
                yield replace(figure, name=f"{learners} learner{'s' * (learners > 1)}: {figure.name}")


def _lesson(server: Server, learners: int, seconds: float) -> Iterator[Figure]:
    context = multiprocessing.get_context("spawn")
    n_processes = math.ceil(learners / PER_PROCESS)
    ready = context.Barrier(n_processes + 1)
    process = psutil.Process(server.process.pid)
    samples: list[tuple[float, int, int]] = []
    with context.Pool(n_processes, initializer=_wait_for_all, initargs=(ready,)) as pool:
        ready.wait()
        begin, before = time.time(), processor_times(process)
        groups = [range(first, learners, n_processes) for first in range(n_processes)]
        cameras = [CAMERAS if learners == max(LESSONS) and not number else 0 for number in range(n_processes)]
        tasks = [
            (server.url, addresses(), group, learners, n_cameras, begin, begin + seconds)
            for group, n_cameras in zip(groups, cameras, strict=True)
        ]
        pending = pool.starmap_async(attend, tasks, chunksize=1)
        while not pending.ready():
            samples.append((time.time(), *memory(process)))
            pending.wait(SAMPLED)
        spent = [end - start for start, end in zip(before, processor_times(process), strict=True)]
        diary = Diary()
        for one in pending.get():
            diary.add(one)
    strict = learners == max(LESSONS)
    yield from _latencies(diary, strict=strict)
    yield from _runs(server, diary)
    yield from _errors(server, diary)
    yield from _growth(samples, strict=strict)
    yield Figure("processor time of the learners", [sum(diary.processor)], "s")
    yield Figure("processor time of the server", spent[:1], "s")
    yield Figure("processor time of its workers", spent[1:], "s")


def _wait_for_all(ready: Barrier) -> None:
    ready.wait()


def _latencies(diary: Diary, *, strict: bool) -> Iterator[Figure]:
    """Yield the median and the 95th percentile of each kind of waiting time.

    If ``strict`` is true, the 95th percentiles have goals.
    """
    for name, values, goal in (
        ("time to open a page", diary.openings, 2),
        ("a poll", diary.polls, 0.25),
        ("response to a slider", diary.slides, 0.7),
        ("from Train to the first event, or until the learner gives up", diary.first_news, None),
        ("a camera's prediction", diary.frames, None),
    ):
        if values:
            yield Figure(f"{name}, median", values, "s")
            yield Figure(f"{name}, 95%", values, "s", quantile=0.95, at_most=goal if strict else None)
    if diary.rates:
        yield Figure("predictions per second, per camera", diary.rates)


def _runs(server: Server, diary: Diary) -> Iterator[Figure]:
    """Yield the number of runs that were started, and their outcomes."""
    now, starts = time.time(), [start for start in diary.starts if start.run not in diary.replaced]
    cards = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in server.runs.glob("*/run.json")}
    ended = [cards[start.run] for start in starts if start.run in cards]
    states = {start: _state(server, start) for start in starts if start.run not in cards}
    waiting = [start for start, state in states.items() if state.startswith(WAITING)]
    lost = [start for start, state in states.items() if state.startswith(LOST)]
    waits = [card["started"] - card["created"] for card in ended] + [now - start.pressed for start in waiting]
    if waits:
        yield Figure("time in the queue, median", waits, "s")
        yield Figure("time in the queue, 95%", waits, "s", quantile=0.95)
    yield Figure("runs started", [len(diary.starts)])
    yield Figure("runs refused because of a full queue", [len(diary.refused)])
    yield Figure("runs replaced after a slider move", [len(diary.replaced)])
    yield Figure("runs without an event when the learner left", [len(diary.unseen)])
    yield Figure("runs finished", [sum(card["state"] == "done" for card in ended)])
    yield Figure("runs waiting at the end of the lesson", [len(waiting)])
    yield Figure("runs lost", [len(lost) + sum(card["state"] == "failed" for card in ended)], at_most=0)
    yield Figure("runs whose worker died", [sum(card["attempt"] > 1 for card in ended)], at_most=0)


def _state(server: Server, start: Start) -> str:
    """Return the state of a run as its page displays it to another person."""
    with Viewer(server.url, f"{start.address}{'&' if '?' in start.address else '?'}run={start.run}") as viewer:
        return viewer.state


def _errors(server: Server, diary: Diary) -> Iterator[Figure]:
    log = server.log
    logged = [line for line in log.splitlines() if "Traceback" in line or "ERROR" in line]
    print(*diary.errors, *([log] if logged else []), sep="\n", end="", file=sys.stderr)
    yield Figure("errors on pages and lost connections", [len(diary.errors)], at_most=0)
    yield Figure("errors in the server's log", [len(logged)], at_most=0)


def _growth(samples: Sequence[tuple[float, int, int]], *, strict: bool) -> Iterator[Figure]:
    """Yield the memory use at the end of the lesson and its growth in the last minute.

    The workers' memory use depends on the networks in training: the state of the tutorial's CNN takes 310 MB.
    """
    moments, own, workers = zip(*samples, strict=True)
    parts = {"the server": own, "its workers": workers, "both": tuple(map(sum, zip(own, workers, strict=True)))}
    for name, used in parts.items():
        yield Figure(f"memory of {name}", [used[-1] / 1e6], "MB")
    if moments[0] < moments[-1] - 1.5 * GROWTH:  # else the learners have only just arrived
        then = max(at for at, moment in enumerate(moments) if moment <= moments[-1] - GROWTH)
        for name, used in parts.items():
            goal = 2 if strict and name == "both" else None
            growth = 100 * (used[-1] / used[then] - 1)
            yield Figure(f"memory growth of {name} in the last minute", [growth], "%", at_most=goal)
