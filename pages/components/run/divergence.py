"""What went wrong in a training: the news that its loss has ceased to be a number."""

import streamlit as st

from pages.components.run.run_view import RunView, points
from pages.components.text import _, number


def explain_divergence(run_view: RunView) -> bool:
    """Say at which update the loss ceased to be finite, if it did; returns whether it did."""
    step = run_view.metric("diverged_at")
    if step is None:
        return False
    losses = [value for _step, value in points(run_view.history, "loss") if value is not None]
    st.error(
        _(
            "**Diverged at update {step:,.0f}**: the loss is no longer a finite number; the highest before was "
            "{worst}. The learning rate is {rate}: a step that is too long leaps over the valley and lands where the "
            "slope is steeper."
        ).format(step=step, worst=number(max(losses, default=None)), rate=number(run_view.run.config.learning_rate)),
        icon=":material/trending_up:",
    )
    return True
