"""Pages of under- and overfitting whose recordings have played and whose runs are not measured."""

from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "foundations", view="bias_variance")


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Recordings have played as soon as they are opened, and no run is measured beforehand."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.01, 0.01))
