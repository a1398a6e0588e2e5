"""Label noise: the lowest training loss without memorization, compared with the training losses of a race.

``noise`` is the fraction of training labels that are replaced at random.
"""

import math
from collections.abc import Mapping

import numpy as np

from core.training.batched.results import Results
from core.training.batching import batches_per_epoch

N_CLASSES = 10


def wrong_label_fraction(noise: float) -> float:
    """Return the expected fraction of wrong labels.

    ``noise`` is the fraction of labels that are replaced at random. On average, one in ten random labels is correct.
    """
    return noise * (1 - 1 / N_CLASSES)


def loss_without_memorization(noise: float) -> float:
    """Return the lowest expected cross-entropy of a network that has not memorized any random labels.

    This is the conditional entropy of the training label, given the correct class.
    """
    return sum(-p * math.log(p) for p in _label_probabilities(noise) if p)


def sampling_error(noise: float, samples: int) -> float:
    """Return the standard error of the training loss of a network that has not memorized any random labels.

    ``samples`` is the number of training samples.
    """
    probabilities = _label_probabilities(noise)
    mean = loss_without_memorization(noise)
    variance = sum(p * (-math.log(p) - mean) ** 2 for p in probabilities if p)
    return math.sqrt(variance / samples)


def _label_probabilities(noise: float) -> list[float]:
    """Return the probabilities of the correct label and of each wrong label."""
    wrong = noise / N_CLASSES
    return [1 - (N_CLASSES - 1) * wrong, *[wrong] * (N_CLASSES - 1)]


def last_epoch_losses(results: Results) -> dict[str, float]:
    """Return, for each optimizer, the mean training loss over the last epoch.

    At each event, the loss is the median over the seeds. For each optimizer, the learning rate with the lowest mean is
    used. Optimizers that have not reached the last epoch are omitted.
    """
    config = results.config
    first = config.updates - batches_per_epoch(config.samples, config.batch_size)
    losses: dict[str, float] = {}
    for optimizer in config.variants:
        for rate in results.learning_rates(optimizer):
            curve = results.curve(optimizer, rate, "train")
            if curve is None or not (is_last := curve.steps > first).any():
                continue
            n_updates = np.diff(curve.steps, prepend=0)[is_last]
            mean = float(np.average(curve.median[is_last], weights=n_updates))
            losses[optimizer] = min(losses.get(optimizer, math.inf), mean)
    return losses


def memorizing_optimizers(losses: Mapping[str, float], noise: float, samples: int) -> list[str]:
    """Return the optimizers whose training loss is too low to be possible without memorization.

    Such a loss is more than three standard errors (see `sampling_error`) below `loss_without_memorization`.
    ``losses`` is the result of `last_epoch_losses`, and ``samples`` is the number of training samples.
    """
    limit = loss_without_memorization(noise) - 3 * sampling_error(noise, samples)
    return [optimizer for optimizer, loss in losses.items() if loss < limit]
