"""Analysis of transferred networks: weights before and after training, layer distances, and projected features."""

from collections.abc import Mapping

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from core.evaluation.projections import principal_components
from core.topics.transfer_learning.config import LAYERS, STRATEGIES, Strategy, TransferConfig
from core.topics.transfer_learning.model import build, transfer_layers
from core.topics.transfer_learning.pretraining.train import pretrained_weights


def initial_network(config: TransferConfig, strategy: Strategy) -> nn.Sequential:
    """Return the network of a strategy before training, for the first seed."""
    network = build(config.classes, config.seed * 1_000)
    if strategy in ("frozen", "fine_tuned"):
        transfer_layers(network, pretrained_weights(config.source), config.n_transferred)
    return network.requires_grad_(False)


def trained_network(config: TransferConfig, strategy: Strategy, weights: Mapping[str, Tensor]) -> nn.Sequential:
    """Return the network of a strategy after training, for the first seed.

    ``weights`` holds the final weights of the run.
    """
    network, prefix = initial_network(config, strategy), f"{strategy}."
    network.load_state_dict(
        {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
    )
    return network


def trained_networks(config: TransferConfig, weights: Mapping[str, Tensor]) -> dict[Strategy, nn.Sequential]:
    """Return the trained network of each strategy in ``weights``.

    The weights of an old run may not contain all strategies.
    """
    saved = {name.split(".")[0] for name in weights}
    return {strategy: trained_network(config, strategy, weights) for strategy in STRATEGIES if strategy in saved}


def layer_distances(before: nn.Sequential, after: nn.Sequential) -> dict[str, float]:
    """Return the relative change in the parameters of each layer: ‖after - before‖ / ‖before‖."""
    distances = {}
    for name in (*LAYERS, "head"):
        first, last = (
            torch.cat([part.detach().flatten() for part in network.get_submodule(name).parameters()])
            for network in (before, after)
        )
        distances[name] = float((last - first).norm() / first.norm())
    return distances


def project_features(network: nn.Sequential, x: Float32[Tensor, "batch 1 28 28"]) -> Float32[Tensor, "batch 2"]:
    """Project the outputs of the last hidden layer onto their first two principal components.

    The result is scaled to a root mean square of 1, so that two networks can be compared. All values are NaN if any
    output is not finite.
    """
    with torch.inference_mode():
        features = network[: len(LAYERS)](x)
    if not features.isfinite().all():
        return torch.full((len(x), 2), torch.nan)
    points = principal_components(features, 2).project(features)
    return points / points.square().mean().sqrt().clamp(min=1e-12)
