"""An engine and a session for the tests of the pages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.engine import Engine, RunStore
from core.engine.durations import Durations
from core.paths import ROOT
from pages.components import server
from tests.feature_cache import cached_features, feature_cache

__all__ = ["cached_features", "feature_cache"]


@pytest.fixture(scope="session", autouse=True)
def _components() -> Iterator[None]:
    """Scan packages for components once. Streamlit does it whenever AppTest opens a page (0.2 s)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def shared_engine() -> Iterator[Callable[[], Engine]]:
    """Start an engine that trains in this process when it is first needed. All tests share it: a start takes 0.2 s."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        lanes = {"long": 1, "short": 1}
        yield cache(lambda: opened.enter_context(Engine(folder=Path(folder), processes=False, lanes=lanes)))


@pytest.fixture
def start(shared_engine, tmp_path, monkeypatch) -> Iterator[Callable[[], Engine]]:
    """Start the engine in place of the server's when it is first needed. Every test has a folder for its own runs."""

    def with_own_folder() -> Engine:
        engine = shared_engine()
        monkeypatch.setattr(engine, "store", RunStore(tmp_path / "runs"))
        monkeypatch.setattr(engine, "durations", Durations(tmp_path / "durations.json"))
        return engine

    start = cache(with_own_folder)
    monkeypatch.setattr(server, "_start", start)
    yield start
    if start.cache_info().currsize:
        start().stop_runs()


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
def open_page(start, cached_features) -> Callable[..., AppTest]:
    """Open a page in a session of its own: ``open_page("manual_mlp", preset="teacher")``."""

    def open_it(page: str = "manual_mlp", **address: str) -> AppTest:
        app = session(page, **address).run()
        assert not app.exception
        return app

    return open_it


@pytest.fixture
def downloads(monkeypatch) -> dict[str, Callable[[], bytes | str]]:
    """Collect the functions that create downloaded files after a click, by the name of the file."""
    offered = {}
    add = MediaFileManager.add_deferred

    def keep(manager, make, *arguments, **options):
        offered[options["file_name"]] = make
        return add(manager, make, *arguments, **options)

    monkeypatch.setattr(MediaFileManager, "add_deferred", keep)
    return offered
