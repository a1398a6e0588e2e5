"""The five ways to write the same network, by name."""

from collections.abc import Callable, Iterable, Iterator

import torch

from core.topics.manual_mlp.autograd import train_autograd
from core.topics.manual_mlp.config import MLPConfig, Way
from core.topics.manual_mlp.data import Batch, initial_weights
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import train_module
from core.topics.manual_mlp.optim import train_optim
from core.topics.manual_mlp.sequential import train_sequential
from core.topics.manual_mlp.step import Step
from core.topics.manual_mlp.tensors import train_tensors

WAYS: dict[Way, Callable[..., Iterator[Step]]] = {
    "tensors": train_tensors,
    "autograd": train_autograd,
    "module": train_module,
    "sequential": train_sequential,
    "optim": train_optim,
}


def start(config: MLPConfig, way: Way, batches: Iterable[Batch], weights: Batch | None = None) -> Iterator[Step]:
    """Start one of the ways on the batches, from the run's first weights or from others (W1, W2).

    Each ``next`` makes the update that the last step calls for, and shows the next step.
    """
    W1, W2 = weights or initial_weights(config, way)
    forget = {"forget_zero_grad": config.forget_zero_grad}
    options = {
        "tensors": {"tutorials_gradient": config.tutorials_gradient},
        "autograd": forget,
        "module": forget | {"custom_function": config.custom_function},
        "sequential": forget | {"named_layers": config.named_layers},
        "optim": forget | {"optimizer_class": getattr(torch.optim, config.optimizer)},
    }[way]
    return WAYS[way](batches, W1, W2, loss_function=LOSSES[config.loss], learning_rate=config.learning_rate, **options)
