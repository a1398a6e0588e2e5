"""The same network in three spellings: a subclass of ``nn.Module``, ``nn.Sequential``, and named layers."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.fc = nn.Linear(8 * 14 * 14, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.conv(x))
        return self.fc(x.flatten(1))


def sequential() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 14 * 14, 10),
    )


def named_layers() -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(1, 8, 3, stride=2, padding=1),
            relu=nn.ReLU(),
            flatten=nn.Flatten(),
            fc=nn.Linear(8 * 14 * 14, 10),
        )
    )


SPELLINGS: dict[str, Callable[[], nn.Module]] = {
    "module": Network,
    "sequential": sequential,
    "named": named_layers,
}


@dataclass(frozen=True)
class Spelling:
    """A network in one spelling."""

    printed: str
    """The output of ``print(model)``."""
    names: tuple[str, ...]
    """The names of the tensors in the state_dict."""
    difference: float
    """The largest difference to the outputs of the first spelling with the same weights."""


def compare(inputs: Tensor) -> dict[str, Spelling]:
    """Return the three spellings by name, with the same weights, and compare their outputs for a batch of images."""
    models = {name: create() for name, create in SPELLINGS.items()}
    first, *_others = models.values()
    weights = list(first.state_dict().values())
    spellings = {}
    with torch.no_grad():
        expected = first(inputs)
        for name, model in models.items():
            names = tuple(model.state_dict())
            model.load_state_dict(dict(zip(names, weights, strict=True)))
            spellings[name] = Spelling(repr(model), names, float((model(inputs) - expected).abs().max()))
    return spellings
