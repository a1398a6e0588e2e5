"""The address and the browser's history: a page follows the address it is opened with, and choices make entries.

An address is followed when a link opens a page, and when a person goes back or forward; then view, tab, preset,
settings and run are those of the address. Afterwards the page writes the address. A write replaces the present entry
of the browser's history, except after the choice of a view, a tab or a preset: then Back returns to the one before.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

ANNOUNCEMENT = "history"
"""A name in an address that the browser never shows: it tells history_assets/history.js how to treat the next one."""
_CONDITIONAL = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


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


class HistoryScript:
    """Puts history_assets/history.js into the documents of the app; middleware."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the script to the document that is sent."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if Headers(scope=message).get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif message["type"] == "http.response.body" and start is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                body = body.replace(b"<head>", b"<head>" + _script_element(), 1)
                headers = MutableHeaders(scope=start)
                if scope["method"] != "HEAD":
                    headers["content-length"] = str(len(body))
                del headers["etag"], headers["last-modified"]  # they are those of the document without the script
                await send(start)
                message = {**message, "body": body}
            await send(message)

        whole = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONAL]
        await self._app({**scope, "headers": whole}, receive, send_with_script)


@cache
def _script_element() -> bytes:
    script = Path(__file__).parent / "history_assets" / "history.js"
    return b"<script>" + script.read_bytes() + b"</script>"
