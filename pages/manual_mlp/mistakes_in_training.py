"""Mistakes in training: a wrong gradient, a learning rate that is too large, gradients that are not cleared."""

import streamlit as st

from core.topics.manual_mlp import experiments
from core.topics.manual_mlp.experiments import CHAPTER_10, TUTORIAL
from pages.components.charts import line_chart
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp.curves import points


def gradient(_run_view: RunView) -> None:
    """Draw a wrong gradient whose loss falls, and compare its final losses over several seeds."""
    st.markdown(
        _(
            "The tutorial writes ReLU's gradient as `grad_h.clamp(min=0)`. That cuts off negative *gradients*; what "
            "has to be masked are the units whose *activation* was negative: `grad_h * (h > 0)`. The switch at the "
            "top of the page trains way 1 with it. On the tutorial's own data the loss falls all the same."
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
            _("right"): points(experiments.curve(config).loss),
            _("the tutorial's"): points(experiments.curve(config.model_copy(update={"tutorials_gradient": True})).loss),
        },
        x=_("update"),
        y=_("loss (sum of squares)"),
        key="manual_mlp.mistake.gradient",
        alt=_("Loss with the right gradient and with the tutorial's"),
        log=True,
    )
    st.markdown(
        _(
            "Over {count} seeds at this rate the **wrong** gradient ends with the lower loss {lower} times; the right "
            "one diverges {right} times, the wrong one {wrong} times. **A falling loss does not prove a gradient: "
            "compare it with autograd's, at the same weights.**"
        ).format(
            count=comparison.n_seeds,
            lower=comparison.n_lower,
            right=comparison.n_correct_diverged,
            wrong=comparison.n_wrong_diverged,
        )
    )


def rising_loss(_run_view: RunView) -> None:
    """Draw the effect of the first update on the loss, for many learning rates."""
    threshold = experiments.first_rising_rate(TUTORIAL)
    rates = experiments.FIRST_STEP_RATES
    st.markdown(
        _(
            "At the tutorial's learning rate of 10⁻⁶ the loss does not fall from the start: it first rises to "
            "**{peak:.0f} times** its first value. Below: the loss after the first update over the loss before it. "
            "From **{threshold}** on, the very first update makes things worse."
        ).format(peak=experiments.peak_loss_ratio(TUTORIAL), threshold=number(threshold))
    )
    line_chart.draw(
        {
            _("after one update / before"): list(
                zip(rates, experiments.first_step_ratio(TUTORIAL, rates), strict=True)
            ),
            _("no change"): [(rates[0], 1.0), (rates[-1], 1.0)],
        },
        x=_("learning rate"),
        y=_("loss after / loss before"),
        key="manual_mlp.mistake.rising",
        alt=_("Ratio of the loss after the first update to the loss before, over the learning rate"),
        log=True,
        x_log=True,
        dashed=[_("no change")],
    )


def zero_grad(_run_view: RunView) -> None:
    """Draw training with and without zero_grad()."""
    st.markdown(
        _(
            "`backward()` *adds* to the gradients. Without `zero_grad()` every update repeats all gradients so far: a "
            "momentum that never fades. The switch “Forget zero_grad()” under *More settings* does it to ways 2 to 5; "
            "way 1 cannot forget, since it computes new tensors. Here: the tutorial's data, mean of squares."
        )
    )
    rate = st.select_slider(
        _("Learning rate"), [0.01, 0.03, 0.1, 0.3, 1.0], 0.1, format_func=number, key="manual_mlp.mistake.zero_rate"
    )
    config = CHAPTER_10.model_copy(update={"learning_rate": rate})
    curves = {
        name: experiments.curve(config.model_copy(update={"forget_zero_grad": forget}), "autograd")
        for name, forget in ((_("with zero_grad()"), False), (_("forgotten"), True))
    }
    left, right = st.columns(2)
    for column, metric, title in (
        (left, "loss", _("loss (mean of squares)")),
        (right, "gradient_norm", _("length of the gradient")),
    ):
        with column:
            line_chart.draw(
                {name: points(getattr(curve, metric)) for name, curve in curves.items()},
                x=_("update"),
                y=title,
                key=f"manual_mlp.mistake.zero.{metric}",
                alt=_("{title} with zero_grad() and without").format(title=title),
                log=True,
            )
