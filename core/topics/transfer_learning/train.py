"""Trains networks on few labels in four ways, several times, all side by side."""

from collections.abc import Generator, Mapping

import torch
from torch import Tensor, optim
from torch.nn.functional import cross_entropy

from core.topics.transfer_learning.config import WAYS, TransferConfig, Way
from core.topics.transfer_learning.data import (
    Batch,
    labelled,
    shifted,
    unseen,
)
from core.topics.transfer_learning.model import accuracy, build, take_over
from core.topics.transfer_learning.pretraining import train as sources
from core.training.batching import batch_indices
from core.training.progress import Progress, TrainedModel, finite

KEYFRAMES = 12  # looks at test pictures in a run
SOME = 500  # test pictures of a look
TESTED = 10_000  # of the end, if there are so many
KEPT: tuple[Way, ...] = ("scratch", "fine_tuned")  # ways whose weights a run gives back


class Learner:
    """A network that learns the target in one way, from the labels and the first weights of one seed.

    All ways of a seed have the same labels, the same batches, and the same first weights where they begin anew.
    """

    def __init__(self, config: TransferConfig, way: Way, number: int, batch: Batch, source: Mapping[str, Tensor]):
        self.config, self.seed = config, config.seed * 1_000 + number
        self.network = build(config.classes, self.seed)
        kept, held = (0, 0) if way == "scratch" else (config.kept, config.kept)
        if way in ("frozen", "fine_tuned"):
            take_over(self.network, source, kept)
        if way == "fine_tuned":
            held = min(config.held, kept)
        self.below, self.above = self.network[:held], self.network[held:]
        self.below.requires_grad_(False)
        old, new = self.network[held:kept], self.network[kept:]
        self.optimizer = optim.Adam(
            [
                {"params": list(new.parameters()), "lr": config.learning_rate},
                {"params": list(old.parameters()), "lr": config.learning_rate * config.old_rate},
            ],
            weight_decay=config.weight_decay,
        )
        self.x, self.y = batch
        if not config.shifts:
            self.x = self.features(self.x)  # what is held is computed once

    def features(self, x: Tensor) -> Tensor:
        """What the layers that are held make of pictures."""
        with torch.no_grad():
            return torch.cat([self.below(part) for part in x.split(500)])

    def update(self, step: int) -> Tensor:
        """One update; returns the loss before it."""
        indices = batch_indices(len(self.y), self.config.batch_size, step - 1, seed=self.seed)
        x, y = self.x[indices], self.y[indices]
        if self.config.shifts:
            x = self.features(shifted(x, self.config.shifts, self.seed, step))
        loss = cross_entropy(self.above(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def train(config: TransferConfig) -> Generator[Progress, None, TrainedModel]:
    """Train all ways and seeds side by side; yields at KEYFRAMES points.

    Metrics: ``accuracy/<way>/<number>`` of SOME test pictures, and ``loss/<way>``, the mean over the seeds of the
    losses of that update; the final accuracies are of all test pictures. Returns the weights of the first seed's
    networks of KEPT, as ``<way>.<name>``.
    """
    source = sources.weights(config.source)
    batches = [
        labelled(config.target, config.labels, seed=config.seed * 1_000 + number, noise=config.noise)
        for number in range(config.seeds)
    ]
    learners = {
        (way, number): Learner(config, way, number, batch, source)
        for way in WAYS
        for number, batch in enumerate(batches)
    }
    some, looks = unseen(config.target, SOME, noise=config.noise), keyframe_steps(config)
    yield Progress(0, config.updates, _accuracies(learners, some))
    for step in range(1, config.updates + 1):
        losses = {key: learner.update(step) for key, learner in learners.items()}
        if step in looks:
            means = {way: [loss for (of, _number), loss in losses.items() if of == way] for way in WAYS}
            metrics = {f"loss/{way}": finite(torch.stack(found).mean()) for way, found in means.items()}
            yield Progress(step, config.updates, metrics | _accuracies(learners, some))
    final = _accuracies(learners, unseen(config.target, TESTED, noise=config.noise))
    weights = {f"{way}.{name}": value for way in KEPT for name, value in learners[way, 0].network.state_dict().items()}
    return TrainedModel(weights, metrics | final)


def keyframe_steps(config: TransferConfig) -> set[int]:
    """Updates after which all are tested: soon after the beginning, and on by equal factors to the end."""
    factor = config.updates ** (1 / (KEYFRAMES - 1))
    return {round(factor**number) for number in range(KEYFRAMES)} | {config.updates}


def _accuracies(learners: Mapping[tuple[Way, int], Learner], batch: Batch) -> dict[str, float | None]:
    return {
        f"accuracy/{way}/{number}": accuracy(learner.network, *batch) for (way, number), learner in learners.items()
    }
