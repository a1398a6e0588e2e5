"""How long a run will take on this machine, measured on its own first updates."""

import time

from core.topics.transfer_learning.config import STRATEGIES, TransferConfig
from core.topics.transfer_learning.data import held_out_samples, labelled_samples
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.train import (
    EVAL_SUBSET,
    N_TESTED,
    StrategyTrainer,
    keyframe_steps,
)
from core.training.rng import seeded
from core.training.timing import measured, measuring, seconds, threads


def estimate_seconds(config: TransferConfig) -> float:
    """Seconds that a run would take here; measured for each cost."""
    same = {
        "seed": 0,
        "learning_rate": 1e-6,
        "noise": 0.0,
        "pretrained_lr_multiplier": 0.1,
        "weight_decay": 0.0,
        "seeds": 1,
    }
    with measuring:
        update, asking = _measure(config.model_copy(update=same | {"epochs": 1, "labels": min(config.labels, 50)}))
    tests = len(keyframe_steps(config)) * EVAL_SUBSET + N_TESTED
    return config.seeds * (config.updates * update + len(STRATEGIES) * tests * asking)


@measured
def _measure(config: TransferConfig) -> tuple[float, float]:
    """Seconds of an update of all ways, and of asking a network about one picture."""
    with threads(config.threads), seeded(0):
        source, batch = pretrained_weights(config.source), labelled_samples(config.target, config.labels, seed=0)
        trainers = [StrategyTrainer(config, strategy, 0, batch, source) for strategy in STRATEGIES]
        update = sum(seconds(lambda trainer=trainer: trainer.update(1)) for trainer in trainers)
        some = held_out_samples(config.target, EVAL_SUBSET, noise=0.0)
        began = time.perf_counter()
        accuracy(trainers[0].network, *some)
        return update, (time.perf_counter() - began) / EVAL_SUBSET
