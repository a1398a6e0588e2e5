"""Messages about a run: divergence, dead units, and early stopping."""

import streamlit as st

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.constant_baseline import constant_loss, is_worse_than_constant
from core.topics.playground.train import last_gradient_norm
from core.training.progress import Metrics
from pages.components.run.divergence import explain_divergence, last_gradient
from pages.components.run.run_view import RunView
from pages.components.text import _, number


def explain_failure(run_view: RunView) -> bool:
    """Show a message if the loss diverged or ended far above the loss of a constant output.

    Return whether the message was shown.
    """
    if run_view.is_untrained:
        return False
    config = run_view.config
    norm = last_gradient_norm(run_view.history, config)
    if explain_divergence(run_view, detail=last_gradient(norm)):
        return True
    if not _is_worse_than_constant(run_view):
        return False
    st.error(
        _(
            "**Worse than a constant output**: the final training loss is {loss}, but the loss of a constant output "
            "is {guess}. The norm of the last gradient was {norm}. A learning rate of {rate} is probably too high: "
            "large updates make the loss jump, and they saturate tanh and sigmoid units. Saturated units get almost "
            "no gradient."
        ).format(
            loss=number(run_view.metric("train_loss")),
            guess=number(constant_loss(config)),
            norm=number(norm),
            rate=number(config.learning_rate),
        ),
        icon=":material/trending_up:",
    )
    return True


def _is_worse_than_constant(run_view: RunView) -> bool:
    if not run_view.complete or not run_view.history:
        return False
    initial_loss = run_view.history[0].metrics["train_loss"]
    return is_worse_than_constant(run_view.config, initial_loss, run_view.metric("train_loss"))


def draw_remarks(config: PlaygroundConfig, metrics: Metrics) -> None:
    """Draw a remark on dead units, if there are any, and a remark on early stopping, if it has ended the run."""
    if metrics.get("dead_share"):
        st.caption(
            _(
                ":orange-badge[:material/heart_broken: Dead units] {share:.0%} of the hidden units output 0 "
                "for every training point. If the output of a ReLU is 0, its derivative is also 0, so these units get "
                "no gradient."
            ).format(share=metrics["dead_share"])
        )
    if metrics.get("best_at") is not None:
        st.caption(
            _(
                ":blue-badge[:material/flag: Early stopping] Training stopped at update {stopped:,.0f}. The weights "
                "from update {best:,.0f} were restored, because they gave the lowest loss on the validation points "
                "(diamonds)."
            ).format(stopped=metrics["stopped_at"], best=metrics["best_at"])
        )
