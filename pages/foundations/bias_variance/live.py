"""A run on the screen: what it has found, the sliders that move through it, and its pictures."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import Task, drawn
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import _, number
from pages.foundations.bias_variance import charts
from pages.foundations.bias_variance import fit_charts as curves
from pages.foundations.bias_variance import labels as names

PAGE = "bias_variance"
PLAIN: Mapping[str, object] = {"l2": 0.0, "dropout": 0.0, "early_stopping": False}
"""Nothing is done against overfitting."""


def explain_failure(run_view: RunView) -> bool:
    """Say where the training has failed, if it did; returns whether a lower rate may be the way out."""
    found = CapacityAnalysis.read(run_view.run.config, run_view.history)
    if not (found and run_view.complete and found.config.model == "network"):
        return False
    words = {"rate": number(found.config.learning_rate), "widths": ", ".join(map(str, found.lost or found.capacities))}
    if found.failed:
        st.error(
            _(
                "**The training has failed at width {widths}**: the fits are no better than flat lines, or no numbers "
                "any more. The learning rate is {rate}: with steps that long the weights are thrown about instead of "
                "settling."
            ).format(**words),
            icon=":material/trending_up:",
        )
    elif found.idle:
        st.warning(
            _(
                "**Hardly trained**: the fits are still about as bad as flat lines. That is underfitting, too: take "
                "more epochs, or a learning rate above {rate}."
            ).format(**words)
        )
    return found.failed


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw what a run has found so far."""
    found = CapacityAnalysis.read(run_view.run.config, run_view.history)
    if not found:
        return
    compared = _compared(run_view, previous, found)
    if found.ended:
        st.markdown(names.headline(found))
        if compared:
            st.markdown(names.comparison(found, *compared))
        st.caption(" ".join(names.remarks(found)))
    elif found.step:
        st.markdown(names.so_far(found))
    else:
        st.markdown(_("**Nothing is learnt yet**: these are the fits before the first update."))
    slider, flip = st.columns([2, 1], gap="large")
    with slider:
        at = _choose_capacity(found, run_view.run.id)
    with flip:
        data_set = _choose_data_set(found.config)
    points, true_curve = _points(found.config, data_set)
    errors, fits = st.columns(2, gap="large")
    chosen = names.capacity(found.config, found.capacities[at])
    with errors:
        st.markdown(
            _("**Error against the degree** · ringed: the lowest validation error")
            if found.config.model == "polynomial"
            else _("**Error against the width** · ringed: the lowest validation error")
        )
        charts.draw_errors(found, at, compared, key=f"{PAGE}.errors")
    with fits:
        st.markdown(_("**The fit of {capacity}**, and what other points would give").format(capacity=chosen))
        curves.draw_fits(found, at, data_set, points, true_curve, key=f"{PAGE}.fits")
    parts, band = st.columns(2, gap="large")
    with parts:
        st.markdown(_("**What the error consists of** · dotted: the test error as measured"))
        charts.draw_parts(found, at, key=f"{PAGE}.parts")
    with band:
        st.markdown(_sum(found, at).format(capacity=chosen))
        curves.draw_band(found, at, points, true_curve, key=f"{PAGE}.band")
    if found.config.model == "network":
        st.markdown(
            _("**While {capacity} trains** · mean errors; ringed: the lowest validation error").format(capacity=chosen)
        )
        history = [(event.step, event.arrays["now"]) for event in run_view.history]
        charts.draw_epochs(found, at, history, key=f"{PAGE}.epochs")


def _sum(found: CapacityAnalysis, at: int) -> str:
    bias2, variance = found.parts[:, at]
    return _(
        "At **{{capacity}}**: :orange[**bias²**] {bias2} + :blue[**variance**] {variance} + noise {noise} = {whole}"
    ).format(
        bias2=number(float(bias2)),
        variance=number(float(variance)),
        noise=number(found.noise),
        whole=number(float(bias2 + variance) + found.noise),
    )


def _choose_capacity(found: CapacityAnalysis, run: str) -> int:
    """The place of the capacity that is looked at: the best one, until the reader moves the slider."""
    moved = f"{PAGE}.moved"
    best = found.capacities[found.best]
    kept = st.session_state.get(moved, ("", ""))
    key = kept[1] if kept[0] == run and kept[1] in st.session_state else f"{PAGE}.capacity.{run}.{best}"
    if st.session_state.get(key) not in found.capacities:
        st.session_state.pop(key, None)

    def move() -> None:
        # A browser may still send what a slider began with, when another one has taken its place
        if st.session_state[key] != best or kept[1] == key:
            st.session_state[moved] = (run, key)

    if len(found.capacities) == 1:
        st.caption(names.capacity(found.config, best))
        return 0
    chosen = st.select_slider(
        _("Degree") if found.config.model == "polynomial" else _("Width (hidden units)"),
        found.capacities,
        value=best,
        key=key,
        on_change=move,
        help=_("All of them have been fitted: moving this trains nothing."),
    )
    return found.capacities.index(chosen)


def _choose_data_set(config: BiasVarianceConfig) -> int:
    """The number of the data set whose points are shown."""
    key = f"{PAGE}.data_set"
    if st.session_state.get(key, 1) > config.data_sets:
        del st.session_state[key]
    return st.slider(_("Points of data set"), 1, config.data_sets, key=key) - 1


@st.cache_resource(max_entries=64, show_spinner=False)
def _task(config: BiasVarianceConfig) -> Task:
    return Task(config)


def _points(config: BiasVarianceConfig, data_set: int) -> tuple[np.ndarray, np.ndarray]:
    """The training points (points, 2) of a data set, and the true curve (GRID,)."""
    task = _task(config)
    points = np.stack([part[data_set].numpy() for part in task.train], axis=1)
    return points, task.true_curve(drawn()).numpy()


def _compared(run_view: RunView, previous: Run | None, found: CapacityAnalysis) -> tuple[str, np.ndarray] | None:
    """Test errors to compare with: of the same training without what helps it, or of an earlier run."""
    config = found.config
    if found.stopped is not None:
        return names.without(["early_stopping"]), found.now[2]
    helped = [name for name, value in PLAIN.items() if getattr(config, name) != value]
    for twin, preset in PRESETS.items():
        if helped and preset == config.changed(**PLAIN):
            return names.without(helped), _last(recording(f"{PAGE}-{twin}")).means[2]
        if not helped and config.points > preset.points and preset == config.changed(points=preset.points):
            return names.with_points(preset.points), _last(recording(f"{PAGE}-{twin}")).means[2]
    if previous and not run_view.recorded and isinstance(previous.config, BiasVarianceConfig):
        earlier = _last(previous)
        if earlier and earlier.config.model == config.model and earlier.capacities == found.capacities:
            return _("test, earlier run"), earlier.means[2]
    return None


def _last(run: Run) -> CapacityAnalysis | None:
    return CapacityAnalysis.read(run.config, run.history())
