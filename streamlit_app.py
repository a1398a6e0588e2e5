"""The entry point of the app. Start it with ``streamlit run streamlit_app.py``. pages/router.py runs the pages."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st
from starlette.middleware import Middleware

from core import openmp
from pages.components import browser_component, image_files, undelivered
from pages.components.document import Document
from pages.components.inputs import exchange
from pages.components.owner import OwnerCookie

for name, value in openmp.WAITING.items():  # as in the workers, so that measured updates take the same time
    os.environ.setdefault(name, value)


undelivered.keep_for_fragments()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the engine with the server, prepare the pages, and delete old images. Stop the workers with the server."""
    from pages import warm_up
    from pages.components import server

    starting = asyncio.ensure_future(asyncio.to_thread(server.engine))
    background = [asyncio.create_task(warm_up.prepare_pages(starting)), asyncio.create_task(_remove_old_images())]
    yield
    for task in background:
        task.cancel()
    (await starting).close()


async def _remove_old_images() -> None:
    workspace = await asyncio.to_thread(import_module, "pages.own_images.workspace")  # takes seconds
    await workspace.remove_old_images()


app = st.App(
    "pages/router.py",
    lifespan=lifespan,
    routes=[browser_component.ROUTE, exchange.ROUTE, image_files.ROUTE],
    middleware=[Middleware(OwnerCookie), Middleware(Document)],
)
