"""The view "Activations": a function and its slope, the gradient through ten neurons, and the bias of one neuron."""

import streamlit as st

from core.topics.activations import functions
from core.topics.activations.gradient_flow import gradient_flow as chain_of_neurons
from pages.components import labels, source
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson
from pages.foundations.activations import gradient_flow, neuron, slope

KEY = "activations"


def names() -> dict[str, str]:
    """Return the labels of the activations."""
    return labels.activations() | {"linear": _("Linear")}


def draw() -> None:
    """Draw the view."""
    name = st.segmented_control(
        _("Activation"),
        list(functions.ACTIVATIONS),
        default="sigmoid",
        format_func=names().__getitem__,
        key=f"{KEY}.name",
        required=True,
        persist_state="session",
    )
    left, right = st.columns(2, gap="large")
    with left:
        redraw(lambda: slope.draw(name, names()[name]))
    with right:
        redraw(lambda: gradient_flow.draw(name, names()[name]))
    redraw(lambda: neuron.draw(name, names()[name]))
    tabs(
        {_("Lesson"): lambda: lesson("foundations/activations"), _("As code"): lambda: _draw_code(name)},
        key=f"{KEY}.tab",
    )


def _draw_code(name: str) -> None:
    st.caption(_("The very functions that this page computes with. Tests hold them to torch's own, and to autograd."))
    left, right = st.columns(2)
    activation = functions.ACTIVATIONS[name]
    with left:
        source.show(source.source(activation.function), title=names()[name])
        source.show(source.source(activation.derivative), title=_("Its derivative"))
        source.show(source.source(functions.is_saturated), title=_("Where it is saturated"))
    with right:
        source.show(source.source(functions.neuron), title=_("One neuron"))
        source.show(source.source(chain_of_neurons), title=_("Ten in a row"))
