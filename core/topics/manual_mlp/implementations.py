"""The five implementations of the same network, by name."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from core.topics.manual_mlp.autograd import train_autograd
from core.topics.manual_mlp.config import Implementation, MLPConfig
from core.topics.manual_mlp.data import Batch, Weights, initial_weights
from core.topics.manual_mlp.losses import LOSSES
from core.topics.manual_mlp.module import train_module
from core.topics.manual_mlp.optim import train_optim
from core.topics.manual_mlp.sequential import train_sequential
from core.topics.manual_mlp.step import Step
from core.topics.manual_mlp.tensors import train_tensors
from core.training.live_settings import set_in_optimizer

IMPLEMENTATIONS: dict[Implementation, Callable[..., Iterator[Step]]] = {
    "tensors": train_tensors,
    "autograd": train_autograd,
    "module": train_module,
    "sequential": train_sequential,
    "optim": train_optim,
}


def training_steps(
    config: MLPConfig,
    implementation: Implementation,
    batches: Iterable[Batch],
    weights: Weights | None = None,
    *,
    watch_optimizer: Callable[[Optimizer], None] = lambda _optimizer: None,
) -> Iterator[Step]:
    """Train one implementation on the batches, starting from ``weights`` (W1, W2) or from the run's initial weights.

    Yields the `Step` of each batch, with the loss and the gradients before the update. The update is made when the next
    step is requested. ``watch_optimizer`` is called with the optimizer of implementation 5, "optim".
    """

    def make_optimizer(parameters: Iterable[Tensor], lr: float) -> Optimizer:
        optimizer = getattr(torch.optim, config.optimizer)(parameters, lr=lr)
        watch_optimizer(optimizer)
        return optimizer

    W1, W2 = weights or initial_weights(config, implementation)
    forget = {"forget_zero_grad": config.forget_zero_grad}
    options: dict[Implementation, dict[str, Any]] = {
        "tensors": {"tutorials_gradient": config.tutorials_gradient},
        "autograd": forget,
        "module": forget | {"custom_function": config.custom_function},
        "sequential": forget | {"named_layers": config.named_layers},
        "optim": forget | {"optimizer_class": make_optimizer},
    }
    return IMPLEMENTATIONS[implementation](
        batches,
        W1,
        W2,
        loss_function=LOSSES[config.loss],
        learning_rate=config.learning_rate,
        **options[implementation],
    )


class ResumableSteps(Iterator[Step]):
    """An iterator over the training steps of one implementation.

    The state of the iterator can be saved and loaded. It consists of the latest step and, for "optim", the
    state of the optimizer.
    """

    step: Step
    """The latest step; its update has not been made yet."""

    def __init__(
        self,
        config: MLPConfig,
        implementation: Implementation,
        batches: Iterator[Batch],
        weights: Weights | None = None,
    ):
        self._optimizers: list[Optimizer] = []
        self._implementation, self._batches = implementation, batches
        self._begin(config, weights)

    def _begin(self, config: MLPConfig, weights: Weights | None) -> None:
        self._optimizers.clear()
        self._config, watch = config, self._optimizers.append
        self._steps = training_steps(config, self._implementation, self._batches, weights, watch_optimizer=watch)

    def __next__(self) -> Step:
        self.step = next(self._steps)
        return self.step

    def state_dict(self) -> dict[str, Any]:
        """Return the latest step and, for "optim", the state of the optimizer."""
        return {"step": tuple(self.step), "optimizers": [optimizer.state_dict() for optimizer in self._optimizers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Recompute the saved step, and restore its gradients and the state of the optimizer.

        The iterator of batches must yield the batch of the saved step.
        """
        _loss, W1, W2, grad_W1, grad_W2 = state_dict["step"]
        self._begin(self._config, (W1.clone(), W2.clone()))
        step = next(self)
        step.grad_W1.copy_(grad_W1)  # sums over all batches if zero_grad() is forgotten
        step.grad_W2.copy_(grad_W2)
        for optimizer, state in zip(self._optimizers, state_dict["optimizers"], strict=True):
            optimizer.load_state_dict(state)
            set_in_optimizer(optimizer, lr=self._config.learning_rate)

    def use(self, config: MLPConfig) -> None:
        """Switch to the learning rate of ``config``, starting with the update of the latest step."""
        if config.learning_rate != self._config.learning_rate:
            state = self.state_dict()
            self._config = config
            self.load_state_dict(state)
