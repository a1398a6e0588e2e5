"""Train each variant with each number of labels, at the best of several learning rates."""

from collections.abc import Generator, Mapping, Sequence
from statistics import mean

import torch
from torch import Tensor

from core.topics.transfer_learning.config import (
    PAIRS,
    TransferConfig,
)
from core.topics.transfer_learning.data import (
    Batch,
    held_out_samples,
    labelled_samples,
)
from core.topics.transfer_learning.label_efficiency.config import (
    LEARNING_RATES,
    VARIANTS,
    LabelEfficiencyConfig,
    StrategyVariant,
)
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.train import N_TESTED, StrategyTrainer
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState, Values

MAX_VALIDATION_SAMPLES = 100  # validation images per class, for choosing the learning rate


def train(
    config: LabelEfficiencyConfig, resume: TrainingState | None = None
) -> Generator[Progress, None, TrainedModel]:
    """Run the study; yield progress after each number of labels.

    Metrics, for each number of labels per class (``count``) and each variant:
    - ``<count>/<variant>/<seed number>``, the accuracy on up to N_TESTED test images at the best learning rate.
    - ``<count>/<variant>/rate``, the best learning rate.

    The best learning rate has the highest mean validation accuracy over the tuning seeds. With the other seeds,
    networks are trained only at this learning rate. Instead of weights, returns ``accuracies``, float32 (counts,
    variants, seeds).
    """
    source_domain, target = PAIRS[config.pair]
    source, test = pretrained_weights(source_domain), held_out_samples(target, N_TESTED, noise=0.0)
    seeds = [config.seed * 1_000 + number for number in range(config.seeds)]
    counts = config.label_counts
    tuning = seeds[: config.n_tuning_seeds]
    validation = [labelled_samples(target, MAX_VALIDATION_SAMPLES, seed=seed, skip=counts[-1]) for seed in tuning]
    state, kept = resume or TrainingState(), Values(metrics={})
    state.track(kept=kept)
    if not state.resumed:
        yield Progress(0, len(counts), {})
    for step in state.updates(len(counts)):
        count = counts[step - 1]
        batches = [labelled_samples(target, count, seed=seed) for seed in seeds]
        for variant in VARIANTS:
            best: tuple[float, float, list[StrategyTrainer]] = (-1.0, 0.0, [])
            for rate in LEARNING_RATES:
                study = config.transfer_config(count, rate, variant)
                trainers = train_networks(study, variant, source, batches[: len(tuning)])
                validated = mean(
                    accuracy(trainer.network, *batch) for trainer, batch in zip(trainers, validation, strict=True)
                )
                best = max(best, (validated, rate, trainers), key=lambda candidate: candidate[0])
            _validated, rate, trainers = best
            study = config.transfer_config(count, rate, variant)
            trainers += train_networks(study, variant, source, batches[len(tuning) :], first=len(tuning))
            for number, tested in enumerate(final_accuracies(trainers, test)):
                kept.metrics[f"{count}/{variant}/{number}"] = tested
            kept.metrics[f"{count}/{variant}/rate"] = rate
        yield Progress(step, len(counts), dict(kept.metrics))
    accuracies = [
        [[kept.metrics[f"{count}/{variant}/{number}"] for number in range(config.seeds)] for variant in VARIANTS]
        for count in counts
    ]
    return TrainedModel({"accuracies": torch.tensor(accuracies)}, kept.metrics)


def train_networks(
    config: TransferConfig,
    variant: StrategyVariant,
    source: Mapping[str, Tensor],
    batches: Sequence[Batch],
    *,
    first: int = 0,
) -> list[StrategyTrainer]:
    """Train one network for each seed.

    ``source`` holds the pretrained weights by name. ``batches`` holds the labeled images of each seed. ``first`` is the
    number of the first seed.
    """
    strategy, _n_transferred = VARIANTS[variant]
    trainers = [StrategyTrainer(config, strategy, number, batch, source) for number, batch in enumerate(batches, first)]
    for trainer in trainers:
        for step in range(1, config.updates + 1):
            trainer.update(step)
    return trainers


def final_accuracies(trainers: Sequence[StrategyTrainer], test: Batch) -> list[float]:
    """Return the accuracy of the network of each trainer. All trainers use the same strategy."""
    x, y = test
    if trainers[0].strategy != "frozen":
        return [accuracy(trainer.network, x, y) for trainer in trainers]
    features = trainers[0].features(x)  # all seeds have the same frozen layers
    return [accuracy(trainer.trained_layers, features, y) for trainer in trainers]
