"""Messages for a run that has diverged: its loss is no longer a finite number."""

import streamlit as st

from pages.components.run.run_view import RunView, points
from pages.components.text import _, number


def explain_divergence(run_view: RunView, *, detail: str | None = None) -> bool:
    """Return whether a run has diverged. If it has, show an error message that states at which update it diverged.

    ``detail`` is a sentence in this message. By default, the sentence states the highest loss before divergence.
    """
    step = run_view.metric("diverged_at")
    if step is None:
        return False
    losses = [value for _step, value in points(run_view.history, "loss") if value is not None]
    detail = detail or _("The highest loss before divergence was {worst}.").format(
        worst=number(max(losses, default=None))
    )
    show_divergence(_("**Diverged at update {step:,.0f}**").format(step=step), detail, run_view.config.learning_rate)
    return True


def show_divergence(headline: str, detail: str, learning_rate: float) -> None:
    """Show an error message about a run that has diverged, with an explanation of the cause.

    ``headline`` is the beginning of the message, in Markdown. ``detail`` is a further sentence, or an empty string. The
    message also states ``learning_rate``.
    """
    sentences = (
        _("The loss is no longer a finite number."),
        detail,
        _(
            "The learning rate is {rate}. An update that is too large overshoots the minimum and lands where the "
            "gradient is larger. The next update is then larger still."
        ).format(rate=number(learning_rate)),
    )
    st.error(f"{headline} · {' '.join(filter(None, sentences))}", icon=":material/trending_up:")


def last_gradient(norm: float | None) -> str:
    """Return a sentence that states the norm of the last gradient. If ``norm`` is None, the norm is not finite."""
    return _("The norm of the last gradient was {norm}.").format(norm=number(norm))
