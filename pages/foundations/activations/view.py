"""The "Activations" view: a function and its derivative, gradients in ten layers, and the bias of a neuron."""

import streamlit as st

from core.topics.activations import functions
from core.topics.activations.gradient_flow import gradient_flows
from pages.components import labels, layout, source
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson, pgettext
from pages.foundations.activations import main_view, neuron
from pages.foundations.activations.main_view import KEY
from pages.foundations.plots import from_address, write_address


def names() -> dict[str, str]:
    """Return the labels of the activation functions, keyed by function name."""
    return labels.activations() | {"linear": pgettext("activation", "Linear")}


def draw() -> None:
    """Draw the "Activations" view."""
    values, first = main_view.shared_values(), "sigmoid"
    if f"{KEY}.name" not in st.session_state:
        first = from_address("activation", list(functions.ACTIVATIONS), first)
    with layout.controls():
        name = st.pills(
            _("Activation"),
            list(functions.ACTIVATIONS),
            default=first,
            format_func=names().__getitem__,
            key=f"{KEY}.name",
            required=True,
            persist_state="session",
        )
        values.draw()
        st.caption(
            _(
                "Ten layers of one neuron each, without biases. In every layer, backpropagation multiplies the "
                "gradient by w and by the derivative of {name}."
            ).format(name=names()[name])
        )
    write_address(KEY, {"activation": (name, "sigmoid")} | values.address())
    layout.draw_settings_bar()
    with layout.main_view():
        main_view.draw(name, names()[name], values)
    redraw(lambda: neuron.draw(name, names()[name]))
    tabs(
        {"lesson": lambda: lesson("foundations/activations"), "code": lambda: _draw_code(name)},
        key=f"{KEY}.tab",
    )


def _draw_code(name: str) -> None:
    st.caption(_("The page calls these functions. Tests compare the functions with PyTorch and autograd."))
    left, right = st.columns(2)
    activation = functions.ACTIVATIONS[name]
    with left:
        source.show(source.source(activation.function), title=names()[name])
        source.show(source.source(activation.derivative), title=_("Derivative"))
        source.show(source.source(functions.is_saturated), title=_("Where the derivative is small"))
    with right:
        source.show(source.source(functions.neuron), title=_("One neuron"))
        source.show(source.source(gradient_flows), title=_("Ten layers"))
