"""Train many networks at once with several optimizers and learning rates, and evaluate them together."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.training.batched.config import BatchedConfig
from core.training.batched.data import DataSplits
from core.training.batched.mlp import BatchedMLP, loss_and_gradient
from core.training.batched.optimizer import BatchedOptimizer
from core.training.batched.results import NetworkSpec, Results
from core.training.batching import batches_per_epoch
from core.training.progress import Progress, finite
from core.training.state import TrainingState, Values

N_MEASUREMENTS = 100
"""Number of training-loss measurements in a run."""
VALIDATION_INTERVAL = 4
"""Number of training-loss measurements per evaluation on the validation data."""
_EVALUATION_BATCH = 500


def measurement_interval(config: BatchedConfig) -> int:
    """Return the number of updates between two measurements, so that a run has at most N_MEASUREMENTS."""
    return max(1, -(-config.updates // N_MEASUREMENTS))


class BatchedRun:
    """Networks that are trained together: one for each of ``specs``, which are grouped by variant.

    ``lr_factors`` contains, for each variant with a schedule, the learning-rate factor of every update. ``state`` is
    updated during training, and can be saved after every event. By default, it is a new state.
    """

    def __init__(
        self,
        config: BatchedConfig,
        data: DataSplits,
        specs: Sequence[NetworkSpec],
        lr_factors: Mapping[str, Sequence[float]] | None = None,
        state: TrainingState | None = None,
    ):
        self.config, self.data, self.specs, self._lr_factors = config, data, specs, lr_factors or {}
        seeds = [config.weight_seed(spec.seed) for spec in specs]
        self.networks = BatchedMLP.initialize(config.sizes, seeds, dtype=data.dtype)
        self.groups = [self._group(variant) for variant in dict.fromkeys(spec.variant for spec in specs)]
        self.state = state or TrainingState()
        self.measurement_interval = 1 if self.state.losses_only else measurement_interval(config)
        self._losses = Values(sum=torch.zeros(len(specs), dtype=data.dtype), count=0)
        groups = {f"optimizer/{number}": group for number, group in enumerate(self.groups)}
        self.state.track(networks=self.networks, losses=self._losses, **groups)

    def train(self) -> Iterable[tuple[int, dict[str, np.ndarray]]]:
        """Train all networks; yield the step and the arrays of each event (see `core.topics.optimizer_race.train`)."""
        if not self.state.resumed:
            losses, *_gradients = self.networks.gradients(*self.data.batch(0))
            yield 0, {"members": self._spec_table(), **_finite_arrays(train=losses, **self.evaluate(0))}
        for config in self.state.phases(self.config):
            self.use(config)
            for step in self.state.updates(config.updates):
                self._losses.sum += self.update(step - 1)
                self._losses.count += 1
                if step % self.measurement_interval == 0 or step == config.updates:
                    mean = self._losses.sum / self._losses.count
                    self._losses.sum, self._losses.count = torch.zeros_like(mean), 0
                    yield step, _finite_arrays(train=mean, **self.evaluate(step))

    def use(self, config: BatchedConfig) -> None:
        """Use the label noise and the weight decay of ``config`` from the next update on."""
        if config.noise != self.data.config.noise:
            self.data = DataSplits(config)
        for group in self.groups:
            group.set_weight_decay(config.weight_decay)
        self.config = config

    def update(self, step: int) -> Tensor:
        """Train every network on one batch, and return the losses (N,) before the update.

        ``step`` is the number of the batch, counted from 0. For full-batch gradient descent, see `OptimizerGroup.step`.
        """
        x, y = self.data.batch(step)
        losses, grad_W1, grad_rest = self.networks.gradients(x, y)
        for group in self.groups:
            group.step(step, len(x), grad_W1, grad_rest)
        return losses

    def evaluate(self, step: int) -> dict[str, Float[Tensor, " models"]]:
        """Return the validation loss and accuracy after update ``step`` and, after the last update, the test accuracy.

        The tensors (N,) are named like the metrics in `Results`. The result is empty after updates without an
        evaluation. For random targets, it contains no accuracies.
        """
        last = step == self.config.updates
        if self.state.losses_only:
            return {}
        if step // self.measurement_interval % VALIDATION_INTERVAL and not last:
            return {}
        x, y = self.data.validation()
        logits = self._logits(x)
        losses = [
            loss_and_gradient(part, target)[0] * len(target)
            for part, target in zip(logits, y.split(_EVALUATION_BATCH), strict=True)
        ]
        arrays = {"validation_loss": torch.stack(losses).sum(0) / len(y)}
        if self.config.data == "digits":
            arrays["accuracy"] = _accuracies(logits, y)
            if last and (test := self.data.test()):
                x, y = test
                arrays["test"] = _accuracies(self._logits(x), y)
        return arrays

    def _logits(self, x: Tensor) -> list[Tensor]:
        return [self.networks.logits(part) for part in x.split(_EVALUATION_BATCH)]

    def _group(self, variant: str) -> "OptimizerGroup":
        columns = [column for column, spec in enumerate(self.specs) if spec.variant == variant]
        networks = slice(columns[0], columns[-1] + 1)
        rates = torch.tensor([spec.learning_rate for spec in self.specs[networks]], dtype=self.data.dtype)
        return OptimizerGroup(self.config, variant, self.networks, networks, rates, self._lr_factors.get(variant))

    def _spec_table(self) -> np.ndarray:
        variants = self.config.variants
        return np.array([(variants.index(spec.variant), spec.learning_rate, spec.seed) for spec in self.specs])


class OptimizerGroup:
    """The networks of one variant (a slice of all networks) and their optimizer."""

    def __init__(
        self,
        config: BatchedConfig,
        variant: str,
        all_networks: BatchedMLP,
        networks: slice,
        learning_rates: Float[Tensor, " models"],
        lr_factors: Sequence[float] | None,
    ):
        name = config.optimizer_of(variant)
        self._optimizer = BatchedOptimizer(
            name,
            all_networks.select(networks),
            learning_rates,
            weight_decay=config.weight_decay,
            settings=config.settings_for(name),
        )
        self._networks, self._lr_factors = networks, lr_factors
        self._full_batch, self._samples = name == "gd", config.samples
        self._batches_per_epoch = batches_per_epoch(config.samples, config.batch_size)
        self._sums = [torch.zeros_like(all_networks.W1[networks]), torch.zeros_like(all_networks.rest[networks])]

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer, and the accumulated gradients of full-batch gradient descent."""
        return {"optimizer": self._optimizer.state_dict(), "sums": self._sums}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state of the optimizer and the accumulated gradients."""
        self._optimizer.load_state_dict(state_dict["optimizer"])
        self._sums = state_dict["sums"]

    def set_weight_decay(self, weight_decay: float) -> None:
        """Set the weight decay of the networks in the group, from the next update on."""
        self._optimizer.set_weight_decay(weight_decay)

    def step(self, step: int, batch_size: int, *gradients: Tensor) -> None:
        """Update the networks of the group with the gradients of a batch.

        Full-batch gradient descent accumulates the gradients, and updates the networks only at the end of an epoch.
        ``step`` is the number of the batch, counted from 0. ``gradients`` contains the gradients of the
        networks of all groups.
        """
        own_gradients = [gradient[self._networks] for gradient in gradients]
        if self._lr_factors is not None:
            self._optimizer.scale_learning_rates(self._lr_factors[step])
        if not self._full_batch:
            self._optimizer.step(*own_gradients)
            return
        for total, gradient in zip(self._sums, own_gradients, strict=True):
            total.add_(gradient, alpha=batch_size / self._samples)
        if (step + 1) % self._batches_per_epoch == 0:
            self._optimizer.step(*self._sums)
            for total in self._sums:
                total.zero_()


def _accuracies(logits: Sequence[Tensor], y: Tensor) -> Tensor:
    targets = y.split(_EVALUATION_BATCH)
    correct = [(part.argmax(1) == target).sum(1) for part, target in zip(logits, targets, strict=True)]
    return torch.stack(correct).sum(0) / len(y)


def _finite_arrays(**values: Tensor) -> dict[str, np.ndarray]:
    """Return the values as arrays, with NaN in place of values that are not finite."""
    return {name: value.where(value.isfinite(), math.nan).numpy() for name, value in values.items()}


def training_losses(event: Progress) -> list[float | None]:
    """Return the training loss of every network in an event, or None for losses that are not finite."""
    return [finite(loss) for loss in event.arrays["train"].tolist()]


def metrics(results: Results) -> dict[str, float | None]:
    """Compute the metrics of an event from the results so far (see `core.topics.optimizer_race.train`)."""
    ranking = results.ranking()
    metrics = {"loss": finite(ranking[0].validation_loss)}
    for result in ranking:
        metrics[f"train/{result.variant}"] = finite(result.training_loss)
        metrics[f"validation_loss/{result.variant}"] = finite(result.validation_loss)
    return metrics


def final_metrics(results: Results) -> dict[str, float | None]:
    """Return the additional metrics of the last event (see `core.topics.optimizer_race.train`)."""
    metrics: dict[str, float | None] = {}
    for result in results.ranking():
        metrics[f"rate/{result.variant}"] = result.learning_rate
        if result.test_accuracy is not None:
            metrics[f"test/{result.variant}"] = finite(result.test_accuracy)
    return metrics
