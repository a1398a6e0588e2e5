"""The network: layers that can be transferred, and a head for each task."""

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor, nn

from core.evaluation import metrics
from core.topics.transfer_learning.config import LAYERS
from core.training.rng import Stream, seeded


def build(classes: int, seed: int = 0) -> nn.Sequential:
    """Return a network with initial weights: two convolutions, a hidden layer, and a head for ``classes`` classes.

    The initial weights of a layer depend only on the seed, not on the other layers.
    """
    layers = OrderedDict(
        conv1=lambda: nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2), nn.ReLU()),
        conv2=lambda: nn.Sequential(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        fc1=lambda: nn.Sequential(nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU()),
        head=lambda: nn.Sequential(nn.Flatten(), nn.Linear(128, classes)),
    )
    named = OrderedDict[str, nn.Module]()
    for number, (name, layer) in enumerate(layers.items()):
        with seeded(seed, Stream.TRANSFER_WEIGHTS, number):
            named[name] = layer()
    return nn.Sequential(named)


def transfer_layers(network: nn.Sequential, weights: Mapping[str, Tensor], count: int) -> None:
    """Copy pretrained weights into the first ``count`` of the `LAYERS` of a network."""
    for name in LAYERS[:count]:
        layer = network.get_submodule(name)
        layer.load_state_dict(
            {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
        )


def accuracy(network: nn.Module, x: Float32[Tensor, "batch ..."], y: Int64[Tensor, " batch"]) -> float:
    """Return the fraction of images that are classified correctly.

    ``x`` contains the inputs of ``network``: images or features. An image with an output that is not finite counts as
    misclassified.
    """
    with torch.inference_mode():
        # A copy in the channels-last format, in which convolution and pooling take half the time
        copy = deepcopy(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch's stub lacks it
        logits = torch.cat([copy(part) for part in x.split(200)])
    return metrics.accuracy(logits, y)


NO_PREDICTION = 255
"""The value that replaces a predicted class if an output is NaN."""


def predictions(network: nn.Module, x: Float32[Tensor, "batch 1 28 28"]) -> UInt8[np.ndarray, " batch"]:
    """Return the class that the network predicts for each image, or NO_PREDICTION if an output is NaN."""
    with torch.inference_mode():
        logits = network(x)
    classes = logits.argmax(dim=1).masked_fill(logits.isnan().any(dim=1), NO_PREDICTION)
    return classes.numpy().astype(np.uint8)
