"""The switcher between the views of a page. Each view has its own settings."""

from collections.abc import Mapping

import streamlit as st

from core.aliases import current_name
from pages.components import history, link_warnings
from pages.components.run.address import spelled, with_suggestion
from pages.components.text import _


def choose(names: Mapping[str, str], *, key: str) -> str:
    """Draw the view switcher and return the name of the chosen view. ``names`` maps the names of views to labels.

    The first view is the default. If another view is chosen, its name is stored in the query parameter ``view`` of the
    URL. URLs with former names of views still work. The session state stores the name of the chosen view under ``key``.
    """
    default, followed = next(iter(names)), f"{key}.followed"
    if (query := history.follow(key)) is not None:
        st.session_state[key] = _requested(query.get("view", default), names)
        # A new widget starts with this view, because the browser keeps the value of the previous widget
        st.session_state[followed] = st.session_state.get(followed, -1) + 1
    generation = st.session_state[followed]
    widget = f"{key}.widget" + (f".{generation}" if generation else "")

    def chosen() -> None:
        st.session_state[key] = st.session_state[widget]
        history.make_entry()
        history.keep()
        st.query_params.from_dict({"view": st.session_state[key]})  # each view has its own settings in the URL

    _write_address(st.session_state[key], default)

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


def _requested(view: str, names: Mapping[str, str]) -> str:
    """Return the view that a URL names. If the name is unknown, add a warning and return the first view."""
    requested = spelled(current_name(view), names)
    if requested in names:
        return requested
    warning = _("There is no view “{view}”. The first view is shown.").format(view=view[:40])
    link_warnings.add(with_suggestion(warning, view, names))
    return next(iter(names))


def _write_address(view: str, default: str) -> None:
    present = st.query_params.get("view", default)
    if view == default and present != default:
        del st.query_params["view"]
    elif view != present:
        st.query_params["view"] = view
