"""How long a run will take on this machine, measured on its own first updates."""

import time

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.train import N_FIRST_UPDATES, train
from core.training.timing import measured

_BUDGET = 0.3  # seconds that the measured updates may take


def estimate_seconds(config: PlaygroundConfig) -> float:
    """Seconds that the run would take here, if it is not stopped early; measured for each cost."""
    return config.updates * _seconds_per_update(config.model_copy(update={"learning_rate": 1e-5, "seed": 0}))


@measured
def _seconds_per_update(config: PlaygroundConfig) -> float:
    """Seconds of an update, with its part in what is told and measured between the first ones and the last."""
    training = train(config)
    next(training)
    first, began = 0, time.perf_counter()
    for event in training:
        now = time.perf_counter()
        if event.step == N_FIRST_UPDATES < config.updates:  # up to here each was told
            first, began = N_FIRST_UPDATES, now
        elif now - began > _BUDGET:
            break
    training.close()
    return (now - began) / (event.step - first)
