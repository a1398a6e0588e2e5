"""Every error of core has a message, on its own page or among the shared ones."""

import re

import pytest
from pydantic import BaseModel, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from core.errors import CoreError
from core.paths import ROOT
from pages.components import errors
from pages.components.run.validation import validation_message


def test_every_error_of_core_has_a_message():
    codes = {
        code
        for path in (ROOT / "core").rglob("*.py")
        for code in re.findall(r'CoreError\(\s*"(\w+)"', path.read_text())
    }
    codes |= {"runs_full", "runs_read_only", "runs_unwritable", "start_not_finite", "off_the_map"}
    codes |= {"weights_missing", "weights_unexpected"}
    codes |= {"table_mixed_decimals", "table_rare_labels", "table_rare_names"}
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
        "point",
        "comma",
        "zero",
        "one",
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


def test_every_error_of_a_config_model_has_a_message():
    codes = {
        code
        for path in (ROOT / "core").rglob("*.py")
        if path.parent.name != "tools"  # pages make the settings of tools; users type them only on the command line
        for code in re.findall(r'PydanticCustomError\(\s*"(\w+)"', path.read_text())
    }
    assert {"limit", "too_long", "too_many_weights", "off_the_map"} <= codes
    parameters = {"field": "epochs", "name": "x", "low": 1, "high": 2, "most": 3, "count": 4, "x": 0, "y": 0}
    for code in codes:

        class Config(BaseModel):
            @model_validator(mode="after")
            def fail(self):
                raise PydanticCustomError(code, "untranslated", parameters)  # noqa: B023

        with pytest.raises(ValidationError) as caught:
            Config()
        told = validation_message(caught.value, "epochs", 5)
        assert "untranslated" not in told, code
        assert told != validation_message(_unknown_error(), "epochs", 5), code


def _unknown_error() -> ValidationError:
    return ValidationError.from_exception_data("", [{"type": "frozen_field", "input": 5}])
