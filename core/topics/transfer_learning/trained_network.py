"""The trained networks of a run, for the export."""

from collections.abc import Mapping

from torch import Tensor

from core.evaluation.model_files import load_weights
from core.export.networks import TrainedNetwork
from core.topics.transfer_learning.config import CLASSES, Domain, Strategy, TransferConfig
from core.topics.transfer_learning.data import load
from core.topics.transfer_learning.model import build
from core.topics.transfer_learning.pretraining.config import PretrainingConfig


def trained_network(config: TransferConfig, weights: Mapping[str, Tensor], *, strategy: Strategy) -> TrainedNetwork:
    """Return the trained network of a strategy, for the first seed. Raises the same errors as `load_weights`."""
    prefix = f"{strategy}."
    own = {name.removeprefix(prefix): weight for name, weight in weights.items() if name.startswith(prefix)}
    return _network(config.target, own)


def pretrained_network(config: PretrainingConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network of a source task. Raises the same errors as `load_weights`."""
    return _network(config.domain, weights)


def _network(domain: Domain, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    return TrainedNetwork(
        load_weights(build(CLASSES.get(domain, 10)), weights),
        input_shape=(1, 28, 28),
        input="Grayscale images, prepared as in the training data; pixel values from 0 (black) to 1 (white).",
        output="One logit per class; softmax turns the logits into probabilities.",
        classes=load(domain, "test").classes,
    )
