"""The words of under- and overfitting: choices, presets, and what a run has found, in sentences."""

from collections.abc import Sequence

import numpy as np

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.text import _, number


def options() -> dict[str, dict[str, str]]:
    """The choices, by their settings."""
    return {
        "model": {"polynomial": _("Polynomials"), "network": _("Networks")},
        "curve": {
            "sine": _("Sine"),
            "step": _("Step"),
            "parabola": _("Parabola"),
            "wiggly": _("Wiggly"),
            "constant": _("Flat line"),
        },
        "places": {"even": _("Evenly spaced"), "random": _("Anywhere")},
        "activation": {"tanh": _("tanh"), "relu": _("ReLU")},
    }


def presets() -> dict[str, str]:
    """The presets, as their buttons are called."""
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
    """What there is to be seen in each preset."""
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


def without(helped: Sequence[str]) -> str:
    """The line of comparison to a training that is helped by these settings."""
    words = {
        "l2": _("test, without the penalty"),
        "dropout": _("test, without dropout"),
        "early_stopping": _("test, without early stopping"),
    }
    return words[helped[0]] if len(helped) == 1 else _("test, without all that helps")


def with_points(count: int) -> str:
    """The line of comparison to fits to fewer points."""
    return _("test, with {count} points").format(count=count)


def comparison(found: CapacityAnalysis, line: str, test: np.ndarray) -> str:
    """The test errors of the largest capacity, here and in the line of comparison (C,)."""
    return _("At {largest} the test error is **{here}** (*{line}*: **{there}**).").format(
        largest=capacity(found.config, found.capacities[-1]),
        here=number(float(found.means[2, -1])),
        line=line,
        there=number(float(test[-1])),
    )


def capacity(config: BiasVarianceConfig, value: int) -> str:
    """A capacity, in words."""
    words = _("degree {value}") if config.model == "polynomial" else _("width {value}")
    return words.format(value=value)


def headline(found: CapacityAnalysis) -> str:
    """What the run has found, in a line: the shape of the test error, from its own figures."""
    test = found.means[2]
    words = {
        "best": capacity(found.config, found.capacities[found.best]),
        "smallest": capacity(found.config, found.capacities[0]),
        "largest": capacity(found.config, found.capacities[-1]),
        "enough": capacity(found.config, found.capacities[found.enough]),
        "error": number(float(test[found.best])),
        "first": number(float(test[0])),
        "last": number(float(test[-1])),
        "noise": number(found.noise),
    }
    if len(test) == 1:
        text = _("**{best}**: test error **{error}**, noise alone {noise}. One size has nothing to be compared with.")
    elif found.left and found.right:
        text = _(
            "**A U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). Too large: {largest} ({last})."
        )
    elif found.left and found.best == len(test) - 1:
        text = _(
            "**Half a U: the largest is best.** Validation chooses **{best}**: test error **{error}**, noise alone "
            "{noise}. Too small: {smallest} ({first}). Larger ones might be better still."
        )
    elif found.left and not found.steady:
        text = _(
            "**No U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). Largest: {largest} ({last})."
        )
    elif found.left:
        text = _(
            "**No U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). From {enough} up to {largest} ({last}) size hardly matters."
        )
    elif found.right:
        text = _(
            "**Half a U: nothing underfits.** Validation chooses **{best}**: test error **{error}**, noise alone "
            "{noise}. Too large: {largest} ({last})."
        )
    else:
        text = _(
            "**No U: size makes little difference here.** Validation chooses **{best}**: test error **{error}**, noise "
            "alone {noise}. Smallest: {smallest} ({first}). Largest: {largest} ({last})."
        )
    return text.format(**words)


def so_far(found: CapacityAnalysis) -> str:
    """What may be said while it still trains: no verdict yet."""
    return _(
        "**So far** {best} has the lowest validation error; its test error is **{error}**, noise alone {noise}."
    ).format(
        best=capacity(found.config, found.capacities[found.best]),
        error=number(float(found.means[2, found.best])),
        noise=number(found.noise),
    )


def remarks(found: CapacityAnalysis) -> list[str]:
    """What else is to be said of a run, if it is so."""
    config, said = found.config, []
    low, high = (capacity(config, value) for value in found.alone)
    if len(found.capacities) > 1:
        said.append(
            _("Errors are means over {sets} data sets. One alone would choose anything from {low} to {high}.").format(
                sets=config.data_sets, low=low, high=high
            )
            if low != high
            else _("Errors are means over {sets} data sets. Each alone would choose {low}, too.").format(
                sets=config.data_sets, low=low
            )
        )
    if found.right:
        worse = found.worse(len(found.capacities) - 1)
        said.append(
            (
                _("In all of them the test error of {largest} is the higher one.")
                if worse == config.data_sets
                else _("In {worse} of them the test error of {largest} is the higher one.")
            ).format(largest=capacity(config, found.capacities[-1]), worse=worse)
        )
    if found.peak is not None:
        said.append(
            _("The error rises up to {peak} and falls again beyond it: a second descent.").format(
                peak=capacity(config, found.capacities[found.peak])
            )
        )
    if config.model == "polynomial" and config.points <= found.capacities[-1] + 1:
        said.append(
            _(
                "From degree {degree} on a polynomial can pass through all {points} points: without a penalty its "
                "training error is 0. Of the many that do, the one with the smallest coefficients is taken."
            ).format(degree=config.points - 1, points=config.points)
            if config.points > 1
            else _("Any polynomial can pass through the one point: the one with the smallest coefficients is taken.")
        )
    if not config.noise and config.places == "even":
        said.append(_("Without noise, and with the points at the same places, all data sets are one: no variance."))
    if found.stopped is not None:
        said.append(
            _("Validation has chosen the epoch, too, and so its error is too rosy: the test error is the honest one.")
        )
    return said
