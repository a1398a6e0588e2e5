"""The backbone and a trained head as one network, for the export."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.export.networks import TrainedNetwork
from core.topics.own_images.backbones import BACKBONES, Backbone
from core.topics.own_images.predict import SIDE


class _Classifier(nn.Module):
    """Normalization, backbone, and head."""

    mean: Tensor
    std: Tensor

    def __init__(self, backbone: Backbone, head: nn.Linear):
        super().__init__()
        spec = BACKBONES[backbone.name]
        self.register_buffer("mean", torch.tensor(spec.mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(spec.std).view(3, 1, 1))
        self.backbone, self.head = backbone.network, head

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, classes) of images (N, 3, 224, 224)."""
        return self.head(self.backbone((x - self.mean) / self.std))


def trained_network(backbone: Backbone, head: nn.Linear, classes: Sequence[str]) -> TrainedNetwork:
    """Return the network from the pixels of an image to a logit for each of ``classes``."""
    return TrainedNetwork(
        _Classifier(backbone, head).eval(),
        input_shape=(3, SIDE, SIDE),
        input="Square RGB images; pixel values from 0 to 1, not normalized.",
        output="One logit per class; softmax turns the logits into probabilities.",
        classes=tuple(classes),
    )
