"""Health checks of gradients, updates, and units by layer."""

from collections.abc import Mapping

from core.training.config import RunConfig
from core.training.health import changes
from core.training.health.curves import finite_values, recent_median
from core.training.health.finding import Finding, Severity
from core.training.health.signals import Series, Signals

EXPLODING = 100.0
"""Factor by which the gradient norm of a layer exceeds the largest initial norm of a layer when gradients explode."""
VANISHING = 1e-3
"""Smallest ratio of the gradient norms of the first and the last layer."""
MIN_LAYERS = 3
"""In networks with fewer layers, gradients do not vanish on their way to the first layer."""
DEAD_SHARE = 0.4
"""Fraction of dead units that counts.

Source: CS231n, Neural Networks Part 1: a learning rate that is too high can kill "as much as 40%" of the units.
"""
SATURATED_SHARE = 0.4
"""Fraction of saturated units that counts, as for dead units."""
UPDATE_RATIOS = (1e-4, 1e-2)
"""Range of the usual ratios of the norm of an update to that of the weights (CS231n: "around 1e-3")."""
UPDATE_RATIO_MARGIN = 30.0
"""Factor by which a ratio may lie outside the usual range. Small healthy networks learn with larger updates."""
TYPICAL_RATIO = 1e-3
"""Typical ratio of the norm of an update to that of the weights."""
MIN_EVENTS = 5
"""Number of measurements before which nothing is said."""


def exploding_gradients(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that no gradient norm grows to many times the largest initial norm."""
    values = {layer: finite_values(norms) for layer, norms in signals.gradient_norms.items()}
    first = max((norms[0] for norms in values.values() if norms), default=0.0)
    for layer, norms in signals.gradient_norms.items():
        step = next((step for step, norm in norms if norm is not None and norm > EXPLODING * first), None)
        if first and step is not None:
            return Finding(
                "exploding_gradients",
                "error",
                step,
                {"layer": layer, "first": first, "norm": max(values[layer]), "limit": EXPLODING},
                {layer: norms},
                (EXPLODING * first,),
                changes.scaled(config, "learning_rate", 0.1),
            )
    return None


def vanishing_gradients(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the gradient of the first layer is not orders of magnitude smaller than that of the last layer."""
    layers = list(signals.gradient_norms)
    if len(layers) < MIN_LAYERS:
        return None
    first, last = signals.gradient_norms[layers[0]], signals.gradient_norms[layers[-1]]
    ratios = tuple(
        (step, norm / end)
        for (step, norm), (_step, end) in zip(first, last, strict=False)
        if norm is not None and end  # a gradient of exactly 0 comes from dead units
    )
    ratio = recent_median(ratios, 1.0)
    if ratio is None or not 0 < ratio < VANISHING or len(ratios) < MIN_EVENTS:
        return None
    return Finding(
        "vanishing_gradients",
        "error",
        signals.step,
        {"layer": layers[0], "last_layer": layers[-1], "ratio": ratio, "limit": VANISHING},
        dict(signals.gradient_norms),
        (),
        changes.activation(config, "relu", "leaky_relu", "tanh"),
    )


def dead_units(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that few units output zero for every sample."""
    fix = changes.activation(config, "leaky_relu", "gelu", "tanh") | changes.scaled(config, "learning_rate", 0.1)
    return _share("dead_units", signals, signals.dead, DEAD_SHARE, fix)


def saturated_units(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that few units are saturated for nearly every sample."""
    fix = changes.activation(config, "relu", "leaky_relu") or changes.scaled(config, "learning_rate", 0.1)
    return _share("saturated_units", signals, signals.saturated, SATURATED_SHARE, fix)


def _share(
    code: str, signals: Signals, layers: Mapping[str, Series], limit: float, fix: changes.Changes
) -> Finding | None:
    """Return a finding for the layer with the largest current share, if it is above the limit."""
    current = [(series[-1][1], layer) for layer, series in layers.items() if series]
    shares = [(share, layer) for share, layer in current if share is not None and share >= limit]
    if not shares:
        return None
    share, layer = max(shares, key=lambda pair: pair[0])
    severity: Severity = "error" if share == 1 else "warning"
    values: dict[str, float | str] = {"layer": layer, "share": share}
    return Finding(code, severity, signals.step, values, {layer: layers[layer]}, (limit,), fix)


def has_large_updates(signals: Signals) -> bool:
    """Return whether the updates of a layer are still larger than usual."""
    ratios = [recent_median(ratios) for ratios in signals.update_ratios.values()]
    return any(ratio is not None and ratio > UPDATE_RATIOS[1] for ratio in ratios)


def update_ratio(signals: Signals, config: RunConfig) -> Finding | None:
    """Check that the updates are neither huge in one layer nor tiny in all layers, compared with the weights."""
    low, high = UPDATE_RATIOS[0] / UPDATE_RATIO_MARGIN, UPDATE_RATIOS[1] * UPDATE_RATIO_MARGIN
    medians = [
        (ratio, layer)
        for layer, ratios in signals.update_ratios.items()
        if len(ratios) >= MIN_EVENTS and (ratio := recent_median(ratios, 1.0)) is not None
    ]
    ratio, layer = max(medians, default=(TYPICAL_RATIO, ""))
    if low <= ratio <= high or not signals.is_long_enough or signals.diverged_at is not None:
        return None
    fix = changes.scaled(config, "learning_rate", 10 if ratio < low else 0.1)
    values: dict[str, float | str] = {"layer": layer, "ratio": ratio, "typical": TYPICAL_RATIO}
    evidence = {layer: signals.update_ratios[layer]}
    return Finding("update_ratio", "warning", signals.step, values, evidence, UPDATE_RATIOS, fix)
