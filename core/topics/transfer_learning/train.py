"""Train networks on few labels with four strategies and several seeds at the same time."""

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, optim
from torch.nn.functional import cross_entropy

from core.topics.transfer_learning.config import STRATEGIES, Domain, Strategy, TransferConfig
from core.topics.transfer_learning.data import (
    Batch,
    held_out_samples,
    labelled_samples,
    load,
    random_shift,
    shown_samples,
)
from core.topics.transfer_learning.model import accuracy, build, predictions, transfer_layers
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.training.batching import BatchPlan
from core.training.live_settings import set_in_optimizer
from core.training.probes import UpdateProbe, probe_steps, watch_units
from core.training.progress import Progress, TrainedModel, finite
from core.training.state import TrainingState, Values

N_KEYFRAMES = 12  # evaluations during a run
EVAL_SUBSET = 500  # test images of an evaluation during the run
N_TESTED = 10_000  # largest number of test images of the final evaluation


class StrategyTrainer:
    """A network that learns the target task with one strategy and one seed.

    With the same seed, all strategies use the same labeled images, the same batches, and the same initial weights for
    layers that are not transferred. ``number`` is the seed number. ``batch`` holds the labeled images for this seed.
    ``source`` holds the pretrained weights by name.
    """

    def __init__(
        self, config: TransferConfig, strategy: Strategy, number: int, batch: Batch, source: Mapping[str, Tensor]
    ):
        self.config, self.strategy, self.seed = config, strategy, config.seed * 1_000 + number
        self.network = build(config.classes, self.seed)
        n_transferred, n_frozen = (0, 0) if strategy == "scratch" else (config.n_transferred, config.n_transferred)
        if strategy in ("frozen", "fine_tuned"):
            transfer_layers(self.network, source, n_transferred)
        if strategy == "fine_tuned":
            n_frozen = min(config.n_frozen, n_transferred)
        self.frozen_layers, self.trained_layers = self.network[:n_frozen], self.network[n_frozen:]
        self.frozen_layers.requires_grad_(False)
        pretrained, new = self.network[n_frozen:n_transferred], self.network[n_transferred:]
        self.optimizer = optim.Adam([{"params": list(layers.parameters())} for layers in (new, pretrained)])
        self.use(config, BatchPlan(config.samples, config.batch_size))
        self.x, self.y = batch
        if not config.shifts:
            self.x = self.features(self.x)  # computed once

    def use(self, config: TransferConfig, plan: BatchPlan) -> None:
        """From now on, use the batches of ``plan``, and the learning rates and the weight decay of ``config``."""
        self.plan = plan
        new, pretrained = self.optimizer.param_groups
        new["lr"] = config.learning_rate
        pretrained["lr"] = config.learning_rate * config.pretrained_lr_multiplier
        set_in_optimizer(self.optimizer, weight_decay=config.weight_decay)

    def features(self, x: Tensor) -> Tensor:
        """Return the outputs of the frozen layers for the images ``x``."""
        with torch.no_grad():
            return torch.cat([self.frozen_layers(part) for part in x.split(500)])

    def state_dict(self) -> dict[str, Any]:
        """Return the states of the network and of its optimizer."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the states of the network and of its optimizer."""
        self.network.load_state_dict(state_dict["network"])
        self.optimizer.load_state_dict(state_dict["optimizer"])

    def update(self, step: int) -> Tensor:
        """Perform update ``step`` (counted from 1), and return the loss of the batch before the update."""
        indices = self.plan.indices(step - 1, seed=self.seed)
        x, y = self.x[indices], self.y[indices]
        if self.config.shifts:
            x = self.features(random_shift(x, self.config.shifts, self.seed, step))
        loss = cross_entropy(self.trained_layers(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()


Trainers = Mapping[tuple[Strategy, int], StrategyTrainer]
"""The networks of a run, by strategy and seed number."""


def build_trainers(config: TransferConfig) -> Trainers:
    """Return a new trainer for each strategy and seed."""
    source = pretrained_weights(config.source)
    batches = [
        labelled_samples(config.target, config.labels, seed=config.seed * 1_000 + number, noise=config.noise)
        for number in range(config.seeds)
    ]
    return {
        (strategy, number): StrategyTrainer(config, strategy, number, batch, source)
        for strategy in STRATEGIES
        for number, batch in enumerate(batches)
    }


def train(config: TransferConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the networks of all strategies and seeds at the same time; yield progress about N_KEYFRAMES times.

    Metrics:
    - ``accuracy/<strategy>/<seed number>``, the accuracy on EVAL_SUBSET test images or, at the end, on up to N_TESTED
      test images.
    - ``loss/<strategy>``, the loss of the batch before its update, averaged over the seeds.
    - The gradients, updates, and units of each layer of the first network (see `core.training.probes`).

    Arrays: ``predictions``, uint8 (strategies, images), the classes that the first seed's networks predict for the
    images from `shown_samples`. Returns the weights of the first seed's networks, named ``<strategy>.<name>``.
    """
    trainers = build_trainers(config)
    test_subset, shown = (
        held_out_samples(config.target, EVAL_SUBSET, noise=config.noise),
        shown_samples(config.target, noise=config.noise),
    )

    def weights() -> dict[str, Tensor]:
        return {
            f"{strategy}.{name}": value
            for strategy in STRATEGIES
            for name, value in trainers[strategy, 0].network.state_dict().items()
        }

    def test_accuracies() -> dict[str, float | None]:
        return accuracies(trainers, held_out_samples(config.target, N_TESTED, noise=config.noise))

    first = trainers[STRATEGIES[0], 0].network
    state = resume or TrainingState()
    kept = Values(metrics={}, tested=None)
    state.current_weights = weights
    state.track(kept=kept, **{f"{strategy}/{number}": trainer for (strategy, number), trainer in trainers.items()})
    batch_size = config.batch_size
    if not state.resumed:
        yield Progress(0, config.updates, accuracies(trainers, test_subset), shown_predictions(trainers, shown))
    for config in state.phases(config):
        plan = BatchPlan(config.samples, batch_size, state.changes)
        updates = plan.updates(config.epochs)
        keyframes = keyframe_steps(updates)
        probed = probe_steps(keyframes)
        for trainer in trainers.values():
            trainer.use(config, plan)
        for step in state.updates(updates):
            probe = UpdateProbe(first) if step in probed else None
            losses = {key: trainer.update(step) for key, trainer in trainers.items()}
            if step in keyframes or state.losses_only:
                kept.tested = step if step == updates else None
                kept.metrics = {
                    f"loss/{strategy}": finite(
                        torch.stack([losses[strategy, number] for number in range(config.seeds)]).mean()
                    )
                    for strategy in STRATEGIES
                }
                if state.losses_only:
                    yield Progress(step, updates, kept.metrics)
                    continue
                with watch_units(first if probe else None) as units:
                    kept.metrics |= test_accuracies() if kept.tested else accuracies(trainers, test_subset)
                health = {**probe.measure(), **units} if probe else {}
                yield Progress(step, updates, kept.metrics | health, shown_predictions(trainers, shown))
    if kept.tested != state.step:  # the number of epochs was changed after the last evaluation
        kept.metrics = kept.metrics | test_accuracies()
    return TrainedModel(weights(), kept.metrics)


def n_tested(domain: Domain) -> int:
    """Return the number of test images in the final evaluation, for a domain."""
    return min(N_TESTED, len(load(domain, "test").labels))


def keyframe_steps(updates: int) -> set[int]:
    """Return the updates after which all networks are evaluated. These updates are evenly spaced on a log scale."""
    factor = updates ** (1 / (N_KEYFRAMES - 1))
    return {round(factor**number) for number in range(N_KEYFRAMES)} | {updates}


def accuracies(trainers: Trainers, batch: Batch) -> dict[str, float | None]:
    """Return the accuracy of every network on ``batch``, keyed by ``accuracy/<strategy>/<seed number>``."""
    return {
        f"accuracy/{strategy}/{number}": accuracy(trainer.network, *batch)
        for (strategy, number), trainer in trainers.items()
    }


def shown_predictions(trainers: Trainers, shown: Batch) -> dict[str, np.ndarray]:
    """Return an array ``predictions``, uint8 (strategies, images): the classes predicted for the images in ``shown``.

    The predictions are made by the networks of the first seed.
    """
    return {"predictions": np.stack([predictions(trainers[strategy, 0].network, shown[0]) for strategy in STRATEGIES])}
