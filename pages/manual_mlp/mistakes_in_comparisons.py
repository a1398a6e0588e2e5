"""Mistakes in comparisons: no new data, different initial weights, untuned learning rates."""

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
    """Show the losses on training data and on new data, for a run on the tutorial's data and for the displayed run."""
    st.markdown(
        _(
            "The tutorial says: “The error is already very small.” But the targets are *random*, so they cannot be "
            "predicted. The network has memorized the training targets. On new data, a network that always outputs "
            "zero has a lower loss. The tutorial also says that the training loss measures generalization. In fact, "
            "only the loss on *new* data measures generalization."
        )
    )
    config, implementation = run_view.config, run_view.config.implementations[0]
    diverged = any(f"diverged_at/{implementation}" in event.metrics for event in run_view.history[-1:])
    draw = st.session_state.setdefault("manual_mlp.fresh", 0)
    if st.button(_("New data"), icon=":material/casino:"):
        draw = st.session_state["manual_mlp.fresh"] = draw + 1
    trained = experiments.train_quickly(CHAPTER_10)
    _draw_losses(
        _("The tutorial's data, mean squared error, learning rate {rate}, {updates} updates").format(
            rate=number(CHAPTER_10.learning_rate), updates=CHAPTER_10.updates
        ),
        experiments.losses_on_fresh_data(CHAPTER_10, trained, draw),
    )
    if run_view.history and not diverged:
        saved = snapshots(run_view)
        began_with, changes = run_view.run.config, run_view.run.changes
        step = last_replayable_step(began_with, run_view.step, saved, changes)
        weights = replay_weights(began_with, step, saved, changes)
        _draw_losses(
            _("The run on the screen ({name}), at update {step:,}").format(
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
    """Draw the final losses of runs with gradients written by hand and of runs with autograd.

    The two methods are compared with different initial weights, and then with the same initial weights.
    """
    st.markdown(
        _(
            "The tutorial trains once with gradients written by hand and once with autograd. It sets no seed, and "
            "concludes that autograd gives a better result. In this chart, each dot is a run with correct gradients. "
            "With different initial weights, the losses differ by chance. With the same initial weights (the two "
            "columns on the right), gradients written by hand and autograd give the same losses."
        )
    )
    different, same = _("different weights: {implementation}"), _("same weights: {implementation}")
    columns: dict[str, tuple[str, Implementation, int]] = {
        "different_tensors": (different, "tensors", 0),
        "different_autograd": (different, "autograd", 100),
        "same_tensors": (same, "tensors", 0),
        "same_autograd": (same, "autograd", 0),
    }
    scatter_plot.draw_groups(
        {
            name: experiments.final_losses(TUTORIAL, implementation, range(first_seed, first_seed + 12))
            for name, (_title, implementation, first_seed) in columns.items()
        },
        titles={
            name: title.format(implementation=labels.implementations()[implementation])
            for name, (title, implementation, _seed) in columns.items()
        },
        y=_("loss after 20 updates"),
        key="manual_mlp.mistake.seeds",
        alt=_(
            "Final losses with gradients written by hand and with autograd, for different initial weights and for the "
            "same initial weights"
        ),
    )


def learning_rates(_run_view: RunView) -> None:
    """Draw the training loss with Adam and with gradient descent, each at two learning rates."""
    st.markdown(
        _(
            "The tutorial uses a learning rate of 1e-4 both for gradient descent and for Adam, but the network trained "
            "with Adam has ten times as many hidden units. This comparison says nothing about the optimizers. In this "
            "chart, all four runs have {hidden} hidden units. With a larger learning rate, both optimizers reach a "
            "far lower loss. Tune each optimizer's learning rate before you compare optimizers."
        ).format(hidden=CHAPTER_10.hidden_size)
    )
    titles = {
        ("Adam", 1e-4): _("Adam, 1e-4"),
        ("Adam", 3e-3): _("Adam, 0.003"),
        ("SGD", 1e-4): _("gradient descent, 1e-4"),
        ("SGD", 0.3): _("gradient descent, 0.3"),
    }
    configs = {
        f"{optimizer} {rate:g}": CHAPTER_10.model_copy(update={"optimizer": optimizer, "learning_rate": rate})
        for optimizer, rate in titles
    }
    line_chart.draw(
        {name: points(experiments.curve(config, "optim").loss) for name, config in configs.items()},
        titles=dict(zip(configs, titles.values(), strict=True)),
        x=_("update"),
        y=_("loss (mean squared error)"),
        key="manual_mlp.mistake.adam",
        alt=_("Loss with Adam and with gradient descent, each at two learning rates"),
        log=True,
    )
