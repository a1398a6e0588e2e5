"""The network of the playground, its losses and its optimizers: plain PyTorch, as one would write it oneself."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from core.topics.playground.config import PlaygroundConfig
from core.training.rng import Stream, seeded

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "linear": nn.Identity,
}

OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, float | bool]]] = {
    "SGD": (torch.optim.SGD, {"fused": True}),
    "Momentum": (torch.optim.SGD, {"momentum": 0.9, "fused": True}),
    "RMSprop": (torch.optim.RMSprop, {"foreach": True}),
    "Adam": (torch.optim.Adam, {"fused": True}),
    "AdamW": (torch.optim.AdamW, {"fused": True}),
}
"""Name -> PyTorch's optimizer and its settings beside the learning rate. Fused and foreach: all weights in one call."""


def build_network(config: PlaygroundConfig) -> nn.Sequential:
    """The network features → (Linear → activation → Dropout) for every hidden layer → Linear → one number.

    The first weights are PyTorch's own, drawn from the seed alone: whatever the points and the training, the same.
    """
    layers = []
    with seeded(config.seed, Stream.PLAYGROUND_WEIGHTS):
        for inputs, units in zip(config.layer_sizes, config.hidden_sizes, strict=False):
            layers += [nn.Linear(inputs, units), ACTIVATIONS[config.activation]()]
            if config.dropout:
                layers.append(nn.Dropout(config.dropout))
        return nn.Sequential(*layers, nn.Linear(config.layer_sizes[-2], 1))


def build_optimizer(config: PlaygroundConfig, weights: Iterable[Tensor]) -> torch.optim.Optimizer:
    """The optimizer of the settings for these weights."""
    kind, options = OPTIMIZERS[config.optimizer]
    return kind(weights, lr=config.learning_rate, **options)


def compute_loss(config: PlaygroundConfig, answers: Tensor, y: Tensor) -> Tensor:
    """The loss of answers (N,) for points of the classes or values y (N,): the mean over the points.

    Cross-entropy: −y log p − (1 − y) log(1 − p), where p = sigmoid(answer) is the probability of class 1.
    Squares: (p − y)²; TensorFlow Playground's loss is twice that. Of values: (answer − y)².
    """
    if config.regression:
        return mse_loss(answers, y)
    if config.loss == "squares":
        return mse_loss(answers.sigmoid(), y)
    return binary_cross_entropy_with_logits(answers, y)


def penalty(config: PlaygroundConfig, matrices: Iterable[Tensor]) -> Tensor:
    """What L1 and L2 add to the loss: l1 Σ |w| + l2 Σ w² / 2 over all weights of the matrices; biases are left out.

    Source: as TensorFlow Playground (nn.ts); it also keeps at zero a weight that L1 has brought there.
    """
    w = torch.cat([matrix.flatten() for matrix in matrices])
    return config.l1 * w.abs().sum() + config.l2 / 2 * w.square().sum()
