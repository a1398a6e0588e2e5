"""How long a run will take on this machine, measured on its own first updates."""

import time
from statistics import median

from core.topics.bias_variance import polynomials
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.train import MAX_EVENTS, Trainer, mean_squared_errors
from core.training.timing import measured

_BUDGET = 0.2  # seconds that the measured updates may take
_TRIED = 40  # updates that are measured at the most


def estimate_seconds(config: BiasVarianceConfig) -> float:
    """Seconds that the run would take here; measured for each cost."""
    same_cost = {"seed": 0, "noise": 0.0, "curve": "sine", "learning_rate": 1e-3, "epochs": 1, "early_stopping": False}
    update, track_best = _seconds(config.model_copy(update=same_cost))
    return config.updates * update + min(config.updates + 1, MAX_EVENTS) * track_best


@measured
def _seconds(config: BiasVarianceConfig) -> tuple[float, float]:
    """Seconds of an update of all networks and of a measurement of their errors; of the solving of all polynomials."""
    task = Task(config)
    began = time.perf_counter()
    if config.model == "polynomial":
        polynomials.fit(task.train, config.capacities, l2=config.l2)
        return time.perf_counter() - began, 0.0
    trainer, times = Trainer(config, task), []
    while len(times) < 3 or (len(times) < _TRIED and time.perf_counter() - began < _BUDGET):
        before = time.perf_counter()
        trainer.update(len(times) + 1)
        times.append(time.perf_counter() - before)
    before = time.perf_counter()
    mean_squared_errors(task, trainer.networks.predict)
    return median(times), time.perf_counter() - before
