"""Labels of the options, presets, baselines, and capacities."""

from collections.abc import Sequence

from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.text import _, ngettext, pgettext


def options() -> dict[str, dict[str, str]]:
    """Return the labels of the settings' options, keyed by setting name and then by option."""
    return {
        "model": {"polynomial": _("Polynomials"), "network": _("Networks")},
        "curve": {
            "sine": _("Sine"),
            "step": pgettext("function", "Step"),
            "parabola": _("Parabola"),
            "wiggly": _("Sum of sines"),
            "constant": pgettext("function", "Constant"),
        },
        "x_sampling": {"even": _("Evenly spaced"), "random": _("Uniformly random")},
        "activation": {"tanh": _("Tanh"), "relu": _("ReLU")},
    }


def presets() -> dict[str, str]:
    """Return the labels of the presets, keyed by preset name."""
    return {
        "polynomials": _("Polynomials"),
        "more_data": _("More data"),
        "l2": _("L2 penalty"),
        "underfit": _("Underfitting"),
        "networks": _("Networks"),
        "overtrained": _("Trained too long"),
        "early_stopping": _("Early stopping"),
        "dropout": _("Dropout"),
    }


def descriptions() -> dict[str, str]:
    """Return the descriptions of the presets, keyed by preset name."""
    return {
        "polynomials": _(
            "20 noisy points from a sine curve. Change the **degree**: degree 1 underfits, degree 15 overfits."
        ),
        "more_data": _("The same sine curve with 200 points: polynomials of high degree overfit far less."),
        "l2": _("The same 20 points with a penalty on large coefficients: less variance, more bias."),
        "underfit": _(
            "A curve with many peaks and valleys. Polynomials up to degree 15 cannot follow this curve: every degree "
            "underfits."
        ),
        "networks": _(
            "Networks fitted to the same 20 points as in “Polynomials”. With 64 hidden units, the test error is "
            "about the same as with 6."
        ),
        "overtrained": _("More noise and more epochs: now the larger networks overfit."),
        "early_stopping": _(
            "As in “Trained too long”, but each network uses the weights with the lowest validation error."
        ),
        "dropout": _(
            "As in “Trained too long”, but with dropout: during training, the output of each hidden unit is set to "
            "zero with probability 0.2."
        ),
    }


def without(remedies: Sequence[str]) -> str:
    """Return the label of a baseline: the test error without some remedies for overfitting.

    ``remedies`` contains the names of the omitted settings: one or more of "l2", "dropout", and "early_stopping".
    """
    words = {
        "l2": _("test, without the penalty"),
        "dropout": _("test, without dropout"),
        "early_stopping": _("test, without early stopping"),
    }
    return words[remedies[0]] if len(remedies) == 1 else _("test, without regularization")


def with_points(count: int) -> str:
    """Return the label of a baseline: the test error of models that were fitted to ``count`` points."""
    return ngettext("test, with {count} training point", "test, with {count} training points", count).format(
        count=count
    )


def capacity(config: BiasVarianceConfig, value: int) -> str:
    """Return the label of a capacity, such as "degree 3" or "width 8", for use in a sentence."""
    words = _("degree {value}") if config.model == "polynomial" else _("width {value}")
    return words.format(value=value)


def capacity_heading(config: BiasVarianceConfig, value: int) -> str:
    """Return the label of a capacity, such as "Degree 3" or "Width 8", for the beginning of a title."""
    words = _("Degree {value}") if config.model == "polynomial" else _("Width {value}")
    return words.format(value=value)


def capacity_title(config: BiasVarianceConfig) -> str:
    """Return the title of the capacity slider."""
    return _("Degree") if config.model == "polynomial" else _("Width (hidden units)")


def axis_title(config: BiasVarianceConfig) -> str:
    """Return the title of the capacity axis."""
    return _("degree of the polynomial") if config.model == "polynomial" else _("width (hidden units)")
