"""The main view: the program, the object that the selected line has made, and the curves of the run."""

from collections.abc import Sequence

import streamlit as st

from core.engine import Run
from core.topics.workflow.config import WorkflowConfig
from core.training.progress import Progress
from pages.components.charts import line_chart
from pages.components.run.controls import Settings
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _
from pages.workflow import program_view


def draw_main(settings: Settings[WorkflowConfig], run_view: RunView, previous: Run | None) -> None:
    """Draw the program with the current settings, the loss, and the test accuracy of the displayed run.

    The charts also show ``previous``, the previous run.
    """
    with st.container(key="workflow-view"):
        program_view.draw(settings, run_view, printed(run_view.history))
        with st.container(key="workflow-charts", horizontal=True):
            for metric in ("loss", "accuracy"):
                _draw_chart(metric, run_view, previous)


def printed(history: Sequence[Progress]) -> list[str]:
    """Return the lines that the program prints in a run, one for each completed epoch."""
    return [
        f"epoch {event.metrics['epoch']:.0f}: {event.metrics['accuracy']:.1%} of the test digits correct"
        for event in history
        if event.metrics.get("epoch") and event.metrics.get("accuracy") is not None
    ]


def _draw_chart(metric: str, run_view: RunView, previous: Run | None) -> None:
    is_loss = metric == "loss"
    series = {metric: points(run_view.history, metric)}
    if previous:
        series["previous"] = points(previous.history(), metric)
    line_chart.draw(
        series,
        titles={"loss": _("loss"), "accuracy": _("test accuracy"), "previous": _("previous run")},
        x=_("update"),
        y=_axis(metric, run_view, has_previous=previous is not None),
        key=f"workflow.{metric}",
        alt=_("Loss of the batch at each update") if is_loss else _("Accuracy on 1,000 test digits at several updates"),
        log=is_loss,
        percent=not is_loss,
        height=None,
        dashed=["previous"],
        domain=["loss", "accuracy"],
        colours={"previous": "#888888"},
        marks=change_marks(run_view) if is_loss else (),
        x_end=run_view.total,
        run=run_view.run.id,
        legend=False,
    )


def _axis(metric: str, run_view: RunView, *, has_previous: bool) -> str:
    diverged = run_view.metric("diverged_at")
    if metric == "loss" and diverged is not None:
        return _("loss of the batch (diverged at update {step:,.0f})").format(step=diverged)
    if metric == "loss":
        return _("loss of the batch (gray: previous run)") if has_previous else _("loss of the batch")
    return _("test accuracy (gray: previous run)") if has_previous else _("test accuracy")
