"""The view of a network run: the main view, the charts below it, and the reason for a failed training run."""

import streamlit as st

from core.engine import Run
from core.topics.bias_variance.analysis import TEST, CapacityAnalysis, mean_error_history
from core.topics.bias_variance.comparison import has_same_capacities, preset_without_remedies, remedies
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import Task, plot_grid
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _, ngettext, number
from pages.foundations.bias_variance import charts, conclusions, epoch_chart, fit_charts, labels, main_view
from pages.foundations.bias_variance.main_view import PAGE


def explain_failure(run_view: RunView) -> bool:
    """Show a message if training failed at some widths, or if the networks are barely trained.

    Return whether a lower learning rate may help.
    """
    analysis = CapacityAnalysis.from_events(run_view.config, run_view.history)
    if not (analysis and run_view.complete):
        return False
    widths = analysis.worse_than_constant or analysis.capacities
    words = {"rate": number(analysis.config.learning_rate), "widths": ", ".join(map(str, widths))}
    if analysis.failed:
        st.error(
            ngettext(
                "**Training failed at width {widths}**: the fits are no better than constant functions, or they are "
                "not finite. A learning rate of {rate} is too high: the updates overshoot the minimum.",
                "**Training failed at widths {widths}**: the fits are no better than constant functions, or they are "
                "not finite. A learning rate of {rate} is too high: the updates overshoot the minimum.",
                len(widths),
            ).format(**words),
            icon=":material/trending_up:",
        )
    elif analysis.hardly_trained:
        st.warning(
            _(
                "**Barely trained**: the fits are about as bad as constant functions. This is also underfitting. Use "
                "more epochs or a learning rate above {rate}."
            ).format(**words)
        )
    return analysis.failed


def draw(run_view: RunView, previous: Run | None, *, best: int) -> None:
    """Draw the fits and the errors of a run at the displayed update. ``best`` is the initially selected width.

    ``previous`` is the previous run or None. The test errors of the previous run may be drawn as a baseline.
    """
    analyses = _analyses(run_view)
    if analyses:
        main_view.draw(
            analyses,
            task(run_view.config),
            main_view.shared_values(run_view.config, best),
            run=run_view.run.id,
            lines=_comparison(run_view, previous, analyses[-1]),
        )


def draw_charts(run_view: RunView, previous: Run | None, *, best: int) -> None:
    """Draw the charts below the main view of a run. The arguments have the same meaning as in `draw`."""
    analysis = CapacityAnalysis.from_events(run_view.config, run_view.history)
    if not analysis:
        return
    values = main_view.shared_values(run_view.config, best)
    draw_details(analysis, task(analysis.config), values["capacity"], _comparison(run_view, previous, analysis))
    capacity = labels.capacity(analysis.config, int(values["capacity"]))
    st.markdown(_("**Learning curves for {capacity}** · mean errors").format(capacity=capacity))
    index = analysis.capacities.index(int(values["capacity"]))
    epoch_chart.draw(
        run_view, index, mean_error_history(run_view.history), analysis.noise_variance, key=f"{PAGE}.epochs"
    )


def draw_details(analysis: CapacityAnalysis, task: Task, capacity: float, comparison: main_view.Lines) -> None:
    """Draw the decomposition of the test error, the mean fit at the selected capacity, and the remarks.

    ``task`` contains the datasets. ``comparison`` contains the labels and the test errors of baselines.
    """
    index = analysis.capacities.index(int(capacity))
    points, true_curve = task.training_points(0), task.true_curve(plot_grid()).numpy()
    parts, band = st.columns(2, gap="large")
    with parts:
        st.markdown(_("**Bias², variance, noise** · dotted: measured test error"))
        charts.draw_parts(analysis, index, key=f"{PAGE}.parts")
    with band:
        st.markdown(_sum_of_parts(analysis, index))
        fit_charts.draw_band(analysis, index, points, true_curve, key=f"{PAGE}.band")
    if analysis.complete:
        remarks = [*(conclusions.comparison(analysis, *item) for item in comparison)]
        st.caption(" ".join([*remarks, *conclusions.remarks(analysis)]))


def _sum_of_parts(analysis: CapacityAnalysis, index: int) -> str:
    bias2, variance, expected_error = analysis.decomposition_at(index)
    return _(
        "**{capacity}**: :orange[**bias²**] {bias2} + :blue[**variance**] {variance} + noise {noise} = {whole}, the "
        "expected test error (measured: {measured})"
    ).format(
        capacity=labels.capacity(analysis.config, analysis.capacities[index]),
        bias2=number(bias2) if bias2 else "≈ 0",
        variance=number(variance),
        noise=number(analysis.noise_variance),
        whole=number(expected_error),
        measured=number(float(analysis.mean_errors[TEST, index])),
    )


def best_of_recording(run: Run) -> int:
    """Return the capacity with the lowest validation error in a recorded run, or 1 if the run contains no fits.

    The capacity slider of the page starts at this capacity.
    """
    analysis = CapacityAnalysis.from_events(run.config, run.history())
    return analysis.capacities[analysis.best_index] if analysis else 1


@st.cache_resource(max_entries=64, show_spinner=False)
def task(config: BiasVarianceConfig) -> Task:
    """Return the datasets for the settings ``config``. The datasets are cached."""
    return Task(config)


def _analyses(run_view: RunView) -> list[CapacityAnalysis]:
    """Return the analysis at the latest update with recorded fits or, if the run is complete, at all such updates."""
    config, history = run_view.config, run_view.history
    kept = [at for at, event in enumerate(history) if "curves" in event.arrays]
    shown = kept if run_view.complete else kept[-1:]
    analyses = [CapacityAnalysis.from_events(config, history[: at + 1]) for at in shown]
    return [analysis for analysis in analyses if analysis]


def _comparison(run_view: RunView, previous: Run | None, analysis: CapacityAnalysis) -> main_view.Lines:
    """Return a list with at most one baseline: the same run without regularization, or the previous run."""
    config = analysis.config
    if analysis.stopped_at is not None:
        return [(labels.without(["early_stopping"]), analysis.current_means[TEST])]
    if preset := preset_without_remedies(config):
        return _test_errors(labels.without(remedies(config)), recording(f"{PAGE}-{preset}"))
    if previous and not run_view.recorded and has_same_capacities(config, previous.config):
        return _test_errors(_("test, previous run"), previous)
    return []


def _test_errors(title: str, run: Run) -> main_view.Lines:
    """Return a list with the title and the test errors of a run. The list is empty before the run's first event."""
    analysis = CapacityAnalysis.from_events(run.config, run.history())
    return [(title, analysis.mean_errors[TEST])] if analysis else []
