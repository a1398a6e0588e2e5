"""A run on the screen: conclusions, the sliders that choose a capacity and a data set, and the charts."""

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.bias_variance.analysis import TEST, CapacityAnalysis, mean_error_history
from core.topics.bias_variance.comparison import (
    has_same_capacities,
    preset_with_fewer_points,
    preset_without_remedies,
    remedies,
)
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import Task, plot_grid
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _, number
from pages.foundations.bias_variance import charts, conclusions, epoch_chart, fit_charts, labels
from pages.foundations.bias_variance.selection import PAGE, choose_capacity, choose_data_set


def explain_failure(run_view: RunView) -> bool:
    """Say which widths failed to train; return whether a lower learning rate may help."""
    analysis = CapacityAnalysis.from_events(run_view.config, run_view.history)
    if not (analysis and run_view.complete and analysis.config.model == "network"):
        return False
    words = {
        "rate": number(analysis.config.learning_rate),
        "widths": ", ".join(map(str, analysis.worse_than_constant or analysis.capacities)),
    }
    if analysis.failed:
        st.error(
            _(
                "**The training has failed at width {widths}**: the fits are no better than flat lines, or no numbers "
                "any more. The learning rate is {rate}: with steps that long the weights are thrown about instead of "
                "settling."
            ).format(**words),
            icon=":material/trending_up:",
        )
    elif analysis.hardly_trained:
        st.warning(
            _(
                "**Hardly trained**: the fits are still about as bad as flat lines. That is underfitting, too: take "
                "more epochs, or a learning rate above {rate}."
            ).format(**words)
        )
    return analysis.failed


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the results of a run so far."""
    analysis = CapacityAnalysis.from_events(run_view.config, run_view.history)
    if not analysis:
        return
    comparison = _comparison(run_view, previous, analysis)
    if analysis.complete:
        st.markdown(conclusions.headline(analysis))
        if comparison:
            st.markdown(conclusions.comparison(analysis, *comparison))
        st.caption(" ".join(conclusions.remarks(analysis)))
    elif analysis.step:
        st.markdown(conclusions.so_far(analysis))
    else:
        st.markdown(_("**Nothing is learnt yet**: these are the fits before the first update."))
    capacity_slider, data_set_slider = st.columns([2, 1], gap="large")
    with capacity_slider:
        index = choose_capacity(analysis, run_view.run.id)
    with data_set_slider:
        data_set = choose_data_set(analysis.config)
    task = _task(analysis.config)
    points, true_curve = task.training_points(data_set), task.true_curve(plot_grid()).numpy()
    errors, fits = st.columns(2, gap="large")
    capacity = labels.capacity(analysis.config, analysis.capacities[index])
    with errors:
        st.markdown(
            _("**Error against the degree** · ringed: the lowest validation error")
            if analysis.config.model == "polynomial"
            else _("**Error against the width** · ringed: the lowest validation error")
        )
        charts.draw_errors(analysis, index, comparison, key=f"{PAGE}.errors")
    with fits:
        st.markdown(_("**The fit of {capacity}**, and what other points would give").format(capacity=capacity))
        fit_charts.draw_fits(analysis, index, data_set, points, true_curve, key=f"{PAGE}.fits")
    parts, band = st.columns(2, gap="large")
    with parts:
        st.markdown(_("**What the error consists of** · dotted: the test error as measured"))
        charts.draw_parts(analysis, index, key=f"{PAGE}.parts")
    with band:
        st.markdown(_sum_of_parts(analysis, index).format(capacity=capacity))
        fit_charts.draw_band(analysis, index, points, true_curve, key=f"{PAGE}.band")
    if analysis.config.model == "network":
        st.markdown(
            _("**While {capacity} trains** · mean errors; ringed: the lowest validation error").format(
                capacity=capacity
            )
        )
        epoch_chart.draw(analysis, index, mean_error_history(run_view.history), key=f"{PAGE}.epochs")


def _sum_of_parts(analysis: CapacityAnalysis, index: int) -> str:
    bias2, variance, expected_error = analysis.decomposition_at(index)
    return _(
        "At **{{capacity}}**: :orange[**bias²**] {bias2} + :blue[**variance**] {variance} + noise {noise} = {whole}"
    ).format(
        bias2=number(bias2),
        variance=number(variance),
        noise=number(analysis.noise_variance),
        whole=number(expected_error),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _task(config: BiasVarianceConfig) -> Task:
    return Task(config)


def _comparison(run_view: RunView, previous: Run | None, analysis: CapacityAnalysis) -> tuple[str, np.ndarray] | None:
    """Return other test errors (C,) and their label: without remedies, with fewer points, or of an earlier run."""
    config = analysis.config
    if analysis.stopped_at is not None:
        return labels.without(["early_stopping"]), analysis.current_means[TEST]
    if preset := preset_without_remedies(config):
        return _test_errors(labels.without(remedies(config)), recording(f"{PAGE}-{preset}"))
    if preset := preset_with_fewer_points(config):
        return _test_errors(labels.with_points(PRESETS[preset].points), recording(f"{PAGE}-{preset}"))
    if previous and not run_view.recorded and has_same_capacities(config, previous.config):
        return _test_errors(_("test, earlier run"), previous)
    return None


def _test_errors(label: str, run: Run) -> tuple[str, np.ndarray] | None:
    """Return the label with the test errors (C,) of a run, or None before its first event."""
    analysis = CapacityAnalysis.from_events(run.config, run.history())
    return (label, analysis.mean_errors[TEST]) if analysis else None
