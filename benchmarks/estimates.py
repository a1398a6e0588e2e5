"""The time to train that the pages show, against the time that the runs of all presets take.

``python -m benchmarks.estimates`` writes these times for `core.engine.durations.preset_seconds`.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine_speed as products_figure
from benchmarks.report import Figure
from core import topics
from core.engine import Engine
from core.engine.durations import PRESET_SECONDS
from core.topics import Topic
from core.training.timing import machine_speed
from pages.registry import specs

MOST = 40.0
"""Seconds after which a run is stopped; its whole time is then taken to be in proportion to its updates."""


def measure() -> Iterator[Figure]:
    """Measure all figures: by how much each estimate is too long or too short."""
    yield products_figure()
    for engine, topic, preset in _presets():
        yield _error(engine, topic, preset)


def write() -> None:
    """Write the times of the runs of all presets."""
    times = {
        f"{topic.name}-{preset}": round(_taken(engine, topic, preset)[0], 2) for engine, topic, preset in _presets()
    }
    measured = {"machine_speed": round(machine_speed(), 1), "seconds": times}
    PRESET_SECONDS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _presets() -> Iterator[tuple[Engine, Topic, str]]:
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        for spec in specs():
            for topic in map(topics.topic, spec.topics):
                if "." in topic.name:
                    continue  # trained in another topic's service: no page starts it
                for preset in topic.presets:
                    yield engine, topic, preset


def _error(engine: Engine, topic: Topic, preset: str) -> Figure:
    estimate, (taken, whole) = topic.estimate_seconds(topic.presets[preset]), _taken(engine, topic, preset)
    ratio = estimate / taken
    title = f"{topic.name}, {preset}: {estimate:.3g} s said, {taken:.3g} s taken" + ("" if whole else ", ended early")
    counts = whole and max(estimate, taken) > 1  # nobody waits for less than a second
    return Figure(title, [max(ratio, 1 / ratio)], "times off", at_most=1.5 if counts else None)


def _taken(engine: Engine, topic: Topic, preset: str) -> tuple[float, bool]:
    """Return the seconds that a run has taken, or would if it were not stopped after MOST, and whether it went to its
    last update.
    """
    config = topic.resolve(topic.presets[preset])
    run = engine.submit(topic, config, title=preset, owner="one")
    with run.changed:
        run.changed.wait_for(lambda: bool(run.latest))
        run.changed.wait_for(lambda: run.state.final, timeout=MOST)
    last, ended = run.history()[-1], run.state.final
    run.stop()
    with run.changed:
        run.changed.wait_for(lambda: run.state.final)
    if ended:
        return run.elapsed, last.step == last.total
    return run.elapsed * last.total / last.step, True


if __name__ == "__main__":
    write()
