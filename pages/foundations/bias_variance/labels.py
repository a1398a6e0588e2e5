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
        "polynomials": _(
            "A sine behind 20 noisy points. Move the **degree** below: 1 is too stiff for the curve, 15 follows the "
            "noise."
        ),
        "more_data": _("The same, with 200 points: high degrees have too much to follow to follow the noise."),
        "l2": _("The same 20 points, and a penalty on large coefficients: degree 15 is tamed. Its price is bias."),
        "underfit": _(
            "A curve with more waves than any of these polynomials has: no degree is enough, nor are more data."
        ),
        "networks": _("The same 20 points for networks: 64 hidden units are hardly worse than 4."),
        "overtrained": _(
            "Networks on noisier points, trained for long: now the larger ones have learnt the noise by heart."
        ),
        "early_stopping": _(
            "The same training, but each network is taken as it was when its validation error was lowest."
        ),
        "dropout": _("The same training, with a fifth of the hidden units left out at random in every update."),
    }


def without(remedies: Sequence[str]) -> str:
    """Return the label of the test error without these remedies against overfitting."""
    words = {
        "l2": _("test, without the penalty"),
        "dropout": _("test, without dropout"),
        "early_stopping": _("test, without early stopping"),
    }
    return words[remedies[0]] if len(remedies) == 1 else _("test, without all that helps")


def with_points(count: int) -> str:
    """Return the label of the test error with fewer points."""
    return _("test, with {count} points").format(count=count)


def capacity(config: BiasVarianceConfig, value: int) -> str:
    """Return the label of a capacity, "degree 3" or "width 8"."""
    words = _("degree {value}") if config.model == "polynomial" else _("width {value}")
    return words.format(value=value)
