"""The estimated training times that the pages display, compared with actual runs of all presets.

``python -m benchmarks.estimates`` writes the measured times for `core.engine.durations.preset_seconds`.
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

MAX_SECONDS = 40.0
"""Training time in seconds after which a run is stopped. The time for the remaining updates is extrapolated."""


def measure() -> Iterator[Figure]:
    """Yield the speed of the machine, then a figure for each preset.

    The figure is the factor by which the estimated training time of the preset is too long or too short.
    """
    yield products_figure()
    for engine, topic, preset in _presets():
        yield _error(engine, topic, preset)


def write() -> None:
    """Measure the runs of all presets, and write their times to PRESET_SECONDS."""
    seconds = {f"{topic.name}-{preset}": _train(engine, topic, preset)[0] for engine, topic, preset in _presets()}
    written = {
        "machine_speed": round(machine_speed(), 1),
        "seconds": {name: float(f"{value:.3g}") for name, value in seconds.items()},
    }
    PRESET_SECONDS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def _presets() -> Iterator[tuple[Engine, Topic, str]]:
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        for spec in specs():
            for topic in map(topics.topic, spec.topics):
                if "." in topic.name:
                    continue  # trained only for another topic: no page starts these runs
                for preset in topic.presets:
                    yield engine, topic, preset


def _error(engine: Engine, topic: Topic, preset: str) -> Figure:
    estimate, (seconds, complete) = topic.estimate_seconds(topic.presets[preset]), _train(engine, topic, preset)
    ratio = estimate / seconds
    ended = "" if complete else ", stopped early"
    title = f"{topic.name}, {preset}: {estimate:.1f} s estimated, {seconds:.1f} s measured{ended}"
    counts = complete and max(estimate, seconds) > 1  # nobody waits for less than a second
    return Figure(title, [max(ratio, 1 / ratio)], "times too long or short", at_most=1.5 if counts else None)


def _train(engine: Engine, topic: Topic, preset: str) -> tuple[float, bool]:
    """Return the seconds of a run, extrapolated after MAX_SECONDS, and whether the run goes to its last update."""
    config = topic.resolve(topic.presets[preset])
    run = engine.submit(topic, config, title=preset, owner="one")
    with run.changed:
        run.changed.wait_for(lambda: run.state.final or bool(run.latest and run.latest.step))
        before = run.elapsed
        run.changed.wait_for(lambda: run.state.final, timeout=MAX_SECONDS)
    last, ended = run.history()[-1], run.state.final
    seconds = run.elapsed
    run.stop()
    with run.changed:
        run.changed.wait_for(lambda: run.state.final)
    if ended:
        return seconds, last.step == last.total
    return before + (seconds - before) * last.total / last.step, True


if __name__ == "__main__":
    write()
