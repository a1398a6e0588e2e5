"""The view of activation functions: a function and its slope, a neuron's bias, and ten neurons in a row."""

import streamlit as st
import torch

from core.topics.activations import functions as core
from core.topics.activations.functions import (
    ACTIVATIONS,
    neuron,
    saturated,
    saturated_parts,
)
from pages.components import labels, source
from pages.components.charts import function_plot
from pages.components.charts.function_plot import (
    BLUE,
    GREY,
    ORANGE,
    Curve,
)
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson, number
from pages.foundations.activations import gradient_flow

KEY = "activations"
X = torch.arange(-240, 241, dtype=torch.float64) / 40


def names() -> dict[str, str]:
    """The activations, as they are called."""
    return labels.activations() | {"linear": _("Linear")}


def draw() -> None:
    """Draw the view."""
    name = st.segmented_control(
        _("Activation"),
        list(ACTIVATIONS),
        default="sigmoid",
        format_func=names().__getitem__,
        key=f"{KEY}.name",
        required=True,
        persist_state="session",
    )
    left, right = st.columns(2, gap="large")
    with left:
        redraw(lambda: _draw_function(name))
    with right:
        redraw(lambda: gradient_flow.draw(name, names()[name]))
    redraw(lambda: _draw_neuron(name))
    tabs(
        {_("Lesson"): lambda: lesson("foundations/activations"), _("As code"): lambda: _draw_code(name)},
        key=f"{KEY}.tab",
    )


def _draw_function(name: str) -> None:
    st.markdown(_("##### The function and its slope"))
    place = st.container()
    at = st.slider(_("Input"), -6.0, 6.0, 1.0, 0.05, key=f"{KEY}.input", persist_state="session")
    here = torch.tensor(at, dtype=torch.float64)
    activation = ACTIVATIONS[name]
    value, slope = activation.function(here).item(), activation.derivative(here).item()
    f, f_prime = activation.function(X), activation.derivative(X)
    low, high = _range(f, f_prime)
    label = names()[name]
    near = X[(at - 1.5 <= X) & (at + 1.5 >= X)]
    with place:
        function_plot.draw(
            [
                Curve(label, X, f, BLUE, at=(at, value)),
                Curve(_("its slope (the derivative)"), X, f_prime, ORANGE, at=(at, slope)),
                Curve(_("tangent"), near, value + slope * (near - at), GREY, dashed=True, listed=False),
            ],
            x=_("input"),
            y=_("output, slope"),
            low=low,
            high=high,
            marked=at,
            shaded=saturated_parts(name, X),
            shaded_name=_("saturated"),
            key=f"{KEY}.function",
            alt=_("{name} and its derivative; grey where the slope is below a tenth of the largest").format(name=label),
        )
    st.markdown(
        _("Input **{x}** → output :blue[**{value}**], slope :orange[**{slope}**]: {share:.0%} of the steepest.").format(
            x=number(at), value=number(value), slope=number(slope), share=abs(slope) / activation.steepest
        )
    )
    st.caption(
        _("**Saturated** here: however the input changes, the output hardly does, and hardly any gradient comes back.")
        if saturated(name, here)
        else _("Grey: saturated. The slope is below a tenth of the steepest, and hardly any gradient comes back.")
    )


def _range(f: torch.Tensor, f_prime: torch.Tensor) -> tuple[float, float]:
    """What of the vertical axis is shown: all of both, but no more than from -3 to 3."""
    low, high = (min(max(bound, -3), 3) for bound in (min(f.min(), f_prime.min()), max(f.max(), f_prime.max())))
    return float(low - 0.1 * (high - low)), float(high + 0.15 * (high - low))


def _draw_neuron(name: str) -> None:
    st.markdown(_("##### One neuron: what the bias does"))
    first, second = st.columns(2, gap="large")
    with first:
        weight = st.slider(_("Weight w"), -5.0, 5.0, 1.5, 0.1, key=f"{KEY}.weight", persist_state="session")
    with second:
        bias = st.slider(_("Bias b"), -5.0, 5.0, 3.0, 0.1, key=f"{KEY}.bias", persist_state="session")
    first, second = st.columns(2, gap="large")
    label = names()[name]
    with first:
        titles = (_("w x + b"), _("w x, without bias"))
        _draw_with_and_without("before", "linear", titles, weight, bias, y=_("the linear part"))
        st.caption(
            _(
                "Without bias the linear part is 0 where x is 0, whatever the weight: its line turns about the origin, "
                "and can do nothing else."
            )
        )
    with second:
        without = neuron(name, torch.zeros(1), weight=weight).item()
        titles = (_("with bias"), _("without bias"))
        _draw_with_and_without("after", name, titles, weight, bias, y=_("{name}(w x + b)").format(name=label))
        told = (
            _("{name}(0) = 0: without bias the neuron passes through the origin too.")
            if without == 0
            else _("{name}(0) = ½: without bias the neuron passes through (0, ½), **not** through the origin.")
        ).format(name=label)
        if weight:
            told += " " + _("The bias moves the curve to x = −b / w = **{at}**.").format(at=number(-bias / weight))
        st.caption(told)


def _draw_with_and_without(
    part: str, name: str, titles: tuple[str, str], weight: float, bias: float, *, y: str
) -> None:
    """Draw a part of the neuron, its bias and weight under this activation, with the bias and without."""
    with_bias, without = (neuron(name, X, weight=weight, bias=b) for b in (bias, 0.0))
    at_zero = [neuron(name, torch.zeros(1), weight=weight, bias=b).item() for b in (bias, 0.0)]
    low, high = (-6.0, 6.0) if name == "linear" else _range(with_bias, without)
    function_plot.draw(
        [
            Curve(titles[0], X, with_bias, BLUE, at=(0.0, at_zero[0])),
            Curve(titles[1], X, without, ORANGE, dashed=True, at=(0.0, at_zero[1])),
        ],
        x=_("x"),
        y=y,
        low=low,
        high=high,
        marked=0.0,
        ring=(0.0, 0.0),
        key=f"{KEY}.neuron.{part}",
        alt=_("{name} of the neuron with and without bias; a ring marks the origin").format(name=names()[name]),
        height=300,
    )


def _draw_code(name: str) -> None:
    st.caption(_("The very functions that this page computes with. Tests hold them to torch's own, and to autograd."))
    left, right = st.columns(2)
    activation = ACTIVATIONS[name]
    with left:
        source.show(source.source(activation.function), title=names()[name])
        source.show(source.source(activation.derivative), title=_("Its derivative"))
        source.show(source.source(core.saturated), title=_("Where it is saturated"))
    with right:
        source.show(source.source(neuron), title=_("One neuron"))
        source.show(source.source(core.chain), title=_("Ten in a row"))
