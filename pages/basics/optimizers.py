"""The page "Optimizers compared": on a surface, in a race of real networks, and under schedules."""

import streamlit as st

from pages.basics.optimizer_views import race, schedules, surface
from pages.components.text import _

VIEWS = {"surface": surface.draw, "race": race.draw, "schedules": schedules.draw}
KEY = "optimizers.view"


def main() -> None:
    """Draw the page."""
    st.title(_("Optimizers compared"))
    st.markdown(
        _(
            "From the same start, on the same batches, each at a learning rate that was **searched for, not guessed**: "
            "what is compared is the rules, not somebody's luck with their settings."
        )
    )
    VIEWS[_chosen_view()]()


def _chosen_view() -> str:
    """The view of the page; its name stands in the address."""
    names = {
        "surface": _("On a surface"),
        "race": _("On a real network: the race"),
        "schedules": _("Schedules and batch size"),
    }
    if KEY not in st.session_state:
        given = st.query_params.get("view", "surface")
        if given not in VIEWS:
            st.warning(_("There is no view “{view}”; this is the first.").format(view=given[:40]))
        st.session_state[KEY] = given if given in VIEWS else "surface"
    widget = f"{KEY}.widget"

    def chosen() -> None:
        st.session_state[KEY] = st.session_state[widget]
        st.query_params.clear()  # each view has its own settings there

    st.segmented_control(
        _("View"),
        list(VIEWS),
        default=st.session_state[KEY],
        format_func=names.__getitem__,
        key=widget,
        required=True,
        on_change=chosen,
        label_visibility="collapsed",
    )
    return st.session_state[KEY]


main()
