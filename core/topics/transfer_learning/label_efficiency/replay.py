"""A cheap check of a recorded study: retrain one network with the fewest labels."""

from core.topics.transfer_learning.config import PAIRS
from core.topics.transfer_learning.data import held_out_samples, labelled_samples
from core.topics.transfer_learning.label_efficiency.config import LabelEfficiencyConfig
from core.topics.transfer_learning.label_efficiency.results import LabelEfficiency
from core.topics.transfer_learning.label_efficiency.train import train_networks
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.train import N_TESTED
from core.training.progress import Metrics


def recompute(config: LabelEfficiencyConfig, recorded: Metrics) -> Metrics:
    """Retrain the "frozen" variant with the first seed, the fewest labels, and the recorded learning rate.

    Returns the accuracy of the retrained network on test images as a metric, named as in the recorded study.
    """
    source_domain, target = PAIRS[config.pair]
    count = config.label_counts[0]
    batch = labelled_samples(target, count, seed=config.seed * 1_000)
    rate = LabelEfficiency(config, recorded).best_learning_rate("frozen", count)
    one_seed = config.transfer_config(count, rate, "frozen")
    (trainer,) = train_networks(one_seed, "frozen", pretrained_weights(source_domain), [batch])
    return {f"{count}/frozen/0": accuracy(trainer.network, *held_out_samples(target, N_TESTED, noise=0.0))}
