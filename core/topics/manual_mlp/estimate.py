"""How long a run will take on this machine, measured on its own first updates."""

import time
from statistics import median

from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.train import keyframe_steps, train
from core.training.timing import measured

_BUDGET = 0.3  # seconds that the measured updates may take
_TRIED = 100  # updates that are measured at the most, many of them keyframes
_WORK = 200_000_000  # multiply-adds of one measured update of one way


def estimate_seconds(config: MLPConfig) -> float:
    """Seconds that the run would take here, from its first updates; measured for each cost.

    Of updates that would take long, a smaller batch is measured, and counted for as much as it is smaller.
    """
    whole = min(config.batch_size, config.samples)
    part = max(1, min(whole, _WORK // (3 * config.parameters)))
    tried = {
        "learning_rate": 1e-9,
        "seed": 0,
        "threads": 1,
        "batch_size": part,
        "samples": max(part, 2),
        "epochs": _TRIED,
    }
    keyframe, update = _seconds(config.model_copy(update=tried))
    keyframes = len(keyframe_steps(config.updates))
    return keyframes * max(0, keyframe - update) + config.updates * update * whole / part


@measured
def _seconds(config: MLPConfig) -> tuple[float, float]:
    """Seconds of a keyframe and of another update."""
    keyframes, times = keyframe_steps(config.updates), {True: [], False: []}
    training = train(config)
    next(training)
    began = last = time.perf_counter()
    for event in training:
        now = time.perf_counter()
        times[event.step in keyframes].append(now - last)
        last = now
        if now - began > _BUDGET:
            break
    training.close()
    keyframe = median(times[True])
    return keyframe, median(times[False] or [keyframe])
