"""The trained network of a run, for the export."""

from collections.abc import Mapping

from torch import Tensor

from core.export.networks import TrainedNetwork
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import SIDE, load


def trained_network(config: AutoencoderConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network. Raises the same errors as `model.load`."""
    return TrainedNetwork(
        load(config, weights),
        input_shape=(1, SIDE, SIDE),
        input="Grayscale images, clean or corrupted as in training; pixel values from 0 (black) to 1 (white).",
        output="Reconstructed images of the same shape; the values may lie slightly outside 0..1.",
    )
