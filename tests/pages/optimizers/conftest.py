"""Fixtures of the page "Optimizers"."""

from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "optimizers")


@pytest.fixture(autouse=True)
def estimated(monkeypatch) -> None:
    """Skip the timing of runs, which takes half a second for each of many settings."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.01))
