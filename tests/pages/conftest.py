"""An engine and a session for the tests of the pages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import Engine
from pages.components import server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(tmp_path, monkeypatch) -> Iterator[Engine]:
    """An engine that trains in this process, in place of the server's."""
    with Engine(folder=tmp_path / "runs", processes=False, lanes={"long": 1, "short": 1}) as engine:
        monkeypatch.setattr(server, "_start", lambda: engine)
        yield engine


@pytest.fixture
def open_page(engine) -> Callable[..., AppTest]:
    """Opens a page in a session of its own: ``open_page("basics/manual_mlp.py", preset="teacher")``."""

    def open_it(page: str = "basics/manual_mlp.py", **address: str) -> AppTest:
        app = AppTest.from_file(ROOT / "pages/router.py", default_timeout=60)
        app.query_params.update(address)
        app.switch_page(page).run()
        assert not app.exception
        return app

    return open_it
