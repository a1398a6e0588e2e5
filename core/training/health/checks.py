"""The health checks. Each check reads some of the signals of a run, and returns a finding or None."""

from collections.abc import Callable

from core.training.config import RunConfig
from core.training.health import changes
from core.training.health.curves import finite_values, part_mean, window_means
from core.training.health.finding import Finding
from core.training.health.layers import (
    dead_units,
    exploding_gradients,
    has_large_updates,
    saturated_units,
    update_ratio,
    vanishing_gradients,
)
from core.training.health.overfitting import accuracy_gap, growing_gap, overconfident
from core.training.health.signals import MIN_SHARE, Signals

INITIAL_LOSS_FACTOR = 3.0
"""Largest factor between the initial loss and its expected value.

The loss of a default initialization differs by a few percent for classification, and by up to a factor of two for
regression. Source: Karpathy, A Recipe for Training Neural Networks, 2019 ("verify loss @ init").
"""
MIN_POINTS = 8
"""Number of values of a loss whose quarters can be compared."""
NOT_FALLING = 0.95
"""A loss is not falling if the mean of its last quarter is at least this fraction of the quarter before."""
NEAR_BASELINE = 0.98
"""A network has learned nothing if its loss is at least this fraction of the loss of a constant output."""
CONSTANT_SPREAD = 1e-3
"""Outputs with a smaller standard deviation are constant. It is 5 times the rounding error of float16."""
PLATEAU_CHANGE = 0.99
"""On a plateau, the mean of the last quarter of the loss is at least this fraction of the quarter before."""
PLATEAU_LEVEL = 0.5
"""A plateau counts if at least this fraction of the possible improvement on a constant output is missing."""
JUMP = 2.0
"""Factor by which an unstable loss exceeds its lowest value so far."""
WORSE_THAN_BASELINE = 1.2
"""A rising loss also counts if it is this many times higher than the loss of a constant output."""
JUMP_WINDOWS = 20
"""Number of parts of the run in which the loss is averaged, so that noise of single batches does not count."""
MIN_JUMPS = 3


def findings(signals: Signals, config: RunConfig) -> list[Finding]:
    """Return the problems of a run so far. ``config`` has its current settings. Errors come first."""
    found = [finding for check in CHECKS if (finding := check(signals, config))]
    return sorted(found, key=lambda finding: finding.severity)


def not_finite(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the loss is finite."""
    step = signals.diverged_at
    if step is None:
        step = next((step for step, value in signals.loss if value is None), None)
    if step is None:
        return None
    layer = {"layer": signals.diverged_layer} if signals.diverged_layer else {}
    fix = changes.scaled(config, "learning_rate", 0.1)
    return Finding("not_finite", "error", step, {"step": step, **layer}, {"loss": signals.loss}, changes=fix)


def initial_loss(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the loss before the first update is about as high as expected."""
    expected, first = signals.expected_initial_loss, signals.loss[:1]
    if not expected or not first or first[0][0] > 1 or first[0][1] is None:
        return None
    loss, limits = first[0][1], (expected / INITIAL_LOSS_FACTOR, expected * INITIAL_LOSS_FACTOR)
    if limits[0] <= loss <= limits[1]:
        return None
    values, fix = {"loss": loss, "expected": expected}, changes.valid(config, {"initialization": 1.0})
    return Finding("initial_loss", "warning", first[0][0], values, {"loss": signals.loss}, limits, fix)


def not_learning(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the loss falls below the loss of a constant output."""
    baseline, loss, before = signals.baseline, part_mean(signals.loss, 0.75, 1), part_mean(signals.loss, 0.5, 0.75)
    if baseline is None or loss is None or before is None or not signals.is_long_enough:
        return None
    if signals.diverged_at is not None or len(signals.loss) < MIN_POINTS:
        return None
    limit = signals.lowest_loss + NEAR_BASELINE * (baseline - signals.lowest_loss)
    if loss < limit or loss < NOT_FALLING * before:
        return None
    values = {"loss": loss, "baseline": baseline}
    return Finding(
        "not_learning",
        "error",
        signals.step,
        values,
        {"loss": signals.loss},
        (limit,),
        _cause_fix(signals, config) or _rate_for_learning(signals, config),
    )


def constant_outputs(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the outputs differ between samples."""
    spread = signals.output_spread[-1][1] if signals.output_spread else None
    if spread is None or spread >= CONSTANT_SPREAD or not signals.is_long_enough:
        return None
    return Finding(
        "constant_outputs",
        "error",
        signals.step,
        {"spread": spread},
        {"output_spread": signals.output_spread},
        (CONSTANT_SPREAD,),
        _cause_fix(signals, config) or changes.scaled(config, "learning_rate", 0.1),
    )


def edge_of_divergence(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the loss does not jump up again and again, as it does at a learning rate just below divergence.

    It also does if the samples are sorted by their labels.
    """
    baseline = signals.baseline
    if baseline is None or signals.diverged_at is not None or not signals.is_long_enough:
        return None
    lowest, before, jumps = float("inf"), float("inf"), 0
    for number, (_step, loss) in enumerate(window_means(signals.loss, JUMP_WINDOWS)):
        is_high = loss > max(JUMP * lowest, PLATEAU_LEVEL * baseline) or loss > WORSE_THAN_BASELINE * baseline
        jumps += number >= MIN_SHARE * JUMP_WINDOWS and is_high and loss > before
        lowest, before = min(lowest, loss), loss
    if jumps < MIN_JUMPS:
        return None
    return Finding(
        "edge_of_divergence",
        "warning",
        signals.step,
        {"count": jumps, "lowest": lowest},
        {"loss": signals.loss},
        (JUMP * lowest,),
        changes.valid(config, {"shuffle": True}) or changes.scaled(config, "learning_rate", 0.1),
    )


def plateau(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the loss does not stop falling while it is still high."""
    curve, baseline = signals.train_loss or signals.loss, signals.baseline
    loss, before = part_mean(curve, 0.75, 1), part_mean(curve, 0.5, 0.75)
    if baseline is None or loss is None or before is None or len(curve) < MIN_POINTS:
        return None
    if signals.diverged_at is not None or not signals.finished or not_learning(signals, config):
        return None
    possible, level = baseline - signals.lowest_loss, loss - signals.lowest_loss
    if loss < PLATEAU_CHANGE * before or not PLATEAU_LEVEL * possible <= level < NEAR_BASELINE * possible:
        return None
    limits = (signals.lowest_loss + PLATEAU_LEVEL * possible,)
    name = "train_loss" if signals.train_loss else "loss"
    values = {"loss": loss, "baseline": baseline}
    fix = changes.scaled(config, "learning_rate", 0.1) if has_large_updates(signals) else changes.larger_network(config)
    return Finding("plateau", "warning", signals.step, values, {name: curve}, limits, fix)


def _cause_fix(signals: Signals, config: RunConfig) -> changes.Changes:
    """Return the change that solves the cause of a symptom, if the cause is known."""
    cause = vanishing_gradients(signals, config) or dead_units(signals, config) or saturated_units(signals, config)
    return dict(cause.changes) if cause else {}


def _rate_for_learning(signals: Signals, config: RunConfig) -> changes.Changes:
    """Return another learning rate for a network that does not learn.

    The learning rate is too high if the loss has been much higher than at first, or if the outputs have become
    constant. Otherwise, it is too low.
    """
    means, losses = [loss for _step, loss in window_means(signals.loss, JUMP_WINDOWS)], finite_values(signals.loss)
    has_risen = max(means) > TOO_HIGH * losses[0] or max(losses) > SPIKE * losses[0]
    is_high = has_risen or constant_outputs(signals, config)
    return changes.scaled(config, "learning_rate", 0.1 if is_high else 10)


TOO_HIGH = 1.5
"""Factor by which the loss rises above its first value if the learning rate is too high."""
SPIKE = 3.0
"""The same factor for the loss of a single batch, which varies more."""

Check = Callable[[Signals, RunConfig], Finding | None]

CHECKS: tuple[Check, ...] = (
    not_finite,
    exploding_gradients,
    vanishing_gradients,
    dead_units,
    saturated_units,
    constant_outputs,
    initial_loss,
    not_learning,
    edge_of_divergence,
    update_ratio,
    plateau,
    growing_gap,
    accuracy_gap,
    overconfident,
)
"""All checks: causes first, then symptoms."""
