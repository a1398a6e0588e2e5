"""Networks and images shared by the evaluation tests."""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def seeded(make) -> nn.Sequential:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(3)
        return nn.Sequential(make())


def compact() -> OrderedDict[str, nn.Module]:
    """207,178 parameters, as in the app."""
    return OrderedDict(
        conv1=nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(16, 32, kernel_size=3, padding=1),
        relu2=nn.ReLU(inplace=True),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(32 * 7 * 7, 128),
        relu3=nn.ReLU(),
        dropout=nn.Dropout(0.5),
        fc2=nn.Linear(128, 10),
    )


def normalised() -> OrderedDict[str, nn.Module]:
    """Three channels in; batch norm, and pooling before the activation."""
    return OrderedDict(
        conv1=nn.Conv2d(3, 4, kernel_size=5, stride=2, padding=2, bias=False),
        norm1=nn.BatchNorm2d(4),
        pool1=nn.MaxPool2d(2),
        tanh1=nn.Tanh(),
        conv2=nn.Conv2d(4, 5, kernel_size=3, padding=1),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(0.5),
        fc1=nn.Linear(5 * 7 * 7, 10),
    )


def linear(weights: Tensor) -> nn.Sequential:
    """A network whose outputs are the sums of an image's pixels times the weights (classes, ...) of each class."""
    layer = nn.utils.skip_init(nn.Linear, weights[0].numel(), len(weights))
    layer.weight.data, layer.bias.data = weights.flatten(1), torch.zeros(len(weights))
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc1=layer))


def random_images(count: int, channels: int = 1) -> Tensor:
    return torch.rand(count, channels, 28, 28, generator=torch.Generator().manual_seed(2))


def by_hand(network: nn.Sequential, x: Tensor) -> dict[str, Tensor]:
    """All outputs of the compact network in eval mode, computed with functions only."""
    weights = {name: value.detach() for name, value in network.state_dict().items()}
    maps = {}
    maps["conv1"] = F.conv2d(x, weights["conv1.weight"], weights["conv1.bias"], stride=2, padding=2)
    maps["relu1"] = F.relu(maps["conv1"])
    maps["conv2"] = F.conv2d(maps["relu1"], weights["conv2.weight"], weights["conv2.bias"], padding=1)
    maps["relu2"] = F.relu(maps["conv2"])
    maps["pool2"] = F.max_pool2d(maps["relu2"], 2)
    maps["flatten"] = maps["pool2"].flatten(1)
    maps["fc1"] = F.linear(maps["flatten"], weights["fc1.weight"], weights["fc1.bias"])
    maps["relu3"] = F.relu(maps["fc1"])
    maps["dropout"] = maps["relu3"]
    maps["fc2"] = F.linear(maps["dropout"], weights["fc2.weight"], weights["fc2.bias"])
    return maps


def is_plain(result: Tensor) -> bool:
    """Return whether a result can be modified and used anywhere, including NumPy and autograd."""
    result.numpy()
    return not (result.is_inference() or result.requires_grad)
