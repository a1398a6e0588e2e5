"""What the tests of the core share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core import topics


@pytest.fixture
def toy_topics(monkeypatch) -> None:
    """The topics of the tests are found among those of the app."""
    monkeypatch.setattr(topics, "__path__", [*topics.__path__, str(Path(__file__).parent / "toy_topics")])


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small tensors are quicker without the second thread, and their sums always the same."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
