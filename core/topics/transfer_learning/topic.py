"""The topic: transfer learning from many labels to few."""

from functools import partial

from core.topics import Precision, Replay, Topic, Trial
from core.topics.transfer_learning.config import OTHER_LABEL_COUNTS, PRESETS, STRATEGIES, TransferConfig
from core.topics.transfer_learning.curves import curves
from core.topics.transfer_learning.data import held_out_samples, labelled_samples
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.program import changed_constants, constants, program_files
from core.topics.transfer_learning.signals import signals
from core.topics.transfer_learning.train import EVAL_SUBSET, StrategyTrainer, keyframe_steps, n_tested, train
from core.topics.transfer_learning.trained_network import trained_network
from core.training.rng import Stream, seeded
from core.training.timing import RunCost, seconds

_SAME_COST = {
    "seed": 0,
    "learning_rate": 1e-6,
    "noise": 0.0,
    "pretrained_lr_multiplier": 0.1,
    "weight_decay": 0.0,
    "seeds": 1,
    "epochs": 1,
}
_MAX_LABELS = 50
"""Largest number of labels per class that a measurement loads."""


def _measure(config: TransferConfig) -> tuple[float, float]:
    """Measure the seconds of one update of all strategies, and of the evaluation of one image by one network."""
    with seeded(0, Stream.TIMING):
        source, batch = pretrained_weights(config.source), labelled_samples(config.target, config.labels, seed=0)
        trainers = [StrategyTrainer(config, strategy, 0, batch, source) for strategy in STRATEGIES]
        update = sum(seconds(partial(trainer.update, 1)) for trainer in trainers)
        samples = held_out_samples(config.target, EVAL_SUBSET, noise=0.0)
        return update, seconds(lambda: accuracy(trainers[0].network, *samples)) / EVAL_SUBSET


def _counts(config: TransferConfig) -> tuple[int, int]:
    evaluated = len(keyframe_steps(config.updates)) * EVAL_SUBSET + n_tested(config.target)
    return config.seeds * config.updates, config.seeds * len(STRATEGIES) * evaluated


_UPDATES_PER_IMAGE = 0.013
"""Time to evaluate one image with all networks, in units of an update of all networks (measured on a CPU)."""


def _work(config: TransferConfig, step: int, total: int) -> float:
    keyframes = sum(keyframe <= step for keyframe in keyframe_steps(total) if keyframe < total)
    evaluated = keyframes * EVAL_SUBSET + (n_tested(config.target) if step == total else 0)
    return step + _UPDATES_PER_IMAGE * evaluated


COST = RunCost(
    measure=_measure,
    counts=_counts,
    same_cost=lambda config: config.model_copy(update=_SAME_COST | {"labels": min(config.labels, _MAX_LABELS)}),
)

TOPIC = Topic(
    name="transfer_learning",
    presets=PRESETS,
    variants=OTHER_LABEL_COUNTS,
    train=train,
    estimate_seconds=COST,
    work=_work,
    replay=Replay(events=2, absolute=0.03),
    precision=Precision(weights=6),
    constants=constants,
    changed_constants=changed_constants,
    program_files=program_files,
    networks={strategy: partial(trained_network, strategy=strategy) for strategy in STRATEGIES},
    curves=curves,
    signals=signals,
    trial=Trial(
        losses=lambda event: [event.metrics[f"loss/{strategy}"] for strategy in STRATEGIES if event.step],
        settings=lambda _config: {"seeds": 1},
        one_batch=lambda config: {"labels": min(config.labels, 4), "shifts": 0, "batch_size": 1_000},
    ),
)
