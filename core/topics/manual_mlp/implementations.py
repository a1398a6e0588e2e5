"""The five implementations of the same network, by name."""

from collections.abc import Callable, Iterable, Iterator

import torch

from core.topics.manual_mlp.autograd import train_autograd
from core.topics.manual_mlp.config import Implementation, MLPConfig
from core.topics.manual_mlp.data import Batch, Weights, initial_weights
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import train_module
from core.topics.manual_mlp.optim import train_optim
from core.topics.manual_mlp.sequential import train_sequential
from core.topics.manual_mlp.step import Step
from core.topics.manual_mlp.tensors import train_tensors

IMPLEMENTATIONS: dict[Implementation, Callable[..., Iterator[Step]]] = {
    "tensors": train_tensors,
    "autograd": train_autograd,
    "module": train_module,
    "sequential": train_sequential,
    "optim": train_optim,
}


def training_steps(
    config: MLPConfig, implementation: Implementation, batches: Iterable[Batch], weights: Weights | None = None
) -> Iterator[Step]:
    """Train one implementation on the batches, from the run's initial weights or from ``weights`` (W1, W2).

    Each ``next`` applies the update of the previous step and computes the step of the next batch.
    """
    W1, W2 = weights or initial_weights(config, implementation)
    forget = {"forget_zero_grad": config.forget_zero_grad}
    options = {
        "tensors": {"tutorials_gradient": config.tutorials_gradient},
        "autograd": forget,
        "module": forget | {"custom_function": config.custom_function},
        "sequential": forget | {"named_layers": config.named_layers},
        "optim": forget | {"optimizer_class": getattr(torch.optim, config.optimizer)},
    }[implementation]
    train = IMPLEMENTATIONS[implementation]
    return train(batches, W1, W2, loss_function=LOSSES[config.loss], learning_rate=config.learning_rate, **options)
