"""A server of its own and a real Chromium for the tests of the live behaviour."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.server import Server, chromium

expect.set_options(timeout=45_000)  # the machine may be busy


CLOSED = "WebSocket is not connected"  # what Starlette raises where a page is closed just as it connects


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The server of all tests; it fails the last of them if anything was raised in it."""
    with Server(runs=tmp_path_factory.mktemp("runs")) as server:
        yield server
        raised = server.log.split("Traceback")[1:]
        assert all(CLOSED in trace for trace in raised), server.log


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """One for all pages; a person is a page, not a browser, to the app."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(server: Server, browser: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens an address of the app in a page of its own: ``open_page("manual_mlp?preset=teacher", width=400)``."""
    pages = []

    def open_it(address: str = "manual_mlp", *, width: int = 1440, scheme: str = "light") -> Page:
        pages.append(page := browser.new_page())
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme)
        page.set_default_timeout(45_000)
        page.goto(f"{server.url}/{address}")
        return page

    yield open_it
    for page in pages:
        page.close()
