"""Charts and tables of the race and of the schedules: headline, curves, learning-rate sensitivity, and accuracy."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from core.engine import Run
from core.training.batched.config import BatchedConfig
from core.training.batched.results import Curve, Results, VariantResult
from pages.components.charts import line_chart, rate_grid
from pages.components.run import downloads, keyframes
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.optimizers import labels, selection


def draw_export(panel: RunPanel) -> None:
    """Draw the "Export" tab."""
    shades = {name: labels.colours(name)[0] for name in panel.run_view().config.variants}  # for a light background
    downloads.draw(panel, titles=labels.optimizers() | labels.schedules(), colours=shades)


def data_labels() -> dict[str, str]:
    """Return the labels of the datasets, keyed by dataset name."""
    return {"digits": _("Digits (MNIST)"), "random": _("Random targets")}


def validation_loss_label(config: BatchedConfig) -> str:
    """Return the label of the loss that is used to select the best learning rates."""
    return _("validation loss") if config.data == "digits" else _("training loss")


def validation_loss_text(result: VariantResult) -> str:
    """Return the validation loss of a result as text, or "diverged" if it is not finite."""
    return number(result.validation_loss) if np.isfinite(result.validation_loss) else _("diverged")


def test_accuracy_text(result: VariantResult) -> str:
    """Return the test accuracy of a result as text, or "–" if it is unknown or if training diverged."""
    if result.test_accuracy is None or not np.isfinite(result.validation_loss):
        return "–"
    return f"{result.test_accuracy:.1%}"


def label(name: str, rate: float | None = None) -> str:
    """Return the label of an optimizer or a schedule. If ``rate`` is given, the label includes this learning rate."""
    text = (labels.optimizers() | labels.schedules())[name]
    return text if rate is None else _("{name} at {rate}").format(name=text, rate=number(rate))


def draw_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table from column titles (``header``) and ``rows``. The cells contain Markdown."""
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))


def results_of(run_view: RunView) -> Results | None:
    """Return the results of a run so far, or None before the first measurement."""
    results = _results_after(run_view.run, len(run_view.history))
    return results if results.learning_rates(run_view.config.variants[0]) else None


@lru_cache(maxsize=16)  # several parts of a page need the same results
def _results_after(run: Run, n_events: int) -> Results:
    return Results.from_events(run.settings, run.history()[:n_events])


def draw_headline(run_view: RunView, rate: float | None, *, key: str) -> None:
    """Draw a one-line ranking of the variants (optimizers or schedules) at the displayed update.

    All variants are compared at the learning rate ``rate``. If ``rate`` is None, each variant is compared at its own
    best learning rate. ``key`` identifies the headline, and must differ between views.
    """
    rates = run_view.config.learning_rates
    name = f"{key}_headline_{rates.index(rate) if rate in rates else 'own'}"
    with st.container(key="headline"):
        keyframes.draw(run_view, lambda view: _write_headline(view, rate), key=name)


def _write_headline(run_view: RunView, rate: float | None) -> None:
    if not run_view.step:
        st.markdown(_("**Before training** · update 0"))
        return
    results = _results_after(run_view.run, len(run_view.history))
    newest = _results_after(run_view.run, len(run_view.run.history()))
    ranking = results.ranking(rate, best=newest.best_learning_rates())  # as in the curves
    finite = [result for result in ranking if np.isfinite(result.validation_loss)]
    if not finite:
        st.markdown(_("**All networks have diverged**. Try lower learning rates."))
        return
    order = label(finite[0].variant)
    for result, better in zip(finite[1:], finite, strict=False):
        order += (" ≈ " if result.overlaps(better) else " › ") + label(result.variant)
    measured = max(results.validation_losses(result.variant, result.learning_rate)[-1][0] for result in ranking)
    if rate is not None:
        text = _("**{order}** · {progress} · losses from {first} to {last}, all at learning rate {rate}")
    elif len(run_view.history) < len(run_view.run.history()):
        text = _("**{order}** · {progress} · losses from {first} to {last}, at the best learning rates so far")
    else:
        text = _("**{order}** · {progress} · losses from {first} to {last}, at the best learning rates")
    first, last = number(finite[0].validation_loss), number(finite[-1].validation_loss)
    rate_text, progress = number(rate) if rate else "", run_view.until(measured).progress
    st.markdown(
        text.format(order=order, first=first, last=last, rate=rate_text, progress=progress),
        help=_("≈: the ranges of losses across seeds overlap. ›: these ranges do not overlap."),
    )


def draw_grid(
    results: Results,
    run_view: RunView,
    choice: rate_grid.Choice | None,
    *,
    key: str,
    asks_for_winner: bool | None = None,
) -> None:
    """Draw the heat map of the loss: a row for each optimizer or schedule, and a column for each learning rate.

    ``choice`` is the user's selection in the heat map, or None. For ``asks_for_winner``, see
    `pages.components.charts.rate_grid.draw`.
    """
    winner, *others = results.ranking()
    rate_grid.draw(
        [
            rate_grid.Row(
                name,
                label(name),
                labels.colours(name),
                {rate: results.validation_losses(name, rate) for rate in results.learning_rates(name)},
            )
            for name in results.config.variants
        ],
        run=run_view.run.id,
        value=validation_loss_label(results.config),
        caption=_("Loss at each learning rate · click to compare · orange: shown in the chart"),
        key=f"{key}.lr_sensitivity",
        alt=_(
            "Heat map of the loss. Each column is a learning rate. In each row, an orange frame marks the learning "
            "rate that is shown in the chart."
        ),
        choice=choice,
        on_choice=lambda choice: selection.select(choice, key=key),
        asks_for_winner=asks_for_winner,
        winners=[winner.variant, *(other.variant for other in others if other.overlaps(winner))],
        group=key,
    )


def draw_curves(
    results: Results,
    ranking: Sequence[VariantResult],
    choice: rate_grid.Choice | None,
    run_view: RunView,
    previous: Run | None,
    *,
    key: str,
) -> None:
    """Draw the validation losses of the ranked variants, of the selected cell, and of the previous run's winner.

    The variants are optimizers or schedules. ``choice`` is the user's selection in the heat map, or None. The previous
    run's winner is drawn only if both runs belong to the same view and use the same data.
    """
    previous_winner = _previous_winner(results, previous), _("winner of the previous run"), ("#888888", "#888888")
    extra = {"previous": previous_winner}
    if choice and choice.row:
        cell, rate = results.curve(choice.row, choice.learning_rate, "validation_loss"), choice.learning_rate
        extra = {f"{choice.row} {rate:g}": (cell, label(choice.row, rate), labels.colours(choice.row))} | extra
    _draw_metric(
        results,
        ranking,
        "validation_loss",
        run_view,
        y=validation_loss_label(results.config),
        key=f"{key}.loss",
        group=key,
        alt=_("Loss at each update, with bands for the range across seeds"),
        extra=extra,
    )


def draw_accuracy(results: Results, ranking: Sequence[VariantResult], run_view: RunView, *, key: str) -> None:
    """Draw the validation accuracy of each optimizer or schedule. For random targets, draw an explanation instead."""
    if results.config.data != "digits":
        st.caption(_("Accuracy is not meaningful for random targets: the networks can only memorize them."))
        return
    st.markdown(_("**Accuracy on validation digits** (not used for training)"))
    _draw_metric(
        results,
        ranking,
        "accuracy",
        run_view,
        y=_("validation accuracy"),
        key=f"{key}.accuracy",
        group=key,
        alt=_("Validation accuracy at each update, with bands for the range across seeds"),
    )


def _draw_metric(
    results: Results,
    ranking: Sequence[VariantResult],
    metric: str,
    run_view: RunView,
    *,
    y: str,
    key: str,
    group: str,
    alt: str,
    extra: Mapping[str, tuple[Curve | None, str, tuple[str, str]]] = {},
) -> None:
    """Draw a metric of each variant, and ``extra`` curves: (curve, title, colors), keyed by name."""
    config = results.config
    series, titles, bands, colours, dashed = {}, labels.optimizers() | labels.schedules(), {}, {}, []
    for result in sorted(ranking, key=lambda result: config.variants.index(result.variant)):
        curve, line = results.curve(result.variant, result.learning_rate, metric), result.variant
        if curve is None or not np.isfinite(curve.median).any():
            continue
        series[line], bands[line] = curve.median_points(), curve.band_points()
        colours[line] = labels.colours(line)
        if _lies_on_another(line, config):
            dashed.append(line)
    for line, (curve, title, colour) in extra.items():
        if curve is not None and np.isfinite(curve.median).any():
            series[line], titles[line], colours[line] = curve.median_points(), title, colour
            dashed.append(line)
    accuracy = metric == "accuracy"
    line_chart.draw(
        series,
        titles=titles,
        bands=bands,
        colours=colours,
        dashed=dashed,
        x=_("updates per network"),
        y=y,
        key=key,
        alt=alt,
        log=not accuracy,
        percent=accuracy,
        y_from=_accuracy_axis_start(ranking) if accuracy else None,
        height=330 if accuracy else None,
        x_end=config.updates,
        run=run_view.run.id,
        group=group,
        legend=accuracy or not series.keys() <= {*config.variants},
    )


def _lies_on_another(variant: str, config: BatchedConfig) -> bool:
    """Return whether a variant's curve coincides with another curve and is therefore dashed."""
    return (variant == "adamw" and getattr(config, "adamw_equals_adam", False)) or (
        variant == "sgd" and getattr(config, "sgd_equals_gd", False)
    )


def _accuracy_axis_start(ranking: Sequence[VariantResult]) -> float:
    """Return the largest multiple of 0.1 that is at least 0.1 below the lowest accuracy, or 0 if this is negative."""
    accuracies = (result.validation_accuracy for result in ranking if result.validation_accuracy is not None)
    return max(0, math.floor(10 * min(accuracies) - 1)) / 10


def _previous_winner(results: Results, previous: Run | None) -> Curve | None:
    if not previous or type(previous.config) is not type(results.config):
        return None
    if previous.config.data != results.config.data:
        return None
    return _results_after(previous, len(previous.history())).winner_curve("validation_loss")
