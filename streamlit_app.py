"""The playground. Start it with ``streamlit run streamlit_app.py``; which pages there are, says pages/router.py."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from pages.components.owner import OwnerCookie
from pages.components.run.news import NEWS

# Threads of PyTorch that wait for each other leave the processor to others, instead of spinning against them (read when
# it is loaded)
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the engine with the server, beside the first page; stop its workers when the server stops."""
    from pages.components import server

    starting = asyncio.create_task(asyncio.to_thread(server.start))
    yield
    (await starting).close()


app = st.App("pages/router.py", lifespan=lifespan, middleware=[Middleware(OwnerCookie)], routes=[NEWS])
