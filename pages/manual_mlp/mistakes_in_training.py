"""Mistakes in training: a wrong gradient, a learning rate that is too large, and gradients that are not cleared."""

import numpy as np
import streamlit as st

from core.topics.manual_mlp import experiments
from core.topics.manual_mlp.experiments import CHAPTER_10, TUTORIAL
from core.topics.manual_mlp.step_trace import check_tutorials_gradient, last_replayable_step, replay_weights
from pages.components.charts import images, line_chart
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp.curves import points
from pages.manual_mlp.step_trace import snapshots


def gradient(run_view: RunView) -> None:
    """Draw the loss during training with the correct gradient and with the tutorial's wrong gradient.

    Also compare the final losses for several seeds, and show which entries of the tutorial's gradient are wrong in the
    displayed run.
    """
    st.markdown(
        _(
            "The tutorial computes ReLU's gradient as `grad_h.clamp(min=0)`, which sets negative *gradients* to 0. "
            "The correct gradient is `grad_h * (h > 0)`: it is 0 where the *input* of ReLU was negative. If “The "
            "tutorial's gradient” is switched on, implementation 1 uses the wrong gradient. On the "
            "tutorial's data, the loss still falls."
        )
    )
    rate = st.select_slider(
        _("Learning rate"),
        [5e-7, 7e-7, 1e-6, 1.5e-6, 2e-6, 3e-6],
        1e-6,
        format_func=number,
        key="manual_mlp.mistake.rate",
    )
    config = TUTORIAL.model_copy(update={"learning_rate": rate})
    comparison = experiments.compare_gradients(config)
    line_chart.draw(
        {
            "correct": points(experiments.curve(config).loss),
            "tutorial": points(experiments.curve(config.model_copy(update={"tutorials_gradient": True})).loss),
        },
        titles={"correct": _("correct gradient"), "tutorial": _("the tutorial's gradient")},
        x=_("update"),
        y=_("loss (sum of squared errors)"),
        key="manual_mlp.mistake.gradient",
        alt=_("Loss with the correct gradient and with the tutorial's gradient"),
        log=True,
    )
    st.markdown(
        _(
            "Seeds compared at this learning rate: {count}. For {lower} of these seeds, training with the **wrong** "
            "gradient ends with a lower loss than training with the correct gradient. With the correct gradient, "
            "training diverges for {correct} of these seeds. With the wrong gradient, training diverges for {wrong} "
            "of these seeds. **A falling loss does not prove that a gradient is correct**. Compare the gradient with "
            "autograd's gradient at the same weights."
        ).format(
            count=comparison.n_seeds,
            lower=comparison.n_lower,
            correct=comparison.n_correct_diverged,
            wrong=comparison.n_wrong_diverged,
        )
    )
    _draw_gradient_check(run_view)


def _draw_gradient_check(run_view: RunView) -> None:
    """Show which entries of the tutorial's gradient are wrong at the latest weights of the displayed run."""
    run, saved = run_view.run, snapshots(run_view)
    step = last_replayable_step(run.config, run_view.step, saved, run.changes)
    check = check_tutorials_gradient(
        run.config, step, replay_weights(run.config, step, saved, run.changes), run.changes
    )
    text, heat_map = st.columns([1, 1.4], gap="medium")
    with text:
        st.markdown(_("**The run on the screen, at update {step:,}**").format(step=step))
        st.metric(
            _("Relative error of the tutorial's gradient"),
            f"{check.error:.0%}" if np.isfinite(check.error) else number(None),
        )
        st.markdown(
            _(
                "The heat map marks the wrong entries of ∂L/∂z, the gradient with respect to the pre-activations. "
                "Orange: entries that should be negative, but are set to 0 ({cut:.0%}). Blue: entries that should be "
                "0, but are not ({leaked:.0%}). White entries are correct."
            ).format(cut=check.cut, leaked=check.leaked)
        )
    with heat_map:
        images.show(
            images.heat_map(check.wrong.numpy().astype(float).T, size=320),
            alt=_("Heat map of the wrong entries of the gradient: one row per hidden unit, one column per sample"),
        )


def rising_loss(_run_view: RunView) -> None:
    """Draw the ratio of the loss after the first update to the initial loss, for many learning rates."""
    threshold = experiments.first_rising_rate(TUTORIAL)
    rates = experiments.FIRST_STEP_RATES
    st.markdown(
        _(
            "At the tutorial's learning rate of 1e-6, the loss first rises to **{peak:.0f} times** its initial value "
            "and then falls. The chart shows the ratio of the loss after the first update to the initial loss. At "
            "learning rates above **{threshold}**, the first update increases the loss."
        ).format(peak=experiments.peak_loss_ratio(TUTORIAL), threshold=number(threshold))
    )
    line_chart.draw(
        {
            "ratio": list(zip(rates, experiments.first_step_ratio(TUTORIAL, rates), strict=True)),
            "one": [(rates[0], 1.0), (rates[-1], 1.0)],
        },
        titles={"ratio": _("loss after update 1 / initial loss"), "one": _("no change")},
        x=_("learning rate"),
        y=_("loss after update 1 / initial loss"),
        key="manual_mlp.mistake.rising",
        alt=_("Ratio of the loss after the first update to the initial loss, for each learning rate"),
        log=True,
        x_log=True,
        dashed=["one"],
    )


def zero_grad(_run_view: RunView) -> None:
    """Draw the loss and the gradient norm during training, with and without zero_grad()."""
    st.markdown(
        _(
            "`backward()` *adds* to the stored gradients. Without `zero_grad()`, every update uses the sum of all "
            "gradients so far, like momentum with μ = 1. With the “Forget zero_grad()” setting (*More settings*), "
            "implementations 2 to 5 do not clear the gradients between updates. Implementation 1 computes new "
            "gradients for each update, so it has no stored gradients to clear. The charts use the tutorial's data "
            "and the mean squared error."
        )
    )
    rate = st.select_slider(
        _("Learning rate"), [0.01, 0.03, 0.1, 0.3, 1.0], 0.1, format_func=number, key="manual_mlp.mistake.zero_rate"
    )
    config = CHAPTER_10.model_copy(update={"learning_rate": rate})
    curves = {
        name: experiments.curve(config.model_copy(update={"forget_zero_grad": forget}), "autograd")
        for name, forget in (("with", False), ("without", True))
    }
    left, right = st.columns(2)
    for column, metric, title, alt in (
        (left, "loss", _("loss (mean squared error)"), _("Loss with and without zero_grad()")),
        (right, "gradient_norm", _("gradient norm"), _("Gradient norm with and without zero_grad()")),
    ):
        with column:
            line_chart.draw(
                {name: points(getattr(curve, metric)) for name, curve in curves.items()},
                titles={"with": _("with zero_grad()"), "without": _("without zero_grad()")},
                x=_("update"),
                y=title,
                key=f"manual_mlp.mistake.zero.{metric}",
                alt=alt,
                log=True,
            )
