"""Durations of runs, measured on this machine or, for the presets, on a reference machine."""

import contextlib
import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

from core.engine.run import Run
from core.training.config import RunConfig
from core.training.timing import NotMeasuredError, machine_speed

PRESET_SECONDS = Path(__file__).with_name("preset_seconds.json")
"""File with the run time of each preset in seconds, by the name of its recording, and the ``machine_speed`` of the
reference machine. ``python -m benchmarks.estimates`` measures them and writes the file.
"""
_FREE = {"seed", "learning_rate", "epochs", "noise"}
"""Settings that hardly affect the time per update."""
_MAX_KEPT = 500


class Durations:
    """The training times of finished runs, in seconds per unit of work (see `Topic.work`), by topic and settings.

    The values are stored in ``file`` as JSON. Safe to use from any thread.
    """

    def __init__(self, file: Path):
        self._file, self._lock = file, threading.Lock()
        self._seconds: dict[str, float] = {}
        with contextlib.suppress(OSError, ValueError):
            self._seconds = json.loads(file.read_text(encoding="utf-8"))

    def note(self, run: Run) -> None:
        """Store the duration of a finished run, in seconds per unit of work.

        Runs without updates and runs whose batch size was changed during training are ignored.
        """
        if not (run.latest and run.latest.step) or any(change.name == "batch_size" for change in run.changes):
            return
        with self._lock:
            key = _key(run.topic, run.config)
            self._seconds.pop(key, None)
            self._seconds[key] = run.elapsed / run.work(run.latest.step, run.latest.total)
            self._seconds = dict(list(self._seconds.items())[-_MAX_KEPT:])
            with contextlib.suppress(OSError):  # a full disk: the duration is kept until the server stops
                self._file.write_text(json.dumps(self._seconds), encoding="utf-8")

    def seconds_per_update(self, topic: str, config: RunConfig) -> float | None:
        """Return the time in seconds that the most recent similar run took per unit of work (see `Topic.work`).

        Returns None if there is no similar run. A similar run has the same topic and the same settings, except for
        settings that hardly affect the time per update.
        """
        return self._seconds.get(_key(topic, config))


def preset_seconds(name: str) -> float:
    """Estimate how many seconds a run of a preset takes on this machine.

    The estimate is the run time on a reference machine, scaled by the ratio of the two machines' speeds in a matrix
    multiplication. If the speed of this machine has not been measured yet, the run time is not scaled. ``name`` has the
    form ``<topic>-<preset>``, for example "mnist_cnn-digits".
    """
    measured = _preset_seconds()
    try:
        factor = measured["machine_speed"] / machine_speed()
    except NotMeasuredError:
        factor = 1.0
    return measured["seconds"][name] * factor


@cache
def _preset_seconds() -> dict[str, Any]:
    return json.loads(PRESET_SECONDS.read_text(encoding="utf-8"))


def _key(topic: str, config: RunConfig) -> str:
    values = config.model_dump(mode="json", exclude=(_FREE | config.live) - {"batch_size"})
    values.pop("cpu_optimizations", None)  # always the fastest ones on this machine
    if values.get("device") == "cpu":  # as in older files, which were written before the device could be chosen
        del values["device"]
    return json.dumps([topic, values])
