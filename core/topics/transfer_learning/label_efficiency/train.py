"""How many labels it takes: every way at every number of labels, each at the learning rate that suits it best."""

from collections.abc import Generator, Mapping, Sequence
from statistics import mean

import torch
from torch import Tensor

from core.topics.transfer_learning.config import (
    PAIRS,
    TransferConfig,
)
from core.topics.transfer_learning.data import (
    Batch,
    labelled,
    unseen,
)
from core.topics.transfer_learning.label_efficiency.config import RATES, RUNGS, LadderConfig, Rung
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining import train as sources
from core.topics.transfer_learning.train import TESTED, Learner
from core.training.progress import Progress, TrainedModel

_VALIDATED = 100  # most pictures of each class by which rates are chosen


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
