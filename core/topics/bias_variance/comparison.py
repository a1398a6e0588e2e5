"""Baselines of a run: presets with the same settings, but without regularization or with fewer points."""

from collections.abc import Mapping

from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.training.config import RunConfig

NO_REMEDIES: Mapping[str, object] = {"l2": 0.0, "dropout": 0.0, "early_stopping": False}


def remedies(config: BiasVarianceConfig) -> list[str]:
    """Return the names of the enabled settings that reduce overfitting (L2 penalty, dropout, early stopping)."""
    return [name for name, value in NO_REMEDIES.items() if getattr(config, name) != value]


def preset_without_remedies(config: BiasVarianceConfig) -> str | None:
    """Return the name of the preset with the same settings, except that all `remedies` are disabled.

    Returns None if there is no such preset, or if no remedies are enabled.
    """
    plain = config.changed(**NO_REMEDIES)
    return next((name for name, preset in PRESETS.items() if preset == plain != config), None)


def preset_with_fewer_points(config: BiasVarianceConfig) -> str | None:
    """Return the name of the preset with the same settings but fewer points.

    Returns None if there is no such preset, or if settings that reduce overfitting are enabled (see `remedies`).
    """
    if remedies(config):
        return None
    smaller = ((name, preset) for name, preset in PRESETS.items() if preset.points < config.points)
    return next((name for name, preset in smaller if preset == config.changed(points=preset.points)), None)


def has_same_capacities(config: BiasVarianceConfig, other: RunConfig) -> bool:
    """Return whether two runs fit models of the same type with the same capacities.

    The results of such runs can share a chart.
    """
    if not isinstance(other, BiasVarianceConfig):
        return False
    return config.model == other.model and config.capacities == other.capacities
