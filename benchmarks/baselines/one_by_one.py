"""The networks of a race trained one after another, in plain PyTorch, as its documentation recommends."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.optimizers import TORCH_OPTIMIZERS
from core.race import RaceConfig
from core.race.standings import Member


def train_one_by_one(
    config: RaceConfig,
    members: Sequence[Member],
    weights: Sequence[dict[str, Tensor]],
    batches: Sequence[tuple[Tensor, Tensor]],
) -> Tensor:
    """Train a network for each member on the batches, from its first weights; returns the losses (batches, members)."""
    inputs, hidden, outputs = config.sizes
    curves = []
    for member, start in zip(members, weights, strict=True):
        network = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
        network.load_state_dict(start)
        optimizer = TORCH_OPTIMIZERS[member.name](
            network.parameters(), member.rate, config.weight_decay, **config.settings_for(member.name)
        )
        losses = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        curves.append(torch.stack(losses))
    return torch.stack(curves, dim=1)
