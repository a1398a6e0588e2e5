"""An engine and a session for the tests of the pages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.engine import Engine
from core.paths import ROOT
from pages.components import server


@pytest.fixture(scope="session", autouse=True)
def _components() -> Iterator[None]:
    """Scan packages for components once. Streamlit does it whenever AppTest opens a page (0.2 s)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def start(tmp_path, monkeypatch) -> Iterator[Callable[[], Engine]]:
    """Start an engine that trains in this process, in place of the server's, when it is first needed."""
    with ExitStack() as opened:
        lanes = {"long": 1, "short": 1}
        start = cache(lambda: opened.enter_context(Engine(folder=tmp_path / "runs", processes=False, lanes=lanes)))
        monkeypatch.setattr(server, "_start", start)
        yield start


@pytest.fixture
def engine(start) -> Engine:
    """The engine of the pages."""
    return start()


def session(page: str, **address: str) -> AppTest:
    """Return a session that opens the page of that name when it is run.

    It sets a private attribute of AppTest: before the first run `AppTest.switch_page` takes the name of the script for
    the address, and the scripts of all pages are called page.py.
    """
    app = AppTest.from_file(ROOT / "pages/router.py", default_timeout=60)
    app.query_params.update(address)
    app._page_hash = calc_hash(page)
    return app


@pytest.fixture
def open_page(start) -> Callable[..., AppTest]:
    """Open a page in a session of its own: ``open_page("manual_mlp", preset="teacher")``."""

    def open_it(page: str = "manual_mlp", **address: str) -> AppTest:
        app = session(page, **address).run()
        assert not app.exception
        return app

    return open_it
