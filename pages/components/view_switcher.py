"""The choice between the views of a page, each with its own settings."""

from collections.abc import Mapping

import streamlit as st

from core.aliases import current_name
from pages.components.text import _


def choose(names: Mapping[str, str], *, key: str) -> str:
    """Draw the choice of views by their labels (``names``), and return the name of the chosen one.

    The address holds it as ``view``, where old names are read too; the first view is the default. The session keeps it
    under ``key``.
    """
    if key not in st.session_state:
        default = next(iter(names))
        requested = current_name(st.query_params.get("view", default))
        if requested not in names:
            st.warning(_("There is no view “{view}”; this is the first.").format(view=requested[:40]))
        st.session_state[key] = requested if requested in names else default
    if st.session_state[key] != next(iter(names)) and st.query_params.get("view") != st.session_state[key]:
        st.query_params["view"] = st.session_state[key]
    widget = f"{key}.widget"

    def chosen() -> None:
        st.session_state[key] = st.session_state[widget]
        st.query_params.clear()  # each view has its own settings there

    st.segmented_control(
        _("View"),
        list(names),
        default=st.session_state[key],
        format_func=names.__getitem__,
        key=widget,
        required=True,
        on_change=chosen,
        label_visibility="collapsed",
    )
    return st.session_state[key]
