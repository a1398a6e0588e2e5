"""The address and the browser's history: a page follows the address it is opened with, and choices make entries.

An address is followed when a link opens a page, and when a person goes back or forward; then view, tab, preset,
settings and run are those of the address. Afterwards the page writes the address. A write replaces the present entry
of the browser's history, except after the choice of a view, a tab or a preset: then Back returns to the one before.
"""

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ANNOUNCEMENT = "history"
"""A name in an address that the browser never shows: it tells history_assets/history.js how to treat the next one."""


@dataclass
class _Followed:
    """What a session keeps of the address that was followed last."""

    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    """The parts of pages that have read an address."""
    due: set[str] = field(default_factory=set)
    """Those among them that have to read the address, since a person went back or forward."""


def begin(page: str) -> None:
    """Notice whether a page has to follow its address; call it before a page is drawn."""
    state = _state()
    query = st.query_params.to_dict()
    if page and page != state.page:
        _announce(f"page/{page}")
    if _is_back_or_forward() or (page != state.page and query):
        state.page, state.query, state.due = page, query, set(state.readers)
    elif page != state.page:
        state.page = page
        keep()


def follow(reader: str) -> dict[str, str] | None:
    """Return the address that a part of a page has to follow, once; None if the part stays as it is."""
    state = _state()
    if reader in state.readers and reader not in state.due:
        return None
    state.readers.add(reader)
    state.due.discard(reader)
    return dict(state.query)


def keep() -> None:
    """Let all parts of pages stay as they are; those that are new begin with their defaults."""
    state = _state()
    state.query, state.due = {}, set()


def current_page() -> str:
    """Return the address of the page on the screen."""
    return _state().page


def make_entry() -> None:
    """Make an entry in the browser's history for the next address; call it when something else was chosen."""
    _announce("entry")


def replace_page() -> None:
    """Let the next page take the place of this one in the browser's history."""
    _announce("redirect")


def _announce(how: str) -> None:
    query = st.query_params.to_dict()
    st.query_params.from_dict(query | {ANNOUNCEMENT: how})
    st.query_params.from_dict(query)


def _is_back_or_forward() -> bool:
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def _state() -> _Followed:
    if "history" not in st.session_state:
        query = st.query_params.to_dict()
        query.pop(ANNOUNCEMENT, None)
        st.session_state["history"] = _Followed(query=query)
    return st.session_state["history"]
