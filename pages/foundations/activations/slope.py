"""The plot of an activation with its slope, its tangent and where it is saturated."""

import streamlit as st
import torch

from core.topics.activations.functions import ACTIVATIONS, is_saturated, saturated_intervals, tangent
from pages.components.charts import function_plot
from pages.components.charts.function_plot import BLUE, GREY, ORANGE, Curve
from pages.components.text import _, number

KEY = "activations"
X = torch.arange(-240, 241, dtype=torch.float64) / 40


def draw(name: str, label: str) -> None:
    """Draw the plot, and the value and the slope at an input."""
    st.markdown(_("##### The function and its slope"))
    chart = st.container()
    position = st.slider(_("Input"), -6.0, 6.0, 1.0, 0.05, key=f"{KEY}.input", persist_state="session")
    point = torch.tensor(position, dtype=torch.float64)
    activation = ACTIVATIONS[name]
    value, slope = activation.function(point).item(), activation.derivative(point).item()
    f, f_prime = activation.function(X), activation.derivative(X)
    low, high = axis_range(f, f_prime)
    tangent_x, tangent_y = tangent(name, X, position)
    with chart:
        function_plot.draw(
            [
                Curve(label, X, f, BLUE, dot=(position, value)),
                Curve(_("its slope (the derivative)"), X, f_prime, ORANGE, dot=(position, slope)),
                Curve(_("tangent"), tangent_x, tangent_y, GREY, dashed=True, listed=False),
            ],
            x=_("input"),
            y=_("output, slope"),
            low=low,
            high=high,
            marked=position,
            shaded=saturated_intervals(name, X),
            shaded_name=_("saturated"),
            key=f"{KEY}.function",
            alt=_("{name} and its derivative; grey where the slope is below a tenth of the largest").format(name=label),
        )
    st.markdown(
        _("Input **{x}** → output :blue[**{value}**], slope :orange[**{slope}**]: {share:.0%} of the steepest.").format(
            x=number(position), value=number(value), slope=number(slope), share=abs(slope) / activation.max_slope
        )
    )
    st.caption(
        _("**Saturated** here: however the input changes, the output hardly does, and hardly any gradient comes back.")
        if is_saturated(name, point)
        else _("Grey: saturated. The slope is below a tenth of the steepest, and hardly any gradient comes back.")
    )


def axis_range(f: torch.Tensor, f_prime: torch.Tensor) -> tuple[float, float]:
    """Return the ends of the vertical axis: they hold both curves, but cut them off beyond -3 and 3."""
    both = torch.cat([f, f_prime]).clamp(-3, 3)
    low, high = both.min().item(), both.max().item()
    return low - 0.1 * (high - low), high + 0.15 * (high - low)
