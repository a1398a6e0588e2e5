"""Middleware that adds the styles of all pages and the script for the browser's history to the app's HTML document.

Without this middleware, the styles would have to be page elements. On a first visit, such elements arrive late, so the
page would appear unstyled at first.
"""

from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.registry import specs

_FOLDER = Path(__file__).parent
_CONDITIONAL = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


class Document:
    """ASGI middleware that adds the app's styles and its browser-history script to HTML documents."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app. If the response is an HTML document, add the styles and the script to it."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_completed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if Headers(scope=message).get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif message["type"] == "http.response.body" and start is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                body = body.replace(b"<head>", b"<head>" + _script(), 1).replace(b"</body>", _style() + b"</body>", 1)
                headers = MutableHeaders(scope=start)
                if scope["method"] != "HEAD":
                    headers["content-length"] = str(len(body))
                del headers["etag"], headers["last-modified"]  # they describe the original document
                await send(start)
                message = {**message, "body": body}
            await send(message)

        whole = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONAL]
        await self._app({**scope, "headers": whole}, receive, send_completed)


@cache
def _script() -> bytes:
    return b"<script>" + (_FOLDER / "history_assets" / "history.js").read_bytes() + b"</script>"


@cache
def _style() -> bytes:
    """Return a style element with the styles of the layout and of each page.

    The style.css of a page applies only to this page. The element goes at the end of the body, after Streamlit's own
    styles in the head.
    """
    style = (_FOLDER / "layout_assets" / "layout.css").read_text(encoding="utf-8")
    for spec in specs():
        file = spec.file.with_name("style.css")
        if file.exists():
            style += f".st-key-page-{spec.name} {{\n{file.read_text(encoding='utf-8')}}}\n"
    return f"<style>\n{style}</style>\n".encode()
