"""Prepare the pages in the background: load modules, compute the values that first visits need, and draw each page."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, SessionClient

from core.topics import topic
from pages.components import turns
from pages.components.server import prepared, recording
from pages.registry import PageSpec, specs

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Time limit for drawing the pages in advance, in seconds. After that, a page is prepared only by its first visit."""
_LOOK = 0.02  # seconds between two checks of whether a page is being drawn


async def prepare_pages(engine_started: asyncio.Future) -> None:
    """Prepare all pages, so that first visits are fast. Await this coroutine in Streamlit's event loop.

    While the training engine starts, modules are loaded and values are computed. When the future ``engine_started`` is
    done, each page is drawn once in a hidden session, which prepares everything else. The errors of a page are logged,
    not raised. Users see these errors when they visit the page.
    """
    end, computing, drawing = _now() + PATIENCE, asyncio.Semaphore(2), asyncio.Lock()

    async def prepare(spec: PageSpec) -> None:
        async with computing:
            await _until_nobody_waits(end)
            await _in_thread(compute, spec)
        await asyncio.shield(engine_started)
        async with drawing:
            for address in spec.addresses:
                await draw(address, end)

    try:
        await _in_thread(load_modules)
        await asyncio.gather(*map(prepare, specs()))
        await _until_nobody_waits(end)
    finally:
        prepared.set()
    gc.collect()
    gc.freeze()  # modules such as torch stay forever, so the garbage collector need not scan them


def load_modules() -> None:
    """Import the libraries that Streamlit's charts need, and the modules of all pages.

    Errors in the modules of pages are logged, not raised.
    """
    for library in ("pandas", "pyarrow"):
        import_module(library)
    for spec in specs():
        for file in sorted(spec.file.parent.rglob("*.py")):
            if file.name not in ("page.py", "spec.py"):
                parts = file.relative_to(spec.file.parent).with_suffix("").parts
                try:
                    import_module(".".join(("pages", spec.name, *parts)))
                except Exception:
                    logger.exception("A module of the page %s was not loaded", spec.name)


def compute(spec: PageSpec) -> None:
    """Load the recording of the default preset for each topic of a page, and call the page's ``warm_up`` function.

    Errors are logged, not raised.
    """
    try:
        for name in spec.topics:
            recording(f"{name}-{next(iter(topic(name).presets))}")
        spec.warm_up()
    except Exception:
        logger.exception("The page %s was not prepared", spec.name)


async def draw(address: str, end: float) -> bool:
    """Draw a page in a hidden session, without a browser. Return whether the drawing was completed by the time ``end``.

    ``address`` is the page's URL, relative to the app's URL. ``end`` is in seconds of the event loop's clock. The
    drawing starts when no user's page is being drawn. If a user's page is drawn in the meantime, the hidden drawing is
    stopped and started again later.
    """
    while await _until_nobody_waits(end):
        with _Session(address) as session:
            while not session.ended.is_set() and _now() < end:
                if turns.n_drawing() > 1:
                    session.stop()
                await asyncio.sleep(_LOOK)
            if session.ended.is_set() and not session.was_stopped:
                return True
    return False


async def _until_nobody_waits(end: float) -> bool:
    """Wait until no page or page part is being drawn, or until ``end``. Return False if ``end`` has been reached."""
    while turns.n_drawing() and _now() < end:
        await asyncio.sleep(_LOOK)
    return _now() < end


async def _in_thread(function: Callable[..., None], *arguments: object) -> None:
    """Run a function in a daemon thread, and wait until the function returns. The function must not raise errors."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        function(*arguments)
        with suppress(RuntimeError):  # the server and its loop have ended
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=run, name="warm-up", daemon=True).start()
    await ended.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()


class _Session(SessionClient):
    """A context manager for a Streamlit session that opens one page without a browser."""

    def __init__(self, address: str):
        self.ended, self.was_stopped = asyncio.Event(), False
        self._page, _, self._query = address.partition("?")

    def __enter__(self) -> "_Session":
        self._id = Runtime.instance().connect_session(self, {})
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = self._page, self._query
        Runtime.instance().handle_backmsg(self._id, message)
        return self

    def __exit__(self, *_exception: object) -> None:
        Runtime.instance().close_session(self._id)

    def stop(self) -> None:
        """Make Streamlit stop drawing the page at the next element."""
        if not self.was_stopped:
            self.was_stopped = True
            Runtime.instance().handle_backmsg(self._id, BackMsg(stop_script=True))

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        """Receive a message from Streamlit, and record whether the script run has finished."""
        if msg.WhichOneof("type") == "script_finished":
            self.ended.set()
