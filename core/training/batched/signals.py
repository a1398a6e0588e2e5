"""What a run of batched networks tells about their health."""

import math
from collections.abc import Sequence

from core.training.batched.config import BatchedConfig
from core.training.health import Signals, series
from core.training.progress import Progress

CLASSES = 10


def signals(config: BatchedConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of the best variant at its best learning rate so far: medians over the seeds.

    The best variant has the lowest validation loss. For random targets, the validation data are the training data, and
    the signals contain no test loss.
    """
    last = events[-1]
    losses = {name: last.metrics.get(f"validation_loss/{name}") for name in config.variants}
    best = min(config.variants, key=lambda name: _or_infinity(losses[name]))
    digits, loss = config.data == "digits", series(events, f"train/{best}")
    return Signals(
        loss=loss,
        baseline_loss=math.log(CLASSES) if digits else 1.0,
        lowest_loss=_lowest_loss(config.noise) if digits else 0.0,
        train_loss=loss,
        test_loss=series(events, f"validation_loss/{best}") if digits else (),
        diverged_at=last.step if all(loss is None for loss in losses.values()) else None,
        total=last.total,
        finished=last.step == last.total,
    )


def _or_infinity(loss: float | None) -> float:
    return math.inf if loss is None else loss


def _lowest_loss(noise: float) -> float:
    """Return the entropy of the labels, of which a fraction ``noise`` is replaced at random."""
    others = noise / CLASSES
    shares = [1 - (CLASSES - 1) * others] + (CLASSES - 1) * [others]
    return -sum(share * math.log(share) for share in shares if share)
