"""The document that a browser gets first, with the style of the layout, those of the pages, and a script.

Streamlit's own way, an element of the page, comes late in a first visit: the page is seen without its style.
"""

from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.registry import specs

_FOLDER = Path(__file__).parent
_CONDITIONAL = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


class Document:
    """Adds styles and scripts to the document of the app; middleware."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and complete the document that is sent."""
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
                del headers["etag"], headers["last-modified"]  # they are those of the document as it was
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
    """Return the style of the layout, and the style.css of each page, for that page alone.

    It stands in the body, so that it comes after Streamlit's own, which is in the head.
    """
    style = (_FOLDER / "layout_assets" / "layout.css").read_text(encoding="utf-8")
    for spec in specs():
        file = spec.file.with_name("style.css")
        if file.exists():
            style += f".st-key-page-{spec.name} {{\n{file.read_text(encoding='utf-8')}}}\n"
    return f"<style>\n{style}</style>\n".encode()
