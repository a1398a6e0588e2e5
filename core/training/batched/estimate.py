"""How long a race will take on this machine, measured on its own first updates."""

import time
from statistics import median

from core.topics.optimizer_race.config import RaceConfig
from core.training.batched.config import NetworkConfig
from core.training.batched.data import Task
from core.training.batched.results import Member
from core.training.batched.run import JUDGED, POINTS, Heat
from core.training.timing import measured

_BUDGET = 0.3  # seconds that the measured updates may take
_TRIED = 60  # updates that are measured at the most


def estimate_seconds(config: NetworkConfig) -> float:
    """Seconds that the run would take here, without extensions; measured for each cost."""
    update, judging = _seconds(config.model_copy(update={"seed": 0, "noise": 0.0, "epochs": 1, "learning_rate": 1e-6}))
    return config.updates * update + (POINTS / JUDGED + 2) * judging


@measured
def _seconds(config: NetworkConfig) -> tuple[float, float]:
    """Seconds of an update of all networks, and of judging them."""
    seeds = range(config.seeds)
    members = [Member(name, 1e-6, seed) for name in config.entrants for _ in range(config.rates) for seed in seeds]
    schedules = {} if isinstance(config, RaceConfig) else dict.fromkeys(config.entrants, (1.0,) * _TRIED)
    heat = Heat(config, Task(config), members, schedules)
    times, began = [], time.perf_counter()
    while len(times) < 2 or (len(times) < _TRIED and time.perf_counter() - began < _BUDGET):
        before = time.perf_counter()
        heat.update(len(times))
        times.append(time.perf_counter() - before)
    before = time.perf_counter()
    heat.judge(0)
    return median(times), time.perf_counter() - before
