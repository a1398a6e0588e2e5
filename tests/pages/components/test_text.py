"""Numbers and times as people read them; every error has its words."""

import re

import pytest

from core.errors import CoreError
from core.paths import ROOT
from pages.components import text


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(text, "_language", lambda: "en")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.3, "0.3"),
        (1 / 3, "0.333"),
        (999.4, "999"),
        (999.6, "1,000"),
        (12345.6, "12,346"),
        (3.76e7, "3.8·10⁷"),
        (-2.5e-7, "-2.5·10⁻⁷"),
        (None, "not finite"),
        (float("inf"), "not finite"),
        (float("nan"), "not finite"),
    ],
)
def test_numbers(value, expected):
    assert text.number(value) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, "under a second"), (4.4, "4 s"), (130, "2 min")])
def test_durations(seconds, expected):
    assert text.duration(seconds) == expected


def test_every_error_of_the_core_has_its_words():
    codes = {
        code
        for path in (ROOT / "core").rglob("*.py")
        for code in re.findall(r'CoreError\(\s*"(\w+)"', path.read_text())
    }
    codes |= {"runs_full", "runs_read_only", "runs_unwritable", "start_not_finite", "off_the_map"}
    codes -= {"file_damaged"}  # the example of a docstring
    assert len(codes) > 8
    names = (
        "limit",
        "run",
        "attempts",
        "message",
        "file",
        "restore",
        "part",
        "position",
        "name",
        "allowed",
        "expected",
        "given",
        "layer",
        "names",
        "row",
        "column",
        "text",
        "topic",
    )
    numbers = (
        "least",
        "count",
        "found",
        "got",
        "total",
        "minutes",
        "x",
        "y",
        "low",
        "high",
        "parameters",
        "multiply_adds",
        "most",
    )
    parameters = dict.fromkeys(names, "x") | dict.fromkeys(numbers, 2)
    for code in codes:
        assert text.explain(CoreError(code, **parameters)) != str(CoreError(code, **parameters)), code
