"""The page "Foundations": a playground, under- and overfitting, activations, and losses."""

import streamlit as st

from pages.basics.foundation_views import activations, fitting, losses, playground
from pages.components import views
from pages.components.text import _

VIEWS = {
    "playground": playground.draw,
    "fitting": fitting.draw,
    "activations": activations.draw,
    "losses": losses.draw,
}


def main() -> None:
    """Draw the page."""
    st.title(_("Foundations"))
    names = {
        "playground": _("The playground"),
        "fitting": _("Under- and overfitting"),
        "activations": _("Activations and bias"),
        "losses": _("Losses"),
    }
    VIEWS[views.choose(names, key="foundations.view")]()


main()
