"""Runs that a run is compared with: the same training without remedies against overfitting, or with fewer points."""

from collections.abc import Mapping

from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.training.config import RunConfig

NO_REMEDIES: Mapping[str, object] = {"l2": 0.0, "dropout": 0.0, "early_stopping": False}


def remedies(config: BiasVarianceConfig) -> list[str]:
    """Return the names of the settings that work against overfitting, as far as they are in use."""
    return [name for name, value in NO_REMEDIES.items() if getattr(config, name) != value]


def preset_without_remedies(config: BiasVarianceConfig) -> str | None:
    """Return the name of the preset that equals a config without its remedies, or None."""
    plain = config.changed(**NO_REMEDIES)
    return next((name for name, preset in PRESETS.items() if preset == plain != config), None)


def preset_with_fewer_points(config: BiasVarianceConfig) -> str | None:
    """Return the name of the preset that equals a config without remedies but for its fewer points, or None."""
    if remedies(config):
        return None
    smaller = ((name, preset) for name, preset in PRESETS.items() if preset.points < config.points)
    return next((name for name, preset in smaller if preset == config.changed(points=preset.points)), None)


def has_same_capacities(config: BiasVarianceConfig, other: RunConfig) -> bool:
    """Return whether another run fitted the same models, so that its errors stand on the same axis."""
    if not isinstance(other, BiasVarianceConfig):
        return False
    return config.model == other.model and config.capacities == other.capacities
