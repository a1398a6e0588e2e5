"""Every error of the core has its message, on the page that it belongs to or among the shared ones."""

import re

from core.errors import CoreError
from core.paths import ROOT
from pages.components import errors


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
        "device",
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
        assert errors.explain(CoreError(code, **parameters)) != str(CoreError(code, **parameters)), code
