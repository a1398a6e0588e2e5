"""How long batched networks train on this machine, measured on their first updates."""

import time
from statistics import median

from core.training.batched.config import BatchedConfig
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec
from core.training.batched.run import N_MEASUREMENTS, VALIDATION_INTERVAL, BatchedRun
from core.training.timing import measured

_BUDGET = 0.3
"""Seconds that the measured updates may take."""
_MAX_UPDATES = 60


def estimate_seconds(config: BatchedConfig) -> float:
    """Return the seconds that a run takes on this machine, without extensions of its range."""
    update, evaluation = _seconds(
        config.model_copy(update={"seed": 0, "noise": 0.0, "epochs": 1, "learning_rate": 1e-6})
    )
    return config.updates * update + (N_MEASUREMENTS / VALIDATION_INTERVAL + 2) * evaluation


@measured
def _seconds(config: BatchedConfig) -> tuple[float, float]:
    """Measure the seconds of an update of all networks, and of their evaluation."""
    specs = [
        NetworkSpec(variant, 1e-6, seed)
        for variant in config.variants
        for _rate in range(config.rates)
        for seed in range(config.seeds)
    ]
    run = BatchedRun(config, DataSplits(config), specs, config.lr_factors(_MAX_UPDATES))
    times, began = [], time.perf_counter()
    while len(times) < 2 or (len(times) < _MAX_UPDATES and time.perf_counter() - began < _BUDGET):
        before = time.perf_counter()
        run.update(len(times))
        times.append(time.perf_counter() - before)
    before = time.perf_counter()
    run.evaluate(0)
    return median(times), time.perf_counter() - before
