"""The trained network of a run together with the transforms of its inputs, for the export."""

from collections.abc import Mapping

from torch import Tensor, nn

from core.export.networks import TrainedNetwork
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import CLASSES, load
from core.topics.mnist_cnn.transforms import pipeline


class _WithTransforms(nn.Module):
    """The network after the transforms for test digits."""

    def __init__(self, config: CNNConfig, network: nn.Module):
        super().__init__()
        self.transforms, self.network = pipeline(config, training=False), network

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, 10) of digits (N, 1, 28, 28)."""
        for transform in self.transforms:
            x = transform(x)
        return self.network(x)


def trained_network(config: CNNConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network, including the configured transforms. Raises the same errors as `model.load`."""
    return TrainedNetwork(
        _WithTransforms(config, load(config, weights)).eval(),
        input_shape=(1, 28, 28),
        input="Grayscale images of a white digit on black; pixel values from 0 (black) to 1 (white).",
        output="One logit per class; softmax turns the logits into probabilities.",
        classes=tuple(map(str, range(CLASSES))),
    )
