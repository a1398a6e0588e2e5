"""The trained network of a run together with the normalization of its inputs, for the export."""

from collections.abc import Mapping

from torch import Tensor, nn

from core.evaluation.model_files import load_weights
from core.export.networks import TrainedNetwork
from core.topics.workflow.config import WorkflowConfig
from core.topics.workflow.data import MEAN, STD
from core.topics.workflow.spellings import Network


class _Normalized(nn.Module):
    """The network after the normalization of the digits."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, 10) of digits (N, 1, 28, 28)."""
        return self.network((x - MEAN) / STD)


def trained_network(_config: WorkflowConfig, weights: Mapping[str, Tensor]) -> TrainedNetwork:
    """Return the trained network, including the normalization. Raises the same errors as `load_weights`."""
    return TrainedNetwork(
        _Normalized(load_weights(Network(), weights)).eval(),
        input_shape=(1, 28, 28),
        input="Grayscale images of a white digit on black; pixel values from 0 (black) to 1 (white).",
        output="One logit per class; softmax turns the logits into probabilities.",
        classes=tuple(map(str, range(10))),
    )
