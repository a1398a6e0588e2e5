"""The trained network of a run as an nn.Module, for the export."""

from collections.abc import Mapping

from torch import Tensor

from core.evaluation.model_files import load_weights
from core.export.networks import TrainedNetwork
from core.topics.manual_mlp.config import MLPConfig
from core.topics.manual_mlp.module import TwoLayerNet


def trained_network(config: MLPConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network of the first implementation, with the weights W1 and W2."""
    network = TwoLayerNet(config.input_size, config.hidden_size, config.output_size).to(weights["W1"].dtype)
    digits = config.data == "digits"
    return TrainedNetwork(
        load_weights(network, {"hidden.weight": weights["W1"].T, "output.weight": weights["W2"].T}),
        input_shape=(config.input_size,),
        input="Images of 28 × 28 pixels as vectors, row by row; pixel values from 0 (black) to 1 (white)."
        if digits
        else "Vectors with normally distributed values (mean 0, standard deviation 1).",
        output="One output per class; the largest output is the prediction." if digits else "The predicted values.",
        classes=tuple(map(str, range(config.output_size))) if digits else (),
    )
