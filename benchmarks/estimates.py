"""The time to train that the pages show, against the time that the runs of all presets take."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine_speed
from benchmarks.report import Figure
from core import topics
from core.engine import Engine, Run
from core.topics import Topic
from pages.registry import specs

MOST = 40.0
"""Seconds after which a run is stopped; its whole time is then taken to be in proportion to its updates."""


def measure() -> Iterator[Figure]:
    """Measure all figures: by how much each estimate is too long or too short."""
    yield machine_speed()
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        for spec in specs():
            for topic in map(topics.topic, spec.topics):
                for preset in topic.presets:
                    yield _error(engine, topic, preset)


def _error(engine: Engine, topic: Topic, preset: str) -> Figure:
    config = topic.resolve(topic.presets[preset])
    estimate = topic.estimate_seconds(config)
    run = engine.submit(topic, config, title=preset, owner="one")
    with run.changed:
        run.changed.wait_for(lambda: bool(run.latest))
        run.changed.wait_for(lambda: run.state.final, timeout=MOST)
    taken = _whole_time(run)
    run.stop()
    with run.changed:
        run.changed.wait_for(lambda: run.state.final)
    ratio = estimate / taken
    title = f"{topic.name}, {preset}: {estimate:.3g} s said, {taken:.3g} s taken"
    # Nobody waits for less than a second
    return Figure(title, [max(ratio, 1 / ratio)], "times off", at_most=1.5 if max(estimate, taken) > 1 else None)


def _whole_time(run: Run) -> float:
    """Return the seconds that a run has taken, or would."""
    last = run.history()[-1]
    return run.elapsed * (1.0 if run.state.final else last.total / max(1, last.step))
