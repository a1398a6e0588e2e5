"""The entry point of the app. Start it with ``streamlit run streamlit_app.py``. pages/router.py runs the pages."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

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
    """Start the engine with the server, prepare the pages, and delete old images. Close the engine with the server."""
    from pages import warm_up
    from pages.components import server

    starting = asyncio.ensure_future(asyncio.to_thread(server.engine))
    background = asyncio.create_task(_prepare_and_clean(warm_up.prepare_pages(starting)))
    yield
    background.cancel()
    (await starting).close()


async def _prepare_and_clean(preparing: Awaitable[None]) -> None:
    await preparing
    from pages.own_images import workspace  # loaded by now

    await workspace.remove_old_images()


app = st.App(
    "pages/router.py",
    lifespan=lifespan,
    routes=[browser_component.ROUTE, exchange.ROUTE, image_files.ROUTE],
    middleware=[Middleware(OwnerCookie), Middleware(Document)],
)
