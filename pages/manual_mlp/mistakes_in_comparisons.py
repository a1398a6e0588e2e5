"""Mistakes in comparisons: no new data, different initial weights, learning rates that suit only one optimizer."""

import streamlit as st

from core.topics.manual_mlp import experiments
from core.topics.manual_mlp.config import Implementation
from core.topics.manual_mlp.experiments import CHAPTER_10, TUTORIAL
from core.topics.manual_mlp.step_trace import last_replayable_step, replay_weights
from pages.components.charts import line_chart, scatter_plot
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp import labels
from pages.manual_mlp.curves import points
from pages.manual_mlp.step_trace import snapshots


def fresh_data(run_view: RunView) -> None:
    """Draw the loss on training data and on new data: of the tutorial's network, and of the run on the screen."""
    st.markdown(
        _(
            "“The error is already very small.” But the targets are *random*, so nobody can predict them. The network "
            "has memorized them. On new data its loss is higher than that of a network that always outputs zero."
        )
    )
    config, implementation = run_view.config, run_view.config.implementations[0]
    diverged = any(f"diverged_at/{implementation}" in event.metrics for event in run_view.history[-1:])
    draw = st.session_state.setdefault("manual_mlp.fresh", 0)
    if st.button(_("New test data"), icon=":material/casino:"):
        draw = st.session_state["manual_mlp.fresh"] = draw + 1
    trained = experiments.train_quickly(CHAPTER_10)
    _draw_losses(
        _("The tutorial's chapter 10: mean squared error, {epochs} updates").format(epochs=CHAPTER_10.epochs),
        experiments.losses_on_fresh_data(CHAPTER_10, trained, draw),
    )
    if run_view.history and not diverged:
        saved = snapshots(run_view)
        began_with, changes = run_view.run.config, run_view.run.changes
        step = last_replayable_step(began_with, run_view.step, saved, changes)
        weights = replay_weights(began_with, step, saved, changes)
        _draw_losses(
            _("The run on the screen, {name}, after {step:,} updates").format(
                name=labels.implementations()[implementation], step=step
            ),
            experiments.losses_on_fresh_data(config, weights, draw),
        )


def _draw_losses(title: str, losses: dict[str, float | None]) -> None:
    st.markdown(f"**{title}**")
    titles = {"training": _("training data"), "fresh": _("new data"), "zero": _("new data, all outputs zero")}
    for column, (name, loss) in zip(st.columns(3), losses.items(), strict=True):
        with column:
            st.metric(titles[name], number(loss), border=True)


def other_weights(_run_view: RunView) -> None:
    """Draw final losses by hand and by autograd, from different and from the same initial weights."""
    st.markdown(
        _(
            "The tutorial runs both without a seed and finds autograd better. Here each dot is a run: by hand (with "
            "the correct gradient) or by autograd. With different initial weights the results differ by chance. With "
            "the same initial weights (the pair on the right) both give the same losses."
        )
    )
    first_seeds: dict[str, dict[Implementation, int]] = {
        _("different weights"): {"tensors": 0, "autograd": 100},
        _("same weights"): {"tensors": 0, "autograd": 0},
    }
    values = [
        (f"{group}: {labels.implementations()[implementation]}", loss)
        for group, by_implementation in first_seeds.items()
        for implementation, first_seed in by_implementation.items()
        for loss in experiments.final_losses(TUTORIAL, implementation, range(first_seed, first_seed + 12))
    ]
    scatter_plot.draw_groups(
        values,
        y=_("loss after 20 updates"),
        key="manual_mlp.mistake.seeds",
        alt=_("Final losses by hand and by autograd, with different and with the same initial weights"),
    )


def adam(_run_view: RunView) -> None:
    """Draw Adam and gradient descent at two learning rates each."""
    st.markdown(
        _(
            "In the tutorial Adam wins against gradient descent with a tiny learning rate. With a suitable learning "
            "rate gradient descent reaches a far lower loss, and so does Adam. Tune the learning rate of each "
            "optimizer before you compare them."
        )
    )
    series = {
        name: points(
            experiments.curve(
                CHAPTER_10.model_copy(update={"optimizer": optimizer, "learning_rate": rate}), "optim"
            ).loss
        )
        for name, optimizer, rate in (
            (_("Adam, 10⁻⁴ (the tutorial's)"), "Adam", 1e-4),
            (_("Adam, 0.003"), "Adam", 3e-3),
            (_("gradient descent, 10⁻⁴ (the tutorial's)"), "SGD", 1e-4),
            (_("gradient descent, 0.3"), "SGD", 0.3),
        )
    }
    line_chart.draw(
        series,
        x=_("update"),
        y=_("loss (mean squared error)"),
        key="manual_mlp.mistake.adam",
        alt=_("Loss with Adam and with gradient descent at two learning rates"),
        log=True,
    )
