"""Train a preset of transfer learning with several numbers of labels per class."""

from collections.abc import Generator

import torch

from core.topics.transfer_learning.data import held_out_samples, shown_samples
from core.topics.transfer_learning.few_labels.config import LABEL_COUNTS, FewLabelsConfig
from core.topics.transfer_learning.train import N_TESTED, accuracies, build_trainers, shown_predictions
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState, Values


def train(config: FewLabelsConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train with each of LABEL_COUNTS; yields after every one of them.

    Metrics: ``<count>/accuracy/<strategy>/<seed number>`` on N_TESTED test images. Arrays of the event of a count:
    ``predictions``, as at the end of a run with so many labels. Returns them in place of weights, by ``<count>``.
    """
    state, kept = resume or TrainingState(), Values(metrics={}, predictions={})
    state.track(kept=kept)
    if not state.resumed:
        yield Progress(0, len(LABEL_COUNTS), {})
    for step in state.updates(len(LABEL_COUNTS)):
        count = LABEL_COUNTS[step - 1]
        settings = config.transfer_config(count)
        trainers = build_trainers(settings)
        for update in range(1, settings.updates + 1):
            for trainer in trainers.values():
                trainer.update(update)
        test = held_out_samples(settings.target, N_TESTED, noise=settings.noise)
        predictions = shown_predictions(trainers, shown_samples(settings.target, noise=settings.noise))
        kept.metrics |= {f"{count}/{name}": value for name, value in accuracies(trainers, test).items()}
        kept.predictions[str(count)] = torch.from_numpy(predictions["predictions"])
        yield Progress(step, len(LABEL_COUNTS), dict(kept.metrics), predictions)
    return TrainedModel(kept.predictions, kept.metrics)
