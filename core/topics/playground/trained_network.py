"""The trained network of a run together with the features of its inputs, for the export."""

from collections.abc import Mapping

from torch import Tensor, nn

from core.evaluation.model_files import load_weights
from core.export.networks import TrainedNetwork
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.model import build_network


class _WithFeatures(nn.Module):
    """The network after the features of the points."""

    def __init__(self, config: PlaygroundConfig, network: nn.Module):
        super().__init__()
        self.features, self.network = config.features, network

    def forward(self, xy: Tensor) -> Tensor:
        """Return the outputs (N, 1) for points (N, 2)."""
        return self.network(compute_features(xy, self.features))


def trained_network(config: PlaygroundConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network, including the features. Raises the same errors as `load_weights`."""
    network = load_weights(build_network(config), weights)
    return TrainedNetwork(
        _WithFeatures(config, network).eval(),
        input_shape=(2,),
        input="Points (x, y); coordinates from -6 to 6.",
        output="The predicted value."
        if config.regression
        else "The logit of class 1; sigmoid turns the logit into the probability of class 1.",
        classes=() if config.regression else ("0", "1"),
    )
