"""The address and the browser's history: pages follow their address, and choices add history entries.

A page follows its address when a link opens it and when the user goes back or forward: view, tab, preset, settings, and
run are then taken from the address. Afterward, the page writes the address. When the user chooses a view, a tab, or a
preset, this adds an entry to the browser's history, so that Back returns to the previous choice. All other writes
replace the current entry.
"""

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ANNOUNCEMENT = "history"
"""A query parameter that the browser never shows. It tells history_assets/history.js how to treat the next address."""


@dataclass
class _Followed:
    """State of a session: the last followed address."""

    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    """The parts of pages that have read an address."""
    due: set[str] = field(default_factory=set)
    """The parts that must read the address again because the user went back or forward."""


def begin(page: str) -> None:
    """Check whether a page must follow its address. Call it before a page is drawn."""
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
    """Return the query parameters that the page part ``reader`` must follow now, or None if it stays unchanged."""
    state = _state()
    if reader in state.readers and reader not in state.due:
        return None
    state.readers.add(reader)
    state.due.discard(reader)
    return dict(state.query)


def keep() -> None:
    """Make all page parts ignore the address: existing parts stay unchanged, and new parts start with defaults."""
    state = _state()
    state.query, state.due = {}, set()


def current_page() -> str:
    """Return the address of the page on the screen."""
    return _state().page


def make_entry() -> None:
    """Add an entry to the browser's history for the next address. Call it after a new choice."""
    _announce("entry")


def replace_page() -> None:
    """Let the next page replace this one in the browser's history."""
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
