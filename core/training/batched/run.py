"""Networks that are trained at once, by several optimizers at several learning rates, and judged together."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from core.training.batched.config import NetworkConfig, Racer
from core.training.batched.data import Task
from core.training.batched.mlp import StackedMLP, StackedOptimizer, loss_and_gradient
from core.training.batched.results import Member, Standings
from core.training.batching import batches_per_epoch
from core.training.progress import finite

POINTS = 100  # of a curve
JUDGED = 4  # every so many points, all networks are judged on the validation split


class Heat:
    """Networks that are trained at once: ``members`` in the order of their names.

    Their names are those of their optimizers; or of schedules, whose learning rates for all updates ``factors`` gives
    as multiples of the member's own, and the optimizer of all is the ``optimizer`` of the settings.
    """

    def __init__(
        self,
        config: NetworkConfig,
        task: Task,
        members: Sequence[Member],
        factors: Mapping[str, Sequence[float]] | None = None,
    ):
        self.config, self.task, self.members, self._factors = config, task, members, factors or {}
        seeds = [config.seed * 1_000 + member.seed for member in members]
        self.networks = StackedMLP.start(config.sizes, seeds, dtype=torch.float32)
        self.squads = [self._squad(name) for name in dict.fromkeys(member.name for member in members)]
        self.spacing = max(1, -(-config.updates // POINTS))

    def run(self) -> Iterable[tuple[int, dict[str, np.ndarray]]]:
        """Train; yields step and arrays as `train` says."""
        losses, *_gradients = self.networks.gradients(*self.task.batch(0))
        yield 0, {"members": self._table(), **_finite(train=losses, **self.judge(0))}
        total, since = torch.zeros(len(self.members)), 0
        for step in range(1, self.config.updates + 1):
            total += self.update(step - 1)
            since += 1
            if step % self.spacing == 0 or step == self.config.updates:
                yield step, _finite(train=total / since, **self.judge(step))
                total, since = torch.zeros_like(total), 0

    def update(self, step: int) -> Tensor:
        """One update of every network; returns the losses (N,) before it."""
        x, y = self.task.batch(step)
        losses, grad_W1, grad_rest = self.networks.gradients(x, y)
        for squad in self.squads:
            squad.take(step, len(x), grad_W1, grad_rest)
        return losses

    def judge(self, step: int) -> dict[str, Tensor]:
        """The loss and the accuracy of all networks by which rates are chosen, where this step has them measured."""
        if step // self.spacing % JUDGED and step != self.config.updates:
            return {}
        x, y = self.task.judged()
        answers = [self.networks.answers(part) for part in x.split(500)]
        losses = [
            loss_and_gradient(part, wanted)[0] * len(wanted) for part, wanted in zip(answers, y.split(500), strict=True)
        ]
        arrays = {"judged": torch.stack(losses).sum(0) / len(y)}
        if self.config.data == "digits":
            arrays["accuracy"] = _accuracies(answers, y)
            if step == self.config.updates:
                x, y = self.task.test()
                arrays["test"] = _accuracies([self.networks.answers(part) for part in x.split(500)], y)
        return arrays

    def _squad(self, name: str) -> "Squad":
        numbers = [number for number, member in enumerate(self.members) if member.name == name]
        rates = torch.tensor([self.members[number].rate for number in numbers])
        optimizer = self.config.optimizer if name in self._factors else name
        where = slice(numbers[0], numbers[-1] + 1)
        return Squad(self.config, optimizer, self.networks, where, rates, self._factors.get(name))

    def _table(self) -> np.ndarray:
        names = self.config.entrants
        return np.array([(names.index(member.name), member.rate, member.seed) for member in self.members])


class Squad:
    """The networks of one name in a heat: the slice ``where`` of all."""

    def __init__(
        self,
        config: NetworkConfig,
        optimizer: Racer,
        networks: StackedMLP,
        where: slice,
        rates: Tensor,
        factors: Sequence[float] | None,
    ):
        self._optimizer = StackedOptimizer(
            optimizer,
            networks.part(where),
            rates,
            weight_decay=config.weight_decay,
            settings=config.settings_for(optimizer),
        )
        self._where, self._factors = where, factors
        self._whole, self._samples = optimizer == "gd", config.samples
        self._passes = batches_per_epoch(config.samples, config.batch_size)
        self._sums = [torch.zeros_like(networks.W1[where]), torch.zeros_like(networks.rest[where])]

    def take(self, step: int, size: int, *gradients: Tensor) -> None:
        """Take the gradients of a batch of that size: GD adds them up and steps at the end of a pass."""
        gradients = [gradient[self._where] for gradient in gradients]
        if self._factors is not None:
            self._optimizer.scale(self._factors[step])
        if not self._whole:
            self._optimizer.step(*gradients)
            return
        for total, gradient in zip(self._sums, gradients, strict=True):
            total.add_(gradient, alpha=size / self._samples)
        if (step + 1) % self._passes == 0:
            self._optimizer.step(*self._sums)
            for total in self._sums:
                total.zero_()


def _accuracies(answers: Sequence[Tensor], y: Tensor) -> Tensor:
    right = [(part.argmax(1) == wanted).sum(1) for part, wanted in zip(answers, y.split(500), strict=True)]
    return torch.stack(right).sum(0) / len(y)


def _finite(**values: Tensor) -> dict[str, np.ndarray]:
    """The values as arrays, NaN for what is not finite."""
    return {name: value.where(value.isfinite(), math.nan).numpy() for name, value in values.items()}


def metrics(standings: Standings) -> dict[str, float | None]:
    """What the events of a run say in numbers, see `train`."""
    ranking = standings.ranking()
    metrics = {"loss": finite(ranking[0].judged)}
    for place in ranking:
        metrics[f"train/{place.name}"] = finite(place.train)
        metrics[f"judged/{place.name}"] = finite(place.judged)
    return metrics


def final_metrics(standings: Standings) -> dict[str, float | None]:
    """What the end of a run says in numbers beside `metrics`, see `train`."""
    metrics = {}
    for place in standings.ranking():
        metrics[f"rate/{place.name}"] = place.rate
        if place.test is not None:
            metrics[f"test/{place.name}"] = finite(place.test)
    return metrics
