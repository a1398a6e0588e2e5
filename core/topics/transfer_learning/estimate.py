"""How long a run will take on this machine, measured on its own first updates."""

import time

from core.topics.transfer_learning.config import WAYS, TransferConfig
from core.topics.transfer_learning.data import labelled, unseen
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining import train
from core.topics.transfer_learning.train import (
    SOME,
    TESTED,
    Learner,
    keyframe_steps,
)
from core.training.rng import seeded
from core.training.timing import measured, measuring, seconds, threads


def estimate_seconds(config: TransferConfig) -> float:
    """Seconds that a run would take here; measured for each cost."""
    same = {"seed": 0, "learning_rate": 1e-6, "noise": 0.0, "old_rate": 0.1, "weight_decay": 0.0, "seeds": 1}
    with measuring:
        update, asking = _measure(config.model_copy(update=same | {"epochs": 1, "labels": min(config.labels, 50)}))
    tests = len(keyframe_steps(config)) * SOME + TESTED
    return config.seeds * (config.updates * update + len(WAYS) * tests * asking)


@measured
def _measure(config: TransferConfig) -> tuple[float, float]:
    """Seconds of an update of all ways, and of asking a network about one picture."""
    with threads(config.threads), seeded(0):
        source, batch = train.weights(config.source), labelled(config.target, config.labels, seed=0)
        learners = [Learner(config, way, 0, batch, source) for way in WAYS]
        update = sum(seconds(lambda learner=learner: learner.update(1)) for learner in learners)
        some = unseen(config.target, SOME, noise=0.0)
        began = time.perf_counter()
        accuracy(learners[0].network, *some)
        return update, (time.perf_counter() - began) / SOME
