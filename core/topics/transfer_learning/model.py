"""The network that is transferred: layers that can be taken over, and a head of its own for every task."""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.evaluation import metrics
from core.topics.transfer_learning.config import LAYERS
from core.training.rng import Stream, seeded


def build(classes: int, seed: int = 0) -> nn.Sequential:
    """The network with its first weights: two convolutions, a hidden layer, and the head.

    A layer begins with the same weights whatever else is in the network.
    """
    layers = OrderedDict(
        conv1=lambda: nn.Sequential(nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2), nn.ReLU()),
        conv2=lambda: nn.Sequential(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        fc1=lambda: nn.Sequential(nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU()),
        head=lambda: nn.Sequential(nn.Flatten(), nn.Linear(128, classes)),
    )
    named = OrderedDict()
    for number, (name, layer) in enumerate(layers.items()):
        with seeded(seed, number, Stream.TRANSFER_WEIGHTS):
            named[name] = layer()
    return nn.Sequential(named)


def take_over(network: nn.Sequential, weights: Mapping[str, Tensor], count: int) -> None:
    """Give the first ``count`` of LAYERS the source's weights."""
    for name in LAYERS[:count]:
        layer = network.get_submodule(name)
        layer.load_state_dict(
            {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
        )


def accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of the pictures whose label gets the highest number. An answer that is no number is wrong."""
    with torch.inference_mode():
        found = torch.cat([network(part) for part in x.split(500)])
    return metrics.accuracy(found, y)
