"""URLs and the browser's history: pages follow their URL, and the user's choices add history entries.

A page follows its URL when a link opens the page and when the user goes back or forward: the view, tab, preset,
settings, and run are then taken from the URL. Afterward, the page writes them to the URL. When the user chooses a view,
a tab, or a preset, an entry is added to the browser's history, so that Back returns to the previous choice. All other
changes of the URL replace the current entry.
"""

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ANNOUNCEMENT = "history"
"""A query parameter that tells history_assets/history.js how to treat the next URL. The browser never shows it."""


@dataclass
class _Followed:
    """Session state: the URL that the pages followed last."""

    page: str | None = None
    """The URL path of the current page, or None before the first page."""
    query: dict[str, str] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    """The names of the page parts that have read a URL."""
    due: set[str] = field(default_factory=set)
    """The names of the page parts that must read the URL again because the user went back or forward."""


def begin(page: str) -> None:
    """Determine which page parts must apply the query parameters in the URL (see `follow`).

    Call this before drawing the page. ``page`` is the URL path of the page.
    """
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
    """Return the query parameters that the page part ``reader`` must apply now, or None if the part must not change."""
    state = _state()
    if reader in state.readers and reader not in state.due:
        return None
    state.readers.add(reader)
    state.due.discard(reader)
    return dict(state.query)


def keep() -> None:
    """Make all page parts ignore the URL: existing parts stay unchanged, and new parts start with defaults."""
    state = _state()
    state.query, state.due = {}, set()


def current_page() -> str:
    """Return the URL path of the current page. The path of the welcome page is empty."""
    return _state().page or ""


def is_open(page: str) -> bool:
    """Return whether the most recently drawn page is the page at the URL path ``page``."""
    return _state().page == page


def make_entry() -> None:
    """Make the next URL change add an entry to the browser's history. Call this when the user makes a choice."""
    _announce("entry")


def replace_page() -> None:
    """Make the next page replace the current page in the browser's history."""
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
