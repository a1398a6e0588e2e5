"""HTTP exchange of bytes between a component and its session: files, camera frames, images, and predictions.

Each session has an exchange with a secret URL. All sessions share one short queue for computations. If the queue is
full, the browser must repeat its request later.
"""

import asyncio
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import CoreError
from pages.components.run.pace import POLL, pace

_FOLDER = "exchange"
_MAX_WAITING = 12  # maximum number of requests whose computation is running or waiting
MAX_BODY = 400 * 2**20  # bytes
MAX_FRAME = 2 * 2**20
_FASTEST = 0.33  # minimum number of seconds between two frames of a camera
_SLOWEST = 4.0  # minimum number of seconds between two frames of a camera on a busy server
_FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600, immutable"}

_workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="exchange")
_exchanges: WeakValueDictionary[str, "Exchange"] = WeakValueDictionary()
_waiting = threading.Semaphore(_MAX_WAITING)
Value = TypeVar("Value")


class Image(NamedTuple):
    """A file, usually an image, and its media type. The file at a URL never changes."""

    data: bytes
    media_type: str


class Exchange:
    """An HTTP endpoint for the components of a session: a secret URL, and functions that respond to requests.

    ``show`` returns the file with a given name. ``answer`` receives the name and the body of a request, and returns a
    value for a JSON response. Both functions may raise CoreError, or KeyError for an unknown name. They run in other
    threads, which have no Streamlit session. The exchange ends with the session.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self.show: Callable[[str], Image] | None = None
        self.answer: Callable[[str, bytes], object] | None = None
        self._files: dict[str, bytes] = {}
        _exchanges[self.token] = self

    @property
    def address(self) -> str:
        """The URL of the exchange, relative to the app's URL."""
        return f"{_FOLDER}/{self.token}"

    def keep(self, data: bytes) -> str:
        """Store an uploaded file until `take` is called, and return the id of the file.

        Raises CoreError "uploads_full" if the stored files would exceed MAX_BODY bytes. In that case, all stored files
        are removed.
        """
        if sum(map(len, self._files.values())) + len(data) > MAX_BODY:
            self._files.clear()  # they were never read
            raise CoreError("uploads_full", limit=MAX_BODY // 2**20)
        id = secrets.token_urlsafe(9)
        self._files[id] = data
        return id

    def take(self, id: str) -> bytes | None:
        """Remove an uploaded file from the exchange and return its content, or None if the id is unknown."""
        return self._files.pop(id, None)


def compute(function: Callable[[], Value]) -> Value:
    """Run ``function`` in the worker threads that all sessions share, and return the result.

    Do not call this function in `Exchange.answer`, which already runs in a worker thread: a nested call could cause a
    deadlock.
    """
    return _workers.submit(function).result()


def interval() -> float:
    """Return the minimum number of seconds between two camera frames at the current server load."""
    return min(_SLOWEST, _FASTEST * (pace.interval / POLL) ** 3)


async def _serve(request: Request) -> Response:
    exchange, name = _exchanges.get(request.path_params["token"]), request.path_params["name"]
    if exchange is None or exchange.show is None or exchange.answer is None:
        return Response(status_code=404)
    if name == "files":
        data = await _body(request, MAX_BODY)
        return _json({"id": exchange.keep(data)}) if data is not None else Response(status_code=413)
    data = await _body(request, MAX_FRAME)
    if data is None:
        return Response(status_code=413)
    try:
        if request.method == "GET":
            image = await asyncio.to_thread(exchange.show, name)
            return Response(image.data, media_type=image.media_type, headers=_FOR_AN_HOUR)
        if not _waiting.acquire(blocking=False):
            return _json({"wait": 2 * interval()}, 503)
        try:
            answer = await asyncio.wrap_future(_workers.submit(_counted, exchange.answer, name, data))
        finally:
            _waiting.release()
        return _json({"answer": answer, "wait": interval()})
    except KeyError:
        return Response(status_code=404)


def _counted(answer: Callable[[str, bytes], object], name: str, data: bytes) -> object:
    """Compute a response. The CPU time of this call increases the redraw interval of the live parts of all pages."""
    with pace.drawing():
        return answer(name, data)


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body of a request, or None if the body has more than ``limit`` bytes."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


async def _safely(request: Request) -> Response:
    try:
        return await _serve(request)
    except CoreError as error:
        return _json({"error": error.code}, 422)


def _json(value: object, status: int = 200) -> JSONResponse:
    return JSONResponse(value, status_code=status, headers={"Cache-Control": "no-store"})


ROUTE = Route(f"/{_FOLDER}/{{token}}/{{name:path}}", _safely, methods=["GET", "POST"])
"""The route for the requests to all exchanges."""
