"""Conclusions from a run in sentences: the shape of the test error, comparisons, and what to keep in mind."""

import numpy as np

from core.topics.bias_variance.analysis import TEST, TRAIN, CapacityAnalysis
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


def title(analysis: CapacityAnalysis, index: int) -> str:
    """Return what the fits of one capacity are: too simple, too complex, or neither."""
    name = capacity(analysis.config, analysis.capacities[index])
    name = name[0].upper() + name[1:]
    if not analysis.complete:
        return _("{capacity} at update {step:,}").format(capacity=name, step=analysis.step)
    if not analysis.is_clearly_worse(index):
        return (
            _("{capacity}: the lowest validation error")
            if index == analysis.best_index
            else _("{capacity}: almost as good as the best")
        ).format(capacity=name)
    train = analysis.mean_errors[TRAIN]
    if index < analysis.best_index:
        return _("{capacity} underfits").format(capacity=name)
    if train[index] <= train[analysis.best_index]:
        return _("{capacity} overfits").format(capacity=name)
    return _("{capacity}: a higher test error").format(capacity=name)


def verdict(analysis: CapacityAnalysis) -> str:
    """Return the main result so far in one line: the best capacity, and the errors of the smallest and the largest."""
    if not analysis.step:
        return _("Not trained yet: these are the outputs of the initial networks.")
    if not analysis.complete:
        return _("So far {best} is best: test error {error} (noise alone: {noise}).").format(**_words(analysis))
    texts = [_("Best: {best}, test error {error} (noise alone: {noise}).")]
    if len(analysis.capacities) == 1:
        return texts[0].format(**_words(analysis))
    if analysis.underfits:
        texts.append(_("Underfits: {smallest} ({first})."))
    if analysis.overfits:
        texts.append(_("Overfits: {largest} ({last})."))
    elif analysis.best_index == len(analysis.capacities) - 1:
        texts.append(_("Larger ones may be better still."))
    elif analysis.plateaus:
        texts.append(_("Up to {largest} ({last}) hardly any overfitting."))
    else:
        texts.append(_("Largest: {largest} ({last})."))
    return " ".join(texts).format(**_words(analysis))


def _words(analysis: CapacityAnalysis) -> dict[str, str]:
    test = analysis.mean_errors[TEST]
    return {
        "best": capacity(analysis.config, analysis.capacities[analysis.best_index]),
        "smallest": capacity(analysis.config, analysis.capacities[0]),
        "largest": capacity(analysis.config, analysis.capacities[-1]),
        "enough": capacity(analysis.config, analysis.capacities[analysis.sufficient_index]),
        "error": number(float(test[analysis.best_index])),
        "first": number(float(test[0])),
        "last": number(float(test[-1])),
        "noise": number(analysis.noise_variance),
    }


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
            _("The test error rises up to {peak} and falls again beyond it: a second descent.").format(
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
        sentences.append(_("Without noise, and with the points at the same x, all data sets are equal: no variance."))
    if analysis.stopped_at is not None:
        sentences.append(
            _("Validation has also chosen the epoch, so the validation error is too low: read the test error.")
        )
    return sentences
