"""Who a browser belongs to: a random cookie, by which a person finds their runs again, and nobody else does."""

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
    """Gives a browser its cookie with the first document that it loads; middleware of the app."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the cookie to the answer if it has none."""
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
    """Return the name under which the engine knows the person of this session.

    It is a hash: the cookie itself is not stored with the runs. A browser without cookies is a new person each time.
    """
    cookie = st.context.cookies.get(COOKIE)
    if isinstance(cookie, str):  # AppTest puts a mock there
        return hashlib.sha256(cookie.encode()).hexdigest()[:32]
    return st.session_state.setdefault("owner", uuid.uuid4().hex)


def _is_new_browser(request: Request) -> bool:
    # Only documents: the files that they load come side by side, and would each get another cookie
    return COOKIE not in request.cookies and "text/html" in request.headers.get("accept", "")
