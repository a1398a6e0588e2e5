"""A neuron with one input: its linear part and its output, with and without bias."""

import streamlit as st
import torch

from core.topics.activations.functions import neuron
from pages.components.charts import function_plot
from pages.components.charts.function_plot import BLUE, ORANGE, Curve
from pages.components.text import _, number, pgettext
from pages.foundations.activations.main_view import KEY, X, axis_range


def draw(name: str, label: str) -> None:
    """Draw the linear part (w x + b) and the output of a neuron, with and without bias.

    ``name`` is the name of the activation function, and ``label`` is its displayed name.
    """
    st.markdown(_("##### One neuron: the effect of the bias"))
    first, second = st.columns(2, gap="large")
    with first:
        weight = st.slider(_("Weight w"), -5.0, 5.0, 1.5, 0.1, key=f"{KEY}.weight", persist_state="session")
    with second:
        bias = st.slider(_("Bias b"), -5.0, 5.0, 3.0, 0.1, key=f"{KEY}.bias", persist_state="session")
    first, second = st.columns(2, gap="large")
    with first:
        titles = {"with": "w x + b", "without": _("w x, without bias")}
        _draw_with_and_without(
            "before", "linear", pgettext("activation", "Linear"), titles, weight, bias, y=_("linear part")
        )
        st.caption(
            _(
                "Without a bias, the linear part is 0 at x = 0 for every weight. The line passes through the origin, "
                "and the weight changes only the slope of the line."
            )
        )
    with second:
        without = neuron(name, torch.zeros(1), weight=weight).item()
        titles = {"with": _("with bias"), "without": _("without bias")}
        _draw_with_and_without("after", name, label, titles, weight, bias, y=f"{label}(w x + b)")
        remark = (
            _("{name}(0) = 0: without a bias, the output curve also passes through the origin.")
            if without == 0
            else _("{name}(0) = ½: without a bias, the output curve passes through (0, ½), **not** through the origin.")
        ).format(name=label)
        st.caption(remark)
        if weight:
            st.caption(
                _("The bias shifts the curve along x by −b / w = **{shift}**.").format(shift=number(-bias / weight))
            )


def _draw_with_and_without(
    part: str, name: str, title: str, titles: dict[str, str], weight: float, bias: float, *, y: str
) -> None:
    """Plot the linear part or the output of the neuron, with and without bias.

    ``title`` is the label of the activation function.
    """
    with_bias, without = (neuron(name, X, weight=weight, bias=b) for b in (bias, 0.0))
    at_zero = [neuron(name, torch.zeros(1), weight=weight, bias=b).item() for b in (bias, 0.0)]
    low, high = (-6.0, 6.0) if name == "linear" else axis_range(with_bias, without)
    function_plot.draw(
        {
            "with": Curve(X, with_bias, BLUE, dot=(0.0, at_zero[0])),
            "without": Curve(X, without, ORANGE, dashed=True, dot=(0.0, at_zero[1])),
        },
        titles=titles,
        x="x",
        y=y,
        low=low,
        high=high,
        marked=0.0,
        ring=(0.0, 0.0),
        key=f"{KEY}.neuron.{part}",
        alt=_("{name}: the neuron with and without bias. A ring marks the origin.").format(name=title),
        height=300,
    )
