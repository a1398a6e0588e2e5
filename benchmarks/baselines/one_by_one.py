"""The networks of a race, trained one after another in plain PyTorch, as its documentation recommends."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.results import NetworkSpec
from core.training.torch_optimizers import TORCH_OPTIMIZERS


def train_one_by_one(
    config: OptimizerRaceConfig,
    specs: Sequence[NetworkSpec],
    weights: Sequence[dict[str, Tensor]],
    batch: Callable[[int], tuple[Tensor, Tensor]],
    updates: int,
) -> Tensor:
    """Train one network for each of ``specs`` from its initial weights, on ``batch(0)``, ``batch(1)``, and so on.

    ``updates`` is the number of updates of each network. Returns the loss before each update (updates, networks).
    """
    inputs, hidden, outputs = config.sizes
    curves = []
    for spec, start in zip(specs, weights, strict=True):
        network = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
        network.load_state_dict(start)
        optimizer = TORCH_OPTIMIZERS[spec.variant](
            network.parameters(), spec.learning_rate, config.weight_decay, **config.settings_for(spec.variant)
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
