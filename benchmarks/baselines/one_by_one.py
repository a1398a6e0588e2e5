"""The networks of a race trained one after another, in plain PyTorch, as its documentation recommends."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.topics.optimizer_race.config import RaceConfig
from core.training.batched.results import Member
from core.training.optimizers import TORCH_OPTIMIZERS


def train_one_by_one(
    config: RaceConfig,
    members: Sequence[Member],
    weights: Sequence[dict[str, Tensor]],
    batch: Callable[[int], tuple[Tensor, Tensor]],
    updates: int,
) -> Tensor:
    """Train a network for each member from its first weights, on ``batch(0)``, ``batch(1)`` ...: each draws its own.

    Returns the losses (updates, members).
    """
    inputs, hidden, outputs = config.sizes
    curves = []
    for member, start in zip(members, weights, strict=True):
        network = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
        network.load_state_dict(start)
        optimizer = TORCH_OPTIMIZERS[member.name](
            network.parameters(), member.rate, config.weight_decay, **config.settings_for(member.name)
        )
        losses = []
        for step in range(updates):
            x, y = batch(step)
            optimizer.zero_grad()
            loss = cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        curves.append(torch.stack(losses))
    return torch.stack(curves, dim=1)
