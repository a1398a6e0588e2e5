"""Response time of the Step button on a paused run while all workers train other people's runs."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine_speed
from benchmarks.report import Figure
from core import topics
from core.engine import Engine, Run
from core.engine.cluster import local_lanes
from core.training.config import RunConfig

STEPS = 20
GOAL = 0.3  # seconds, for 95% of the steps
THINK = 0.3  # seconds that a person waits between two steps
STEPPED = (("manual_mlp", "digits"), ("playground", "spiral"), ("mnist_cnn", "digits"), ("mnist_cnn", "tutorial"))
"""Topic and preset of each run that is stepped."""
TIMEOUT = 60.0  # seconds after which a step counts as lost


def measure() -> Iterator[Figure]:
    """Yield the speed of the machine, then the response times of Step for each run in STEPPED.

    The response times are measured for one person, and for two people who take turns.
    """
    yield machine_speed()
    resolved = {name: _resolved(*name) for name in STEPPED}  # measured while nothing trains
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder)) as engine:
        _saturate(engine)
        for (topic, preset), config in resolved.items():
            runs = [
                engine.submit(topics.topic(topic), config, title=preset, owner=owner, paused=True)
                for owner in ("one", "two")
            ]
            for run in runs:
                _wait_for_event(run, 0)
            name = f"{topic}, {preset}: Step"
            yield from _figures(name, [_step(run) for run in runs[:1] * STEPS])
            yield from _figures(f"{name} after another person's step", [_step(run) for run in runs * (STEPS // 2)])
            for run in runs:
                run.stop()


def _resolved(topic: str, preset: str, **changes: object) -> RunConfig:
    config = topics.topic(topic).presets[preset].changed(**changes)
    return topics.topic(topic).resolve(config)


def _saturate(engine: Engine) -> None:
    """Give each worker a run that outlasts the benchmark, and queue as many others."""
    endless = {
        "long": ("mnist_cnn", _resolved("mnist_cnn", "tutorial", epochs=100)),
        "short": ("manual_mlp", _resolved("manual_mlp", "digits", epochs=100)),
    }
    for lane, workers in local_lanes().items():
        if lane not in endless:
            continue
        topic, config = endless[lane]
        runs = [
            engine.submit(topics.topic(topic), config, title=lane, owner=f"{lane} {number}", short=lane == "short")
            for number in range(2 * workers)
        ]
        for run in runs[:workers]:
            _wait_for_event(run, 1)


def _step(run: Run) -> float:
    """Return the seconds from Step to its event."""
    time.sleep(THINK)
    seen, began = len(run.events), time.perf_counter()
    run.step()
    _wait_for_event(run, seen)
    return time.perf_counter() - began


def _wait_for_event(run: Run, number: int) -> None:
    with run.changed:
        if not run.changed.wait_for(lambda: len(run.events) > number, TIMEOUT):
            raise RuntimeError(f"No event {number} of {run.topic}: {run.status}")


def _figures(name: str, seconds: list[float]) -> Iterator[Figure]:
    yield Figure(f"{name}, median", seconds, "s")
    yield Figure(f"{name}, 95%", seconds, "s", quantile=0.95, at_most=GOAL)
