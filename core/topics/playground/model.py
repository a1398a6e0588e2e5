"""The playground's network, losses, and optimizers in plain PyTorch."""

from collections.abc import Callable, Iterable

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

OPTIMIZERS: dict[str, tuple[Callable[..., torch.optim.Optimizer], dict[str, float | bool]]] = {
    "SGD": (torch.optim.SGD, {"fused": True}),
    "Momentum": (torch.optim.SGD, {"momentum": 0.9, "fused": True}),
    "RMSprop": (torch.optim.RMSprop, {"foreach": True}),
    "Adam": (torch.optim.Adam, {"fused": True}),
    "AdamW": (torch.optim.AdamW, {"fused": True}),
}
"""Name -> PyTorch optimizer and its arguments other than lr. "fused" and "foreach" update all weights in one call."""


def build_network(config: PlaygroundConfig) -> nn.Sequential:
    """Build the network: features → (Linear → activation → Dropout) for every hidden layer → Linear → one output.

    PyTorch's default initialization is used. The initial weights depend only on the seed and the layer sizes. If the
    dropout probability is 0, there are no Dropout layers.
    """
    layers = []
    with seeded(config.seed, Stream.PLAYGROUND_WEIGHTS):
        for inputs, units in zip(config.layer_sizes, config.hidden_sizes, strict=False):
            layers += [nn.Linear(inputs, units), ACTIVATIONS[config.activation]()]
            if config.dropout:
                layers.append(nn.Dropout(config.dropout))
        return nn.Sequential(*layers, nn.Linear(config.layer_sizes[-2], 1))


def build_optimizer(config: PlaygroundConfig, weights: Iterable[Tensor]) -> torch.optim.Optimizer:
    """Build the configured optimizer for ``weights``."""
    optimizer, options = OPTIMIZERS[config.optimizer]
    return optimizer(weights, lr=config.learning_rate, **options)


def compute_loss(config: PlaygroundConfig, outputs: Tensor, y: Tensor) -> Tensor:
    """Return the mean loss of outputs (N,) for the classes or values ``y`` (N,).

    - Classification with cross-entropy: −y log p − (1 − y) log(1 − p), where p = sigmoid(output) is the probability of
      class 1.
    - Classification with squared error: (p − y)². TensorFlow Playground uses half the squared error of a tanh output
      instead.
    - Regression: (output − y)².
    """
    if config.regression:
        return mse_loss(outputs, y)
    if config.loss == "squares":
        return mse_loss(outputs.sigmoid(), y)
    return binary_cross_entropy_with_logits(outputs, y)


def penalty(config: PlaygroundConfig, matrices: Iterable[Tensor]) -> Tensor:
    """Return the sum of the L1 and L2 penalties of weight matrices: l1 Σ |w| + l2 Σ w² / 2.

    Source: TensorFlow Playground (nn.ts). There, unlike here, a weight that L1 has set to zero stays at zero.
    """
    w = torch.cat([matrix.flatten() for matrix in matrices])
    return config.l1 * w.abs().sum() + config.l2 / 2 * w.square().sum()
