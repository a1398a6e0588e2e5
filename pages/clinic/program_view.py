"""The program, line by line. When the learner looks for the wrong line, each line can be clicked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from core.topics.clinic.attempts import Attempt
from core.topics.clinic.config import ClinicConfig
from core.topics.clinic.execution import listing, shown
from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "program_assets"
_HTML = '<div class="clinic-program" tabindex="0"></div>'


def draw(config: ClinicConfig, attempt: Attempt, on_line: Callable[[int], None]) -> None:
    """Draw the program of a case with the settings of the page. A click calls ``on_line`` with the number of the line.

    The wrong line is marked once the learner has found it. In a solved case, the correct line follows it.
    """
    key = "clinic.program"

    def clicked() -> None:
        number = st.session_state[key].get("line")
        if isinstance(number, int):
            on_line(number)

    data = {
        "case": config.case,
        "lines": _lines(config, attempt),
        "clickable": attempt.stage == "line",
        "words": {
            "program": _("The program"),
            "clickable": _("The program. Choose the wrong line with the arrow keys and Enter."),
            "removed": _("wrong line: "),
            "added": _("correct line: "),
        },
    }
    render = browser_component.register("clinic_program", _ASSETS, ("program.js",), _HTML)
    render(key=key, data=data, on_line_change=clicked)


def _lines(config: ClinicConfig, attempt: Attempt) -> list[dict[str, Any]]:
    """Return the lines in the format that the browser expects."""
    program = listing(config)
    lines: list[dict[str, Any]] = []
    for line, html in zip(program, highlighted([line.text for line in program]), strict=True):
        indent = len(line.text) - len(line.text.lstrip())
        found = line.wrong and attempt.line_found
        state = "wrong" if found else "correct" if line.number in attempt.wrong_lines else ""
        if found and config.replacement:
            state = "tried"
        if found and attempt.stage == "solved":
            state = "removed"
        lines.append({"number": line.number, "html": html, "indent": indent, "state": state})
        if state == "removed":
            case = attempt.definition
            text = " " * indent + shown(case.replacements[case.solution - 1], config)
            lines.append({"number": line.number, "html": highlighted([text])[0], "indent": indent, "state": "added"})
    return lines


def highlighted(lines: Sequence[str]) -> list[str]:
    """Return lines of Python as HTML with Pygments classes."""
    html = highlight("\n".join(lines), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return html.removesuffix("\n").split("\n")
