"""The training time of batched networks."""

from core.training.batched.config import BatchedConfig
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec
from core.training.batched.run import N_MEASUREMENTS, VALIDATION_INTERVAL, BatchedRun
from core.training.timing import RunCost, median_seconds, seconds

_MAX_UPDATES = 60
_SAME_COST = {"seed": 0, "noise": 0.0, "epochs": 1, "learning_rate": 1e-6}


def _measure(config: BatchedConfig) -> tuple[float, float]:
    """Measure the seconds of an update and of an evaluation of all networks."""
    specs = [
        NetworkSpec(variant, 1e-6, seed)
        for variant in config.variants
        for _rate in range(config.rates)
        for seed in range(config.seeds)
    ]
    run = BatchedRun(config, DataSplits(config), specs, config.lr_factors(_MAX_UPDATES))
    return median_seconds(run.update, at_most=_MAX_UPDATES), seconds(lambda: run.evaluate(0))


COST = RunCost(
    measure=_measure,
    counts=lambda config: (config.updates, N_MEASUREMENTS / VALIDATION_INTERVAL + 2),
    same_cost=lambda config: config.model_copy(update=_SAME_COST),
)
"""The cost of a run, without extensions of its learning-rate range."""
