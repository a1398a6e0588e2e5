"""The program of a run: its constants, and its code as the page shows it."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from core.export.changes import constants_of_batches
from core.export.template import cells, fill
from core.topics.workflow.config import WorkflowConfig
from core.training.batching import BatchPlan
from core.training.state import Change

Part = Literal["imports", "data", "model", "optimize", "save"]
PARTS: tuple[Part, ...] = get_args(Part)
"""The parts of the listing in order: the imports, and the four steps of the workflow."""

_NAMES = ("seed", "threads", "samples", "noise", "batch_size", "shuffle", "learning_rate", "epochs")
_TEMPLATE = Path(__file__).with_name("script.py")


def constants(config: WorkflowConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings.

    ``losses`` of the program are the values of the metric ``loss``.
    """
    return {name.upper(): getattr(config, name) for name in _NAMES}


def changed_constants(config: WorkflowConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""

    def plan(changes: Sequence[Change]) -> BatchPlan:
        return BatchPlan(config.samples, config.batch_size, changes)

    return constants_of_batches(config, changes, ["learning_rate"], plan=plan)


@dataclass(frozen=True)
class Value:
    """The value of a setting in a line of the listing: the characters from ``start`` to ``end``."""

    setting: str
    start: int
    end: int


@dataclass(frozen=True)
class Line:
    """A line of the listing. ``number`` counts from 1. ``values`` are the values of settings in the line, in order."""

    number: int
    part: Part
    text: str
    values: tuple[Value, ...]


@lru_cache(maxsize=64)
def listing(config: WorkflowConfig) -> tuple[Line, ...]:
    """Return the lines of the program for these settings, as the page shows them.

    The listing is a complete Python program without text cells, empty lines, and constants: each value is in the line
    that uses it. It does not set the number of threads.
    """
    program = fill(_TEMPLATE.read_text(encoding="utf-8"), constants(config))
    imports, settings, *steps = (text for first, text in cells(program) if first == "# %%")
    values = {
        statement.targets[0].id: ast.get_source_segment(settings, statement.value) or ""
        for statement in ast.parse(settings).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    lines: list[Line] = []
    for part, text in zip(PARTS, [imports, *steps], strict=True):
        for line in text.splitlines():
            if line:
                lines.append(_line(len(lines) + 1, part, line, values))
    return tuple(lines)


def code(config: WorkflowConfig) -> str:
    """Return the `listing` as one text."""
    return "\n".join(line.text for line in listing(config)) + "\n"


def _line(number: int, part: Part, line: str, values: Mapping[str, str]) -> Line:
    """Replace each constant in a line by its value."""
    text, found, end = "", list[Value](), 0
    for match in re.finditer(r"\b[A-Z_]+\b", line):
        if match[0] in values:
            text += line[end : match.start()]
            found.append(Value(match[0].lower(), len(text), len(text) + len(values[match[0]])))
            text, end = text + values[match[0]], match.end()
    return Line(number, part, text + line[end:], tuple(found))
