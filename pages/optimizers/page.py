"""The page "Optimizers compared": on a surface, in a race of real networks, and under schedules."""

import streamlit as st

from pages.basics.optimizer_views import race, schedules, surface
from pages.components import views
from pages.components.text import _

VIEWS = {"surface": surface.draw, "race": race.draw, "schedules": schedules.draw}


def main() -> None:
    """Draw the page."""
    st.title(_("Optimizers compared"))
    st.markdown(
        _(
            "From the same start, on the same batches, each at a learning rate that was **searched for, not guessed**: "
            "what is compared is the rules, not somebody's luck with their settings."
        )
    )
    names = {
        "surface": _("On a surface"),
        "race": _("On a real network: the race"),
        "schedules": _("Schedules and batch size"),
    }
    VIEWS[views.choose(names, key="optimizers.view")]()


main()
