"""What was transferred: how far the layers have moved, and where the pictures lie for the network."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.topics.transfer_learning.config import LAYERS, TransferConfig, Way
from core.topics.transfer_learning.model import build, take_over
from core.topics.transfer_learning.pretraining import train


def begun(config: TransferConfig, way: Way) -> nn.Sequential:
    """The first seed's network of a way before it learnt."""
    network = build(config.classes, config.seed * 1_000)
    if way in ("frozen", "fine_tuned"):
        take_over(network, train.weights(config.source), config.kept)
    return network.requires_grad_(False)


def learnt(config: TransferConfig, way: Way, weights: Mapping[str, Tensor]) -> nn.Sequential:
    """The first seed's network of a way after it has learnt; ``weights`` are those of the run."""
    network = begun(config, way)
    own = {name.removeprefix(f"{way}."): value for name, value in weights.items() if name.startswith(f"{way}.")}
    network.load_state_dict(own)
    return network


def moved(before: nn.Sequential, after: nn.Sequential) -> dict[str, float]:
    """How far each layer's weights have come, as a share of their length before: ‖after - before‖ / ‖before‖."""
    found = {}
    for name in (*LAYERS, "head"):
        first, last = (
            torch.cat([part.detach().flatten() for part in network.get_submodule(name).parameters()])
            for network in (before, after)
        )
        found[name] = float((last - first).norm() / first.norm())
    return found


def plane(network: nn.Sequential, x: Tensor) -> Tensor:
    """Pictures in the plane in which what the hidden layer makes of them varies most: (N, 2), by principal components.

    Each direction is scaled to a deviation of one in all, so that two networks can be compared.
    """
    with torch.inference_mode():
        features = network[: len(LAYERS)](x)
    features = features - features.mean(dim=0)
    u, s, _v = torch.linalg.svd(features, full_matrices=False)
    found = u[:, :2] * s[:2]
    return found / found.square().mean().sqrt().clamp(min=1e-12)
