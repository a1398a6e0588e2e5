"""Say that a run has diverged: the loss is no longer a finite number."""

import streamlit as st

from pages.components.run.run_view import RunView, points
from pages.components.text import _, number


def explain_divergence(run_view: RunView, *, detail: str | None = None) -> bool:
    """Say at which update the loss of a run diverged, if it did. Return whether it did.

    ``detail`` is a sentence about it; by default, the highest loss before.
    """
    step = run_view.metric("diverged_at")
    if step is None:
        return False
    losses = [value for _step, value in points(run_view.history, "loss") if value is not None]
    detail = detail or _("The highest before was {worst}.").format(worst=number(max(losses, default=None)))
    show_divergence(_("**Diverged at update {step:,.0f}**").format(step=step), detail, run_view.config.learning_rate)
    return True


def show_divergence(headline: str, detail: str, learning_rate: float) -> None:
    """Show what has diverged (``headline``), a sentence about it, and why a too large learning rate does so."""
    sentences = (
        _("{headline}: the loss is no longer a finite number.").format(headline=headline),
        detail,
        _(
            "The learning rate is {rate}: a step that is too long leaps over the valley and lands where the slope is "
            "steeper; the next one is longer still."
        ).format(rate=number(learning_rate)),
    )
    st.error(" ".join(filter(None, sentences)), icon=":material/trending_up:")


def last_gradient(norm: float | None) -> str:
    """Return the sentence about the norm of the last gradient."""
    return _("The last gradient had length {norm}.").format(norm=number(norm))
