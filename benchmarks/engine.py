"""The overhead of the engine over a bare loop, and the overhead of a page that shows a run."""

import json
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import torch

from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from core import topics
from core.engine import Engine, Run, prepare
from core.engine.states import interval
from core.topics import Topic
from core.topics.manual_mlp.config import PRESETS
from core.topics.manual_mlp.topic import TOPIC as MANUAL_MLP
from core.topics.manual_mlp.train import train
from core.training.config import RunConfig
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState
from tests.browser.server import Server, chromium

REPEATED = 5
DIGITS = PRESETS["digits"]
LANES = {"long": 1, "short": 1}
BEGINNING = 20  # updates before the clock starts: early updates are slower, because more of them yield events


class TicksConfig(RunConfig):
    """The settings of a run that does not train. Each of its events holds only the time.

    ``events`` is the number of events, and ``pause`` is the time between two events in seconds.
    """

    events: int = 20_000
    pause: float = 0.0


def tick(config: TicksConfig, _resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Yield events that hold the time of their creation, one every ``pause`` seconds (0: as fast as possible)."""
    for step in range(config.events + 1):
        time.sleep(config.pause)
        yield Progress(step, config.events, {"made": time.time()})
    return TrainedModel({"nothing": torch.zeros(1)}, {})


TICKS = Topic(name="ticks", presets={"default": TicksConfig()}, train=tick)


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    yield from _states()
    with tempfile.TemporaryDirectory() as folder:
        yield _start_up(Path(folder) / "start")
        with Engine(folder=Path(folder) / "runs", lanes=LANES) as engine:
            finish(submit(engine, TICKS, TicksConfig(events=10)))
            yield from _events(engine)
            yield from _throughput(engine)
        yield from watched(Path(folder) / "watched", "manual_mlp?epochs=4")


def _states() -> Iterator[Figure]:
    """Yield, for each preset, the maximum seconds of training that are repeated when a worker dies."""
    for name in topics.names():
        if "." in name:
            continue  # trained only for another topic: no page starts these runs
        topic = topics.topic(name)
        for preset, config in topic.presets.items():
            if hasattr(config, "keep_fraction"):
                config = config.changed(keep_fraction=1)  # no data selection before the first update
            prepare(config)
            state = TrainingState()
            training = topic.train(topic.resolve(config), state)
            for event in training:
                if event.step:
                    break
            training.close()
            title = f"{name}, {preset}: maximum repeated training (state: {state.size / 1e6:.1f} MB)"
            yield Figure(title, [interval(state.size)], "s")


def submit(engine: Engine, topic: Topic, config: RunConfig, *, owner: str = "one", short: bool = False) -> Run:
    """Queue a run, with machine-dependent choices resolved, and return it."""
    return engine.submit(topic, topic.resolve(config), title="benchmark", owner=owner, short=short)


def finish(run: Run) -> Run:
    """Wait for the end of a run, check that it has a result, and return it."""
    with run.changed:
        run.changed.wait_for(lambda: run.state.final)
    assert run.result is not None, run.status
    return run


def _start_up(folder: Path) -> Figure:
    values = []
    for _ in range(3):
        began = time.perf_counter()
        with Engine(folder=folder, lanes=LANES) as engine:
            run = submit(engine, TICKS, TicksConfig(events=1))
            with run.changed:
                run.changed.wait_for(lambda run=run: run.events)
            values.append(time.perf_counter() - began)
    return Figure("from the start of the engine to the first event of a run", values, "s")


def _events(engine: Engine) -> Iterator[Figure]:
    rates, delays = [], []
    for _ in range(REPEATED):
        began = time.perf_counter()
        run = finish(submit(engine, TICKS, TicksConfig()))
        rates.append(len(run.history()) / (time.perf_counter() - began))

        run = submit(engine, TICKS, TicksConfig(events=100, pause=0.01))
        seen = 0
        while not run.state.final:
            with run.changed:
                run.changed.wait_for(lambda run=run, seen=seen: len(run.events) > seen or run.state.final)
            now = time.time()
            delays += [(now - event.metrics["made"]) * 1000 for event in run.history(seen)]
            seen = len(run.history())
    yield Figure("events that reach the server", rates, "per s")
    yield Figure("delay of an event (sent every 50 ms)", delays, "ms")


def _bare_loop() -> float:
    """Return the updates per second of the training function in a plain loop: the baseline."""
    prepare(DIGITS)
    for event in train(DIGITS):
        if event.step == BEGINNING:
            began = time.perf_counter()
    return (event.step - BEGINNING) / (time.perf_counter() - began)


def _on_engine(run: Run) -> float:
    """Return the updates per second of a run on the engine, measured as in the bare loop."""
    with run.changed:
        run.changed.wait_for(lambda: run.events and run.events[-1].step >= BEGINNING)
        first, began = run.events[-1].step, time.perf_counter()
        run.changed.wait_for(lambda: run.events[-1].step == run.events[-1].total)
        rate = (run.events[-1].step - first) / (time.perf_counter() - began)
    finish(run)
    return rate


def _throughput(engine: Engine) -> Iterator[Figure]:
    bare, engines, pairs = [], [], []
    _bare_loop()
    for number in range(REPEATED):
        # Alternate the order, so that neither kind always comes second
        for kind in ("bare", "engine")[:: 1 if number % 2 else -1]:
            if kind == "bare":
                bare.append(_bare_loop())
            else:
                engines.append(_on_engine(submit(engine, MANUAL_MLP, DIGITS)))
        began = time.perf_counter()
        two = [submit(engine, MANUAL_MLP, DIGITS, owner=str(lane), short=lane) for lane in (False, True)]
        for run in two:
            finish(run)
        both = time.perf_counter() - began
        began = time.perf_counter()
        finish(submit(engine, MANUAL_MLP, DIGITS))
        pairs.append(2 * (time.perf_counter() - began) / both)
    yield Figure("bare loop", bare, "updates/s")
    yield Figure("engine", engines, "updates/s")
    ratios = [ours / theirs for ours, theirs in zip(engines, bare, strict=True)]
    yield Figure("speed of the engine over the bare loop", ratios, at_least=0.95)
    yield Figure("throughput of two concurrent runs over one", pairs)


def watched(runs: Path, page: str) -> Iterator[Figure]:
    """Yield the response times of polls, and the training speed while a page is polled or open in Chromium.

    The speed is relative to the speed while the page is closed. ``runs`` is the folder in which the server saves runs.
    ``page`` is the path and query of the page.
    """
    polls, times = [], {"alone": [], "polled": [], "Chromium": []}
    with Server(runs=runs) as server, chromium() as browser:
        _train_in(server, page, polls=None)
        for number in range(REPEATED):
            for kind in list(times)[:: 1 if number % 2 else -1]:
                if kind == "Chromium":
                    tab = browser.new_page()
                    tab.goto(f"{server.url}/{page}")
                    tab.get_by_role("button", name="Train", exact=True).click()
                    times[kind].append(_time_of_next_run(server))
                    tab.close()
                else:
                    times[kind].append(_train_in(server, page, polls=polls if kind == "polled" else None))
    yield Figure("a poll of the page while a run trains", [1000 * poll for poll in polls], "ms", at_most=50)
    for kind, goal in (("polled", 0.95), ("Chromium", 0.8)):
        ratios = [alone / watched for alone, watched in zip(times["alone"], times[kind], strict=True)]
        name = {
            "polled": "training speed with a polling page, relative to no page",
            "Chromium": "training speed with Chromium on the same cores, relative to no page",
        }[kind]
        yield Figure(name, ratios, at_least=goal)


def _train_in(server: Server, page: str, *, polls: list[float] | None) -> float:
    """Start a run on a page, and return the run's seconds.

    The page polls and adds its response times to ``polls``. If ``polls`` is None, the page is closed.
    """
    with Viewer(server.url, page) as viewer:
        viewer.press("Train")
        while polls is not None and viewer.moving:
            polls.append(viewer.poll())
    return _time_of_next_run(server)


def _time_of_next_run(server: Server) -> float:
    """Wait for the next saved run and return its seconds, from the start in its worker to the end."""
    while True:
        for card in server.runs.glob("*/run.json"):
            saved = json.loads(card.read_text(encoding="utf-8"))
            card.rename(card.with_name("measured.json"))
            assert saved["state"] == "done", saved
            return saved["finished"] - saved["started"]
        time.sleep(0.1)
