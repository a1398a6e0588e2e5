"""Conclusions from a run in sentences: the shape of the test error, comparisons, and what to keep in mind."""

import numpy as np

from core.topics.bias_variance.analysis import TEST, CapacityAnalysis
from pages.components.text import _, number
from pages.foundations.bias_variance.labels import capacity


def comparison(analysis: CapacityAnalysis, line: str, other_errors: np.ndarray) -> str:
    """Return the test error of the largest capacity, beside that of other test errors (C,) with a label."""
    return _("At {largest} the test error is **{here}** (*{line}*: **{there}**).").format(
        largest=capacity(analysis.config, analysis.capacities[-1]),
        here=number(float(analysis.mean_errors[TEST, -1])),
        line=line,
        there=number(float(other_errors[-1])),
    )


def headline(analysis: CapacityAnalysis) -> str:
    """Return the shape of the test error over the capacities, in one line."""
    test = analysis.mean_errors[TEST]
    words = {
        "best": capacity(analysis.config, analysis.capacities[analysis.best_index]),
        "smallest": capacity(analysis.config, analysis.capacities[0]),
        "largest": capacity(analysis.config, analysis.capacities[-1]),
        "enough": capacity(analysis.config, analysis.capacities[analysis.sufficient_index]),
        "error": number(float(test[analysis.best_index])),
        "first": number(float(test[0])),
        "last": number(float(test[-1])),
        "noise": number(analysis.noise_variance),
    }
    if len(test) == 1:
        text = _("**{best}**: test error **{error}**, noise alone {noise}. One size has nothing to be compared with.")
    elif analysis.underfits and analysis.overfits:
        text = _(
            "**A U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). Too large: {largest} ({last})."
        )
    elif analysis.underfits and analysis.best_index == len(test) - 1:
        text = _(
            "**Half a U: the largest is best.** Validation chooses **{best}**: test error **{error}**, noise alone "
            "{noise}. Too small: {smallest} ({first}). Larger ones might be better still."
        )
    elif analysis.underfits and not analysis.plateaus:
        text = _(
            "**No U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). Largest: {largest} ({last})."
        )
    elif analysis.underfits:
        text = _(
            "**No U.** Validation chooses **{best}**: test error **{error}**, noise alone {noise}. "
            "Too small: {smallest} ({first}). From {enough} up to {largest} ({last}) size hardly matters."
        )
    elif analysis.overfits:
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


def so_far(analysis: CapacityAnalysis) -> str:
    """Return the best capacity while the run still trains."""
    return _(
        "**So far** {best} has the lowest validation error; its test error is **{error}**, noise alone {noise}."
    ).format(
        best=capacity(analysis.config, analysis.capacities[analysis.best_index]),
        error=number(float(analysis.mean_errors[TEST, analysis.best_index])),
        noise=number(analysis.noise_variance),
    )


def remarks(analysis: CapacityAnalysis) -> list[str]:
    """Return the further sentences that apply to a run."""
    config, sentences = analysis.config, []
    low, high = (capacity(config, value) for value in analysis.single_set_choices)
    if len(analysis.capacities) > 1:
        sentences.append(
            _("Errors are means over {sets} data sets. One alone would choose anything from {low} to {high}.").format(
                sets=config.data_sets, low=low, high=high
            )
            if low != high
            else _("Errors are means over {sets} data sets. Each alone would choose {low}, too.").format(
                sets=config.data_sets, low=low
            )
        )
    if analysis.overfits:
        n_worse = analysis.n_worse(len(analysis.capacities) - 1)
        sentences.append(
            (
                _("In all of them the test error of {largest} is the higher one.")
                if n_worse == config.data_sets
                else _("In {worse} of them the test error of {largest} is the higher one.")
            ).format(largest=capacity(config, analysis.capacities[-1]), worse=n_worse)
        )
    if analysis.double_descent_peak is not None:
        sentences.append(
            _("The error rises up to {peak} and falls again beyond it: a second descent.").format(
                peak=capacity(config, analysis.capacities[analysis.double_descent_peak])
            )
        )
    if config.model == "polynomial" and config.points <= analysis.capacities[-1] + 1:
        sentences.append(
            _(
                "From degree {degree} on a polynomial can pass through all {points} points: without a penalty its "
                "training error is 0. Of the many that do, the one with the smallest coefficients is taken."
            ).format(degree=config.points - 1, points=config.points)
            if config.points > 1
            else _("Any polynomial can pass through the one point: the one with the smallest coefficients is taken.")
        )
    if not config.noise and config.x_sampling == "even":
        sentences.append(
            _("Without noise, and with the points at the same places, all data sets are one: no variance.")
        )
    if analysis.stopped_at is not None:
        sentences.append(
            _("Validation has chosen the epoch, too, and so its error is too rosy: the test error is the honest one.")
        )
    return sentences
