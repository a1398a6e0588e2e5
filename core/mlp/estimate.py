"""How long a run will take on this machine, measured on a few of its own updates."""

import time
from functools import lru_cache
from itertools import repeat

from core.mlp.config import MLPConfig
from core.mlp.data import Task
from core.mlp.ways import start

_TRIED = 3  # updates that are timed


def estimate_seconds(config: MLPConfig) -> float:
    """Seconds that the run would take here, from the fastest of a few updates of every way."""
    timed = config.model_copy(update={"epochs": 1, "learning_rate": 1e-9, "seed": 0, "noise": min(config.noise, 0.1)})
    return _seconds_per_update(timed) * config.updates


@lru_cache(maxsize=64)
def _seconds_per_update(config: MLPConfig) -> float:
    task = Task(config)
    task.batch(0)
    began = time.perf_counter()
    batch = task.batch(0)
    seconds = time.perf_counter() - began
    for way in config.ways:
        training = start(config, way, repeat(batch))
        next(training)
        times = []
        for _ in range(_TRIED):
            began = time.perf_counter()
            next(training)
            times.append(time.perf_counter() - began)
        seconds += min(times)
    return seconds
