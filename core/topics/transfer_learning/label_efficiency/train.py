"""How many labels it takes: every way at every number of labels, each at the learning rate that suits it best."""

from collections.abc import Generator, Mapping, Sequence
from statistics import mean
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from core.progress import Progress, RunConfig, TrainedModel
from core.training import batches_per_epoch
from core.transfer import sources
from core.transfer.config import PAIRS, Pair, TransferConfig, Way
from core.transfer.data import Batch, labelled, load, unseen
from core.transfer.network import accuracy
from core.transfer.training import TESTED, Learner

COUNTS = (1, 5, 10, 20, 50, 200)
"""Labels per class that are tried."""

RATES = (0.0005, 0.002, 0.008, 0.03)
"""Learning rates that every way is tried with at every count."""

UPDATES, EPOCHS = 300, 20
"""At least so many updates, and at least so many passes through the labels: with a quarter of them, networks from
scratch are not done yet."""

Rung = Literal["scratch", "frozen", "frozen_hidden", "fine_tuned", "fine_tuned_hidden", "random", "random_hidden"]

RUNGS: dict[Rung, tuple[Way, int]] = {
    "scratch": ("scratch", 2),
    "frozen": ("frozen", 2),
    "frozen_hidden": ("frozen", 3),
    "fine_tuned": ("fine_tuned", 2),
    "fine_tuned_hidden": ("fine_tuned", 3),
    "random": ("random", 2),
    "random_hidden": ("random", 3),
}
"""Name -> the way, and the number of layers that are taken over."""

_VALIDATED = 100  # most pictures of each class by which rates are chosen


class LadderConfig(RunConfig):
    """One pair at all counts of labels."""

    pair: Pair = Field(
        "other_digits", title="From what to what", description="What the source has learnt, and what is to be learnt."
    )
    seeds: int = Field(
        3, ge=1, le=10, title="Seeds", description="How often all is done, with other labels and other first weights."
    )

    @property
    def counts(self) -> tuple[int, ...]:
        """Labels per class that are tried: as many pictures of each class are left to choose rates by."""
        fewest = int(torch.bincount(load(PAIRS[self.pair][1], "train").labels).min())
        return tuple(count for count in COUNTS if 2 * count <= fewest)

    def at(self, count: int, rate: float, rung: Rung) -> TransferConfig:
        """The settings of the networks of a rung."""
        config = TransferConfig(
            seed=self.seed,
            threads=self.threads,
            pair=self.pair,
            seeds=self.seeds,
            labels=count,
            learning_rate=rate,
            kept=RUNGS[rung][1],
        )
        of_epoch = batches_per_epoch(config.samples, config.batch_size)
        return config.changed(epochs=max(EPOCHS, -(-UPDATES // of_epoch)))


PRESETS: dict[str, LadderConfig] = {pair: LadderConfig(pair=pair) for pair in PAIRS}


def train(config: LadderConfig) -> Generator[Progress, None, TrainedModel]:
    """Climb the ladder; yields after every count of labels.

    Metrics, of every rung: ``<count>/<rung>/<number>``, the accuracy of TESTED test pictures at the rate that was best,
    on the mean over the seeds, for pictures that are neither trained on nor tested; and ``<count>/<rung>/rate``.
    Returns them once more, all as ``accuracies`` float32 (counts, rungs, seeds) in place of weights.
    """
    known, target = PAIRS[config.pair]
    source, test = sources.weights(known), unseen(target, TESTED, noise=0.0)
    seeds = [config.seed * 1_000 + number for number in range(config.seeds)]
    kept_back = [labelled(target, _VALIDATED, seed=seed, without=config.counts[-1]) for seed in seeds]
    figures: dict[str, float | None] = {}
    yield Progress(0, len(config.counts), {})
    for place, count in enumerate(config.counts, 1):
        batches = [labelled(target, count, seed=seed) for seed in seeds]
        for rung in RUNGS:
            best: tuple[float, float, list[Learner]] = (-1.0, 0.0, [])
            for rate in RATES:
                learners = _learn(config.at(count, rate, rung), rung, source, batches)
                validated = mean(
                    accuracy(learner.network, *of) for learner, of in zip(learners, kept_back, strict=True)
                )
                best = max(best, (validated, rate, learners), key=lambda found: found[0])
            _validated, rate, learners = best
            for number, learner in enumerate(learners):
                figures[f"{count}/{rung}/{number}"] = accuracy(learner.network, *test)
            figures[f"{count}/{rung}/rate"] = rate
        yield Progress(place, len(config.counts), dict(figures))
    found = [
        [[figures[f"{count}/{rung}/{number}"] for number in range(config.seeds)] for rung in RUNGS]
        for count in config.counts
    ]
    return TrainedModel({"accuracies": torch.tensor(found)}, figures)


def _learn(
    settings: TransferConfig, rung: Rung, source: Mapping[str, Tensor], batches: Sequence[Batch]
) -> list[Learner]:
    """The networks of all seeds, trained."""
    way, _kept = RUNGS[rung]
    learners = [Learner(settings, way, number, batch, source) for number, batch in enumerate(batches)]
    for learner in learners:
        for step in range(1, settings.updates + 1):
            learner.update(step)
    return learners
