"""A reference: the network of the playground in float64, from the flat weights of an event."""

import math

import torch

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.train import train
from core.training.batching import batch_indices
from core.training.progress import Progress, TrainedModel, run_to_end

SMALL = PlaygroundConfig(samples=40, epochs=4, layers=2, units_1=5, units_2=3)


def run(config: PlaygroundConfig, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config.changed(**changes)), events.append)


FUNCTIONS = {
    "relu": lambda z: z.clamp(min=0),
    "tanh": lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "leaky_relu": lambda z: torch.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z * (1 + torch.erf(z / math.sqrt(2))) / 2,
    "linear": lambda z: z,
}


def split(config: PlaygroundConfig, flat: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return the matrix (out, in) and the biases of every layer, from the flat weights."""
    layers, offset = [], 0
    for inputs, outputs in zip(config.layer_sizes[:-1], config.layer_sizes[1:], strict=True):
        matrix = flat[offset : offset + inputs * outputs].view(outputs, inputs)
        offset += inputs * outputs + outputs
        layers.append((matrix, flat[offset - outputs : offset]))
    assert offset == len(flat)
    return layers


def predict(config: PlaygroundConfig, flat: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    *hidden, (matrix, bias) = split(config, flat)
    h = x.double()
    for W, b in hidden:
        h = FUNCTIONS[config.activation](h @ W.T + b)
    return (h @ matrix.T + bias)[:, 0]


def loss(config: PlaygroundConfig, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    y, p = y.double(), 1 / (1 + (-outputs).exp())
    if config.regression:
        return ((outputs - y) ** 2).sum() / len(y)
    if config.loss == "squares":
        return ((p - y) ** 2).sum() / len(y)
    return -(y * p.log() + (1 - y) * (1 - p).log()).sum() / len(y)


def batch(config: PlaygroundConfig, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    points = make_dataset(config)
    rows = batch_indices(len(points.train_y), config.batch_size, step, seed=config.seed)
    return compute_features(points.train_x[rows], config.features), points.train_y[rows]


def weights(event: Progress) -> torch.Tensor:
    return torch.from_numpy(event.arrays["weights"]).double()
