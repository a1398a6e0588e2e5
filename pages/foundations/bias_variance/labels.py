"""Labels of under- and overfitting: choices, presets, lines of comparison, capacities."""

from collections.abc import Sequence

from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.text import _


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the choices, by setting."""
    return {
        "model": {"polynomial": _("Polynomials"), "network": _("Networks")},
        "curve": {
            "sine": _("Sine"),
            "step": _("Step"),
            "parabola": _("Parabola"),
            "wiggly": _("Wiggly"),
            "constant": _("Flat line"),
        },
        "x_sampling": {"even": _("Evenly spaced"), "random": _("Anywhere")},
        "activation": {"tanh": _("tanh"), "relu": _("ReLU")},
    }


def presets() -> dict[str, str]:
    """Return the labels of the presets."""
    return {
        "polynomials": _("Polynomials"),
        "more_data": _("More data"),
        "l2": _("L2 penalty"),
        "underfit": _("Underfit"),
        "networks": _("Networks"),
        "overtrained": _("Trained too long"),
        "early_stopping": _("Early stopping"),
        "dropout": _("Dropout"),
    }


def descriptions() -> dict[str, str]:
    """Return what each preset shows."""
    return {
        "polynomials": _("20 noisy points of a sine. Move the **degree**: 1 underfits, 15 follows the noise."),
        "more_data": _("The same sine with 200 points: high degrees overfit far less."),
        "l2": _("The same 20 points, with a penalty on large coefficients: less variance, more bias."),
        "underfit": _("A curve with more waves than these polynomials have: every degree underfits."),
        "networks": _("The same 20 points for networks: 64 hidden units are hardly worse than 4."),
        "overtrained": _("More noise, more epochs: now the larger networks have memorized the noise."),
        "early_stopping": _("The same training. Each network is taken from the epoch of its lowest validation error."),
        "dropout": _("The same training. In every update a fifth of the hidden units is left out at random."),
    }


def without(remedies: Sequence[str]) -> str:
    """Return the label of the test error without these remedies against overfitting."""
    words = {
        "l2": _("test, without the penalty"),
        "dropout": _("test, without dropout"),
        "early_stopping": _("test, without early stopping"),
    }
    return words[remedies[0]] if len(remedies) == 1 else _("test, without these remedies")


def with_points(count: int) -> str:
    """Return the label of the test error with fewer points."""
    return _("test, with {count} points").format(count=count)


def capacity(config: BiasVarianceConfig, value: int) -> str:
    """Return the label of a capacity, "degree 3" or "width 8"."""
    words = _("degree {value}") if config.model == "polynomial" else _("width {value}")
    return words.format(value=value)


def capacity_title(config: BiasVarianceConfig) -> str:
    """Return the name of the capacity."""
    return _("Degree") if config.model == "polynomial" else _("Width (hidden units)")


def axis_title(config: BiasVarianceConfig) -> str:
    """Return the title of the axis of capacities."""
    return _("degree of the polynomial") if config.model == "polynomial" else _("width: hidden units")
