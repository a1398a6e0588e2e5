"""The page as a fixture."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.own_images import explanation
from core.topics.own_images.store import ImageStore
from core.training.timing import threads
from pages.own_images import workspace
from tests.pages import helpers
from tests.pages.own_images.page_helpers import settle


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> ImageStore:
    """The store of the test."""
    store = ImageStore(tmp_path / "images")
    monkeypatch.setattr(workspace, "store", lambda: store)
    return store


@pytest.fixture
def open_it(open_page, monkeypatch) -> Callable[..., AppTest]:
    monkeypatch.setattr(explanation, "STRIDE", 64)  # patches without overlap: 16 of them, not 36

    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = settle(open_page("own_images", **address))
        return helpers.open_tab(app, "own_images", tab) if tab else app

    with threads(1):
        yield open_it
