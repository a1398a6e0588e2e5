"""The networks of the bias-variance fits, trained one after another in plain PyTorch."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.topics.bias_variance.config import BiasVarianceConfig

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def train_one_by_one(
    config: BiasVarianceConfig,
    initial_weights: Sequence[Mapping[str, Tensor]],
    points: Sequence[tuple[Tensor, Tensor]],
    updates: int,
) -> list[nn.Sequential]:
    """Train one network from each set of initial weights, with full-batch updates, and return the networks.

    ``points`` holds the training points x and y (batch,) of each network. ``updates`` is the number of updates of each
    network.
    """
    trained = []
    for weights, (x, y) in zip(initial_weights, points, strict=True):
        width = len(weights["0.bias"])
        network = nn.Sequential(nn.Linear(1, width), ACTIVATIONS[config.activation](), nn.Linear(width, 1))
        network.load_state_dict(weights)
        network.to(x.dtype)
        optimizer = torch.optim.Adam(network.parameters(), config.learning_rate)
        x, y = x.unsqueeze(1), y.unsqueeze(1)
        for _update in range(updates):
            optimizer.zero_grad()
            loss = (network(x) - y).square().mean()
            if config.l2:
                loss = loss + config.l2 / 2 * sum(network[layer].weight.square().sum() for layer in (0, 2))
            loss.backward()
            optimizer.step()
        trained.append(network)
    return trained
