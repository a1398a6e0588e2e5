"""The page of under- and overfitting, without measuring the cost of runs."""

from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "foundations", view="bias_variance")


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Skip the measurement of the cost of runs."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.01, 0.01))
