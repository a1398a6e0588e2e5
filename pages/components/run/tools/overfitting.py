"""The result of the tool that overfits one batch: the loss of the batch, and what it means."""

import streamlit as st

from core.engine import Run
from pages.components.charts import line_chart
from pages.components.run.state import is_active
from pages.components.text import _, number
from pages.registry import specs

_HEIGHT = 300
_CLINIC = "clinic"  # the name of the page that helps to find mistakes


def draw(run: Run, _learning_rate: float | None) -> None:
    """Draw the loss of the batch and, at the end, the result."""
    line_chart.draw(
        {"loss": [(event.step, event.metrics["loss"]) for event in run.history() if event.step]},
        titles={"loss": _("loss of the batch")},
        x=_("update"),
        y=_("loss"),
        log=True,
        height=_HEIGHT,
        key="tool.batch",
        alt=_("The loss of the batch at each update"),
    )
    metrics = run.metrics
    if is_active(run) or "memorized" not in metrics:
        return
    if metrics["memorized"]:
        st.success(_memorized(run))
        return
    st.warning(_not_memorized(run))
    if clinic := next((spec for spec in specs() if spec.name == _CLINIC), None):
        st.page_link(clinic.file, label=clinic.title(), icon=f":material/{clinic.icon}:")


def _memorized(run: Run) -> str:
    return _(
        "The network memorized the batch: after {updates} updates, {percent} of the initial loss is left. So the "
        "network, the loss, and the optimizer work together."
    ).format(**_values(run))


def _not_memorized(run: Run) -> str:
    if run.metrics["remaining"] is None:
        return _("Training diverged after {updates} updates. Try a smaller learning rate.").format(**_values(run))
    if run.metrics["falling"]:
        return _(
            "After {updates} updates, {percent} of the initial loss is left, and the loss is still falling. "
            "Try a larger learning rate."
        ).format(**_values(run))
    return _(
        "The network cannot memorize the batch: after {updates} updates, {percent} of the initial loss is left. "
        "Check the learning rate, the size of the network, and its activation functions."
    ).format(**_values(run))


def _values(run: Run) -> dict[str, str]:
    remaining = run.metrics["remaining"]
    percent = f"{remaining:.2%}" if remaining is not None and remaining < 0.1 else f"{remaining or 0:.0%}"
    return {"updates": number(run.metrics["updates"]), "percent": percent}
