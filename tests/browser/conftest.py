"""A server and a Chromium for the tests of live behaviour."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.server import Server, chromium

expect.set_options(timeout=45_000)  # the machine may be busy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests more time than others: they wait for pages that are drawn, and for runs that end."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(400))


CLOSED = "WebSocket is not connected"  # raised by Starlette when a page is closed while it connects


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The server of all tests. The last test fails if the server's log has a traceback."""
    with Server(runs=tmp_path_factory.mktemp("runs")) as server:
        yield server
        raised = server.log.split("Traceback")[1:]
        assert all(CLOSED in trace for trace in raised), server.log


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """The browser of all tests; to the app each page is another person."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(server: Server, browser: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open an address of the app in a new page: ``open_page("manual_mlp?preset=teacher", width=400)``."""
    yield from _opener(server, browser)


@pytest.fixture(scope="module")
def open_shared_page(server: Server, browser: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Open a page that the tests of a module share; each of them also passes alone."""
    yield from _opener(server, browser)


def _opener(server: Server, browser: BrowserContext) -> Iterator[Callable[..., Page]]:
    pages = []

    def open_it(address: str = "manual_mlp", *, width: int = 1440, scheme: str = "light") -> Page:
        browser.clear_cookies()  # another person
        pages.append(page := browser.new_page())
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme)
        page.set_default_timeout(45_000)
        page.goto(f"{server.url}/{address}")
        return page

    yield open_it
    for page in pages:
        page.close()
