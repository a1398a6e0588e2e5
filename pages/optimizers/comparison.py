"""Charts and tables that the race and the schedules share: curves, learning-rate sensitivity, the headline."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.engine import Run
from core.training.batched.config import BatchedConfig
from core.training.batched.results import Curve, Results, VariantResult
from pages.components.charts import heatmap, line_chart
from pages.components.text import _, number
from pages.optimizers import labels


def data_labels() -> dict[str, str]:
    """Labels of the data that the networks learn."""
    return {"digits": _("Digits (MNIST)"), "random": _("Random targets")}


def validation_loss_label(config: BatchedConfig) -> str:
    """Return the label of the loss that the best learning rates are chosen by."""
    return _("validation loss") if config.data == "digits" else _("training loss")


def validation_loss_text(result: VariantResult) -> str:
    """Format the validation loss of a result."""
    return number(result.validation_loss) if np.isfinite(result.validation_loss) else _("diverged")


def test_accuracy_text(result: VariantResult) -> str:
    """Format the test accuracy of a result."""
    if result.test_accuracy is None or not np.isfinite(result.validation_loss):
        return "–"
    return f"{result.test_accuracy:.1%}"


def label(name: str, rate: float | None = None) -> str:
    """Return the label of an optimizer or a schedule, with its learning rate if one is passed."""
    text = (labels.optimizers() | labels.schedules())[name]
    return text if rate is None else _("{name} at {rate}").format(name=text, rate=number(rate))


def draw_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table of words and numbers."""
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))


def choose_rate(config: BatchedConfig, *, key: str) -> float | None:
    """Draw the choice of the learning rate at which all are compared; None stands for each one's own best."""
    choice, slider = st.columns([1, 1.25], vertical_alignment="bottom", gap="medium")
    with choice:
        own = st.segmented_control(
            _("Compare them"),
            ["own", "one"],
            format_func={"own": _("each at its own best rate"), "one": _("all at one rate")}.__getitem__,
            key=f"{key}.compare",
            default="own",
            required=True,
        )
    if own == "own":
        return None
    with slider:
        rates = config.learning_rates
        slider_key = f"{key}.rate"
        if st.session_state.get(slider_key) not in rates:
            st.session_state[slider_key] = rates[len(rates) // 2]
        return st.select_slider(_("Learning rate of all"), rates, format_func=number, key=slider_key)


def draw_headline(ranking: Sequence[VariantResult], rate: float | None) -> None:
    """Write the order of the variants, and which neighbours other seeds might reverse."""
    finite = [result for result in ranking if np.isfinite(result.validation_loss)]
    if not finite:
        st.markdown(_("**All have diverged.** Try lower learning rates."))
        return
    order = label(finite[0].variant)
    for result, better in zip(finite[1:], finite, strict=False):
        order += (" ≈ " if result.overlaps(better) else " › ") + label(result.variant)
    loss = {"order": order, "first": number(finite[0].validation_loss), "last": number(finite[-1].validation_loss)}
    st.markdown(
        _("**{order}** · loss from {first} to {last}, each at its own best rate").format(**loss)
        if rate is None
        else _("**{order}** · loss from {first} to {last}, all at {rate}: this ranks rates, not rules").format(
            **loss, rate=number(rate)
        )
    )
    if " ≈ " in order:
        st.caption(_("≈: their seeds overlap, so with other seeds their order may turn."))


def draw_lr_sensitivity(results: Results, rate: float | None, *, key: str) -> None:
    """Draw the learning-rate sensitivity: the loss of every variant at every learning rate."""
    config = results.config
    st.markdown(
        _("**How wide is each valley?** Loss at every learning rate; ringed: the best")
        if rate is None
        else _("**How wide is each valley?** Loss at every learning rate; ringed: the one compared")
    )
    heatmap.draw_log_grid(
        {
            (label(name), learning_rate): results.validation_loss(name, learning_rate)
            for name in config.variants
            for learning_rate in results.learning_rates(name)
        },
        rows=[label(name) for name in config.variants],
        column_title=_("learning rate"),
        value_title=validation_loss_label(config),
        missing=_("diverged"),
        ringed=[(label(name), rate or results.best_learning_rate(name)) for name in config.variants],
        key=f"{key}.lr_sensitivity",
        alt=_("Loss at every learning rate, in a row for each; the best one is ringed"),
    )


def draw_curves(results: Results, ranking: Sequence[VariantResult], previous: Run | None, *, key: str) -> None:
    """Draw the validation losses, with the winner of an earlier run beside them if it has the same data."""
    digits, many = results.config.data == "digits", results.config.seeds > 1
    title = _("**Validation loss**") if digits else _("**Training loss**")
    st.markdown(_("{title}: median over the seeds, band from lowest to highest").format(title=title) if many else title)
    earlier = _earlier_winner(results, previous)
    _draw_metric(
        results,
        ranking,
        "judged",
        y=validation_loss_label(results.config),
        key=f"{key}.loss",
        alt=_("Loss over the updates, with bands over the seeds"),
        extra={_("winner of the earlier run"): earlier} if earlier else {},
    )


def draw_accuracy(results: Results, ranking: Sequence[VariantResult], *, key: str) -> None:
    """Draw the validation accuracy, or say why there is none."""
    if results.config.data != "digits":
        st.caption(_("Random targets: there is no accuracy, and nothing but memory to be measured."))
        return
    st.markdown(_("**Accuracy on validation digits**, which no network trains on"))
    _draw_metric(
        results,
        ranking,
        "accuracy",
        y=_("validation accuracy"),
        key=f"{key}.accuracy",
        alt=_("Validation accuracy over the updates, with bands over the seeds"),
    )


def _draw_metric(
    results: Results,
    ranking: Sequence[VariantResult],
    metric: str,
    *,
    y: str,
    key: str,
    alt: str,
    extra: dict[str, Curve] | None = None,
) -> None:
    rates_differ = len({result.learning_rate for result in ranking}) > 1
    variants = results.config.variants
    series, bands, colours = {}, {}, {}
    for result in sorted(ranking, key=lambda result: variants.index(result.variant)):
        curve = results.curve(result.variant, result.learning_rate, metric)
        if curve is None:
            continue
        line = label(result.variant, result.learning_rate if rates_differ else None)
        series[line], bands[line] = curve.median_points(), curve.band_points()
        colours[line] = labels.colour(result.variant)
    for line, curve in (extra or {}).items():
        series[line] = curve.median_points()
        colours[line] = "#888888"
    accuracy = metric == "accuracy"
    line_chart.draw(
        series,
        bands=bands,
        colours=colours,
        dashed=[*(extra or {}), *(line for line in series if line.startswith(label("adamw")))],
        x=_("update"),
        y=y,
        key=key,
        alt=alt,
        log=not accuracy,
        percent=accuracy,
        y_from=_accuracy_axis_start(ranking) if accuracy else None,
        height=330,
    )


def _accuracy_axis_start(ranking: Sequence[VariantResult]) -> float:
    """Return a tenth that is at least 0.1 below the lowest accuracy, but not below 0."""
    accuracies = (result.validation_accuracy for result in ranking if result.validation_accuracy is not None)
    return max(0, math.floor(10 * min(accuracies) - 1)) / 10


def _earlier_winner(results: Results, previous: Run | None) -> Curve | None:
    if not previous or type(previous.config) is not type(results.config):
        return None
    if previous.config.data != results.config.data:
        return None
    return Results.from_events(previous.config, previous.history()).winner_curve("judged")
