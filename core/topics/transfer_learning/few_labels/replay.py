"""A cheap check of a recording: one network with the fewest labels, trained anew."""

from core.topics.transfer_learning.data import held_out_samples, labelled_samples
from core.topics.transfer_learning.few_labels.config import LABEL_COUNTS, FewLabelsConfig
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.train import N_TESTED, StrategyTrainer
from core.training.progress import Metrics


def recompute(config: FewLabelsConfig, _recorded: Metrics) -> Metrics:
    """Return the accuracy of the first seed's frozen network with the fewest labels."""
    count = LABEL_COUNTS[0]
    settings = config.transfer_config(count)
    batch = labelled_samples(settings.target, count, seed=settings.seed * 1_000, noise=settings.noise)
    trainer = StrategyTrainer(settings, "frozen", 0, batch, pretrained_weights(settings.source))
    for step in range(1, settings.updates + 1):
        trainer.update(step)
    test = held_out_samples(settings.target, N_TESTED, noise=settings.noise)
    return {f"{count}/accuracy/frozen/0": accuracy(trainer.network, *test)}
