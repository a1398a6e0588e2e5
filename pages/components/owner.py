"""The owner of a run: an anonymous user, identified by a random cookie in the browser."""

import hashlib
import secrets
import uuid

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "playground-owner"
_YEAR = 365 * 24 * 3600


class OwnerCookie:
    """ASGI middleware that sets the owner cookie in the response to a browser's first page request."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app. If it is a page request without the cookie, set the cookie in the response."""
        if scope["type"] != "http" or not _is_new_browser(Request(scope)):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = "; Secure" if scope["scheme"] == "https" else ""
                value = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"
                MutableHeaders(scope=message).append("set-cookie", value)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def owner() -> str:
    """Return the id of this session's user. The training engine stores this id with the user's runs.

    The id is a hash of the cookie; the cookie itself is not stored with the runs. A user without the cookie gets a new
    id in each session.
    """
    cookie = st.context.cookies.get(COOKIE)
    if isinstance(cookie, str):  # in AppTest, the cookie is a mock
        return hashlib.sha256(cookie.encode()).hexdigest()[:32]
    return st.session_state.setdefault("owner", uuid.uuid4().hex)


def _is_new_browser(request: Request) -> bool:
    # Only HTML documents: other files are requested in parallel, and each response would set a different cookie
    return COOKIE not in request.cookies and "text/html" in request.headers.get("accept", "")
