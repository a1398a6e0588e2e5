"""The playground. Start it with ``streamlit run streamlit_app.py``; which pages there are, says pages/router.py."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core import openmp
from pages.components.history import HistoryScript
from pages.components.owner import OwnerCookie

for name, value in openmp.WAITING.items():  # as in the workers: an update takes as long where it is measured
    os.environ.setdefault(name, value)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the engine with the server, and prepare the pages; stop the workers when the server stops."""
    from pages.components import server

    def start() -> None:
        server.engine()
        from pages.warm_up import prepare_pages

        threading.Thread(target=prepare_pages, name="warm-up", daemon=True).start()

    starting = asyncio.create_task(asyncio.to_thread(start))
    yield
    await starting
    server.engine().close()


app = st.App("pages/router.py", lifespan=lifespan, middleware=[Middleware(OwnerCookie), Middleware(HistoryScript)])
