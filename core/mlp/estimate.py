"""How long a run will take on this machine, measured on its own first updates."""

import time
from functools import lru_cache
from statistics import median

from core.mlp.config import MLPConfig
from core.mlp.training import keyframe_steps, train

_BUDGET = 0.3  # seconds that the measurement may take
_TRIED = 20  # updates that it looks at, of which the first ten are keyframes


def estimate_seconds(config: MLPConfig) -> float:
    """Seconds that the run would take here, from its first updates; measured once for each cost."""
    return _estimate(config.model_copy(update={"learning_rate": 1e-9, "seed": 0, "threads": 1}))


@lru_cache(maxsize=64)
def _estimate(config: MLPConfig) -> float:
    keyframes, times = keyframe_steps(config.updates), {True: [], False: []}
    training = train(config)
    next(training)
    began = last = time.perf_counter()
    for event in training:
        now = time.perf_counter()
        times[event.step in keyframes].append(now - last)
        last = now
        if now - began > _BUDGET or event.step >= _TRIED:
            break
    training.close()
    measured = median(times[True])
    update = median(times[False]) if times[False] else measured
    return len(keyframes) * measured + max(0, config.updates - len(keyframes)) * update
