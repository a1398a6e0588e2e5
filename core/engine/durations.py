"""How long runs took: on this machine, kept in a file, or those of the presets on the machine that measured them."""

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
"""The seconds of the runs of all presets, by the names of their recordings, measured by
``python -m benchmarks.estimates``, and the ``machine_speed`` there.
"""
_FREE = {"seed", "learning_rate", "epochs", "noise"}
"""Settings that change how many updates a run has, but hardly how long one takes."""
_MAX_KEPT = 500


class Durations:
    """Seconds per unit of `Topic.work` of runs that have ended, by topic and settings. Safe to use from any thread."""

    def __init__(self, file: Path):
        self._file, self._lock = file, threading.Lock()
        self._seconds: dict[str, float] = {}
        with contextlib.suppress(OSError, ValueError):
            self._seconds = json.loads(file.read_text(encoding="utf-8"))

    def note(self, run: Run) -> None:
        """Keep how long a run took that is done, unless the size of its updates has changed."""
        if not (run.latest and run.latest.step) or any(change.name == "batch_size" for change in run.changes):
            return
        with self._lock:
            key = _key(run.topic, run.config)
            self._seconds.pop(key, None)
            self._seconds[key] = run.elapsed / run.work(run.latest.step, run.latest.total)
            self._seconds = dict(list(self._seconds.items())[-_MAX_KEPT:])
            with contextlib.suppress(OSError):  # a full disk: it is known until the server ends
                self._file.write_text(json.dumps(self._seconds), encoding="utf-8")

    def seconds_per_update(self, topic: str, config: RunConfig) -> float | None:
        """Return the seconds per update, or other unit of work, of the last run like this one, if there was one."""
        return self._seconds.get(_key(topic, config))


def preset_seconds(name: str) -> float:
    """Return the seconds that the run of a preset takes on this machine, if it is as fast as a product of matrices
    tells. ``name`` is that of its recording.
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
    values.pop("cpu_optimizations", None)  # the fastest ones of this machine
    if values.get("device") == "cpu":  # as those that were kept before there was a choice
        del values["device"]
    return json.dumps([topic, values])
