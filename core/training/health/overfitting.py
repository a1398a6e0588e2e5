"""Health checks that compare the training set with data that are not used for training."""

from core.training.config import RunConfig
from core.training.health import changes
from core.training.health.curves import part_mean
from core.training.health.finding import Finding
from core.training.health.signals import Series, Signals

RISE = 1.05
"""Factor by which the test loss rises above its lowest value when a network overfits."""
LOSS_GAP = 0.2
"""Smallest gap between test and training loss that counts, as a fraction of the loss of a constant output."""
ACCURACY_GAP = 0.05
"""Smallest gap between training and test accuracy that counts. Below, healthy networks on small test sets differ."""
SAME_ACCURACY = 0.01
"""The accuracy holds if it is at most this much below its highest value."""
MIN_POINTS = 4
"""Number of evaluations before which nothing is said."""
RECENT = 0.9
"""The mean of the last tenth of a curve is its current value, since single evaluations of small sets vary."""


def growing_gap(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the test loss does not rise while the training loss falls."""
    baseline = signals.baseline
    test, train = _current(signals.test_loss), _current(signals.train_loss)
    if baseline is None or test is None or train is None or not signals.is_long_enough:
        return None
    lowest_at, lowest = _lowest(signals.test_loss)
    then = next((value for step, value in signals.train_loss if step >= lowest_at and value is not None), train)
    if test < RISE * lowest or test - train < LOSS_GAP * baseline or train > then:
        return None
    return Finding(
        "growing_gap",
        "warning",
        signals.step,
        {"train": train, "test": test, "gap": test - train, "step": lowest_at},
        {"train_loss": signals.train_loss, "test_loss": signals.test_loss},
        (RISE * lowest,),
        changes.regularization(config),
    )


def accuracy_gap(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the training accuracy is not much higher than the test accuracy."""
    train, test = _current(signals.train_accuracy), _current(signals.test_accuracy)
    if train is None or test is None or train - test < ACCURACY_GAP or not signals.is_long_enough:
        return None
    return Finding(
        "accuracy_gap",
        "warning",
        signals.step,
        {"train_accuracy": train, "accuracy": test},
        {"train_accuracy": signals.train_accuracy, "test_accuracy": signals.test_accuracy},
        (train - ACCURACY_GAP,),
        changes.regularization(config),
    )


def overconfident(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the test loss does not rise while the test accuracy holds.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 3.
    """
    test, accuracy = _current(signals.test_loss), _current(signals.test_accuracy)
    baseline = signals.baseline
    if baseline is None or test is None or accuracy is None or not signals.is_long_enough:
        return None
    _step, lowest = _lowest(signals.test_loss)
    highest = max(value for _step, value in signals.test_accuracy if value is not None)
    if test < RISE * lowest or test - lowest < LOSS_GAP * baseline or accuracy < highest - SAME_ACCURACY:
        return None
    fix = changes.valid(config, {"label_smoothing": 0.1}) or changes.regularization(config)
    return Finding(
        "overconfident",
        "warning",
        signals.step,
        {"lowest": lowest, "test": test, "accuracy": accuracy},
        {"test_loss": signals.test_loss, "test_accuracy": signals.test_accuracy},
        (RISE * lowest,),
        fix,
    )


def _current(series: Series) -> float | None:
    """Return the current value of an evaluation, or None if there are too few evaluations."""
    return part_mean(series, RECENT, 1) if len(series) >= MIN_POINTS else None


def _lowest(series: Series) -> tuple[int, float]:
    return min(((step, value) for step, value in series if value is not None), key=lambda point: point[1])
