"""Pages of the playground with finished recordings, and without measuring runs."""

from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "foundations")


@pytest.fixture(autouse=True)
def estimated(monkeypatch) -> None:
    """Skip the measurement before a run, which would take a third of a second for each of many settings."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (1e-4,))
