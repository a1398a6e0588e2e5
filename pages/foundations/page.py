"""The "Foundations" page: playground, under- and overfitting, activations, and losses."""

import streamlit as st

import pages.foundations.activations.view as activations
import pages.foundations.bias_variance.view as bias_variance
import pages.foundations.losses.view as losses
import pages.foundations.playground.view as playground
from pages.components import layout, view_switcher
from pages.components.text import _

VIEWS = {
    "playground": playground.draw,
    "bias_variance": bias_variance.draw,
    "activations": activations.draw,
    "losses": losses.draw,
}


def main() -> None:
    """Draw the "Foundations" page."""
    names = {
        "playground": _("Playground"),
        "bias_variance": _("Under- and overfitting"),
        "activations": _("Activations"),
        "losses": _("Losses"),
    }
    layout.draw_header(
        _("Foundations"), guide="foundations", choose_view=lambda: view_switcher.choose(names, key="foundations.view")
    )
    VIEWS[st.session_state["foundations.view"]]()


main()
