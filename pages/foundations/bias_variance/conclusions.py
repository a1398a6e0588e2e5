"""Sentences about the results of a run: the best capacity, comparisons, and remarks."""

import numpy as np

from core.topics.bias_variance.analysis import TEST, TRAIN, CapacityAnalysis
from pages.components.text import _, ngettext, number
from pages.foundations.bias_variance.labels import capacity, capacity_heading


def comparison(analysis: CapacityAnalysis, line: str, other_errors: np.ndarray) -> str:
    """Return a sentence that compares the test error at the largest capacity with the test error of a baseline.

    ``line`` is the label of the baseline. ``other_errors`` (C,) are the baseline's test errors at the C capacities.
    """
    return _("At {largest}, the test error is **{here}** (*{line}*: **{there}**).").format(
        largest=capacity(analysis.config, analysis.capacities[-1]),
        here=number(float(analysis.mean_errors[TEST, -1])),
        line=line,
        there=number(float(other_errors[-1])),
    )


def title(analysis: CapacityAnalysis, index: int) -> str:
    """Return a title for the fits at the capacity with index ``index``.

    During training, the title states the update. Afterward, the title rates the fits, for example as underfitting.
    """
    name = capacity_heading(analysis.config, analysis.capacities[index])
    if not analysis.complete:
        return _("{capacity} at update {step:,}").format(capacity=name, step=analysis.step)
    if not analysis.is_clearly_worse(index):
        return (
            _("{capacity}: lowest validation error")
            if index == analysis.best_index
            else _("{capacity}: almost as good as the best")
        ).format(capacity=name)
    train = analysis.mean_errors[TRAIN]
    if index < analysis.best_index:
        return _("{capacity} underfits").format(capacity=name)
    if train[index] <= train[analysis.best_index]:
        return _("{capacity} overfits").format(capacity=name)
    return _("{capacity}: higher test error").format(capacity=name)


def verdict(analysis: CapacityAnalysis) -> str:
    """Return a one-line verdict: the best capacity and, after training, whether other models underfit or overfit."""
    if not analysis.step:
        return _("Not trained yet: these are the predictions of the untrained networks.")
    if not analysis.complete:
        return _("So far, {best} is best: test error {error} (noise variance: {noise}).").format(**_words(analysis))
    texts = [_("Best: {best}, test error {error} (noise variance: {noise}).")]
    if len(analysis.capacities) == 1:
        return texts[0].format(**_words(analysis))
    if analysis.underfits:
        texts.append(_("Underfits: {smallest} ({first})."))
    if analysis.overfits:
        texts.append(_("Overfits: {largest} ({last})."))
    elif analysis.best_index == len(analysis.capacities) - 1:
        texts.append(_("Larger models may be even better."))
    elif analysis.plateaus:
        texts.append(_("Hardly any overfitting up to {largest} ({last})."))
    else:
        texts.append(_("Test error at {largest}: {last}."))
    return " ".join(texts).format(**_words(analysis))


def _words(analysis: CapacityAnalysis) -> dict[str, str]:
    test = analysis.mean_errors[TEST]
    return {
        "best": capacity(analysis.config, analysis.capacities[analysis.best_index]),
        "smallest": capacity(analysis.config, analysis.capacities[0]),
        "largest": capacity(analysis.config, analysis.capacities[-1]),
        "error": number(float(test[analysis.best_index])),
        "first": number(float(test[0])),
        "last": number(float(test[-1])),
        "noise": number(analysis.noise_variance),
    }


def remarks(analysis: CapacityAnalysis) -> list[str]:
    """Return remarks about the results in ``analysis``, as a list of sentences."""
    config, sentences = analysis.config, []
    low, high = (capacity(config, value) for value in analysis.single_set_choices)
    if len(analysis.capacities) > 1:
        sentences.append(
            ngettext(
                "Errors are means over {count} dataset. If each dataset is used alone to choose the capacity, the "
                "choices range from {low} to {high}.",
                "Errors are means over {count} datasets. If each dataset is used alone to choose the capacity, the "
                "choices range from {low} to {high}.",
                config.data_sets,
            ).format(count=config.data_sets, low=low, high=high)
            if low != high
            else ngettext(
                "Errors are means over {count} dataset. If each dataset is used alone to choose the capacity, the "
                "choice is always {low}.",
                "Errors are means over {count} datasets. If each dataset is used alone to choose the capacity, the "
                "choice is always {low}.",
                config.data_sets,
            ).format(count=config.data_sets, low=low)
        )
    if analysis.overfits:
        n_worse = analysis.n_worse(len(analysis.capacities) - 1)
        sentences.append(
            (
                _("On every dataset, {largest} has a higher test error than {best}.")
                if n_worse == config.data_sets
                else ngettext(
                    "On {worse} of {count} dataset, {largest} has a higher test error than {best}.",
                    "On {worse} of {count} datasets, {largest} has a higher test error than {best}.",
                    config.data_sets,
                )
            ).format(
                largest=capacity(config, analysis.capacities[-1]),
                best=capacity(config, analysis.capacities[analysis.best_index]),
                worse=n_worse,
                count=config.data_sets,
            )
        )
    if analysis.double_descent_peak is not None:
        sentences.append(
            _("The test error peaks at {peak} and falls again at larger capacities (double descent).").format(
                peak=capacity(config, analysis.capacities[analysis.double_descent_peak])
            )
        )
    if config.model == "polynomial" and config.points <= analysis.capacities[-1] + 1:
        sentences.append(
            ngettext(
                "From degree {degree} on, a polynomial can pass through {points} point. Without a penalty, the "
                "training error is then 0. If several polynomials pass through the point, the one with the smallest "
                "coefficients is used.",
                "From degree {degree} on, a polynomial can pass through all {points} points. Without a penalty, the "
                "training error is then 0. If several polynomials pass through all points, the one with the smallest "
                "coefficients is used.",
                config.points,
            ).format(degree=config.points - 1, points=config.points)
            if config.points > 1
            else _(
                "A polynomial of any degree can pass through a single point. If several polynomials of the same degree "
                "pass through the point, the one with the smallest coefficients is used."
            )
        )
    varies = config.model == "network" and (config.dropout or config.early_stopping)
    if not config.noise and config.x_sampling == "even" and not varies:
        sentences.append(
            _("Without noise and with the same x values, all training sets are identical: the variance is 0.")
        )
    if analysis.stopped_at is not None:
        sentences.append(
            _(
                "The validation points were also used for early stopping, so the validation error is too optimistic. "
                "Use the test error."
            )
        )
    return sentences
