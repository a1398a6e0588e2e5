"""Mistakes in scale: initial weights that are too large, and a sum of squared errors that is called a mean."""

import streamlit as st

from core.topics.manual_mlp import experiments
from core.topics.manual_mlp.data import initial_std
from core.topics.manual_mlp.experiments import TUTORIAL
from pages.components.charts import bars, line_chart
from pages.components.run.run_view import RunView
from pages.components.text import _, number
from pages.manual_mlp.curves import points


def initialization(_run_view: RunView) -> None:
    """Draw histograms of the inputs, pre-activations, activations, and outputs before training.

    The user selects the initialization with a slider.
    """
    value = st.slider(
        _("Initialization: from randn (0) to Kaiming (1)"),
        0.0,
        1.0,
        0.0,
        0.05,
        key="manual_mlp.mistake.initialization",
    )
    config = TUTORIAL.model_copy(update={"initialization": value})
    loss = experiments.curve(config, steps=1).loss[0]
    st.markdown(
        _(
            "`torch.randn` draws weights with standard deviation 1. The pre-activation of a hidden unit is a sum of "
            "1,000 weighted inputs, so its standard deviation is √1000 ≈ 32. The outputs of the second layer are even "
            "larger: the errors are in the hundreds, and the initial loss is in the tens of millions. Kaiming "
            "initialization uses a standard deviation of √(2 / number of inputs). Selected: standard deviation "
            "**{first}** in the first layer and **{second}** in the second layer, initial loss **{loss}**."
        ).format(
            first=number(initial_std(config.input_size, value)),
            second=number(initial_std(config.hidden_size, value)),
            loss=number(loss),
        )
    )
    titles = {"x": _("x (input)"), "z": _("z = x W₁"), "h": _("h = max(0, z)"), "y_pred": _("ŷ = h W₂")}
    histograms = experiments.activation_histograms(config)
    for column, (name, (counts, edges)) in zip(st.columns(4), histograms.items(), strict=True):
        with column:
            bars.histogram(
                counts,
                edges,
                x=titles[name],
                key=f"manual_mlp.histogram.{name}",
                alt=_("Histogram of {name} before training").format(name=titles[name]),
            )


def sum_or_mean(_run_view: RunView) -> None:
    """Draw the loss during training for two loss functions: the sum and the mean of the squared errors."""
    comparison = experiments.compare_sum_and_mean(TUTORIAL)
    st.markdown(
        _(
            "The tutorial calls its loss a mean squared error, but the loss is a *sum*. The mean is the sum divided "
            "by samples × outputs = {factor:,}, so the gradient of the mean is smaller by the same factor. With the "
            "mean, a learning rate {factor:,} times as large gives the same updates. With the mean and the tutorial's "
            "learning rate, the loss hardly changes."
        ).format(factor=comparison.factor)
    )
    titles = {
        "sum": _("sum, learning rate 1e-6"),
        "mean_scaled_rate": _("mean, learning rate 1e-3"),
        "mean_same_rate": _("mean, learning rate 1e-6"),
    }
    line_chart.draw(
        {name: points(getattr(comparison, name)) for name in titles},
        titles=titles,
        x=_("update"),
        y=_("loss (mean squared error)"),
        key="manual_mlp.mistake.sum",
        alt=_("Loss during training for two loss functions: the sum and the mean of the squared errors"),
        log=True,
        dashed=["mean_scaled_rate"],
    )
