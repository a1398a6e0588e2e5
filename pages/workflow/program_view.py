"""The program, line by line, beside the object that the selected line has made."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

from core.topics.workflow.config import WorkflowConfig
from core.topics.workflow.program import Line, code, listing
from core.topics.workflow.trace import roles, trace
from pages.components import browser_component
from pages.components.run.controls import Settings
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.workflow import blocks, labels, object_views
from pages.workflow.explanations import explanations

FIRST_ROLE = "batch"
"""The role of the line that is selected when the page opens."""
_ASSETS = Path(__file__).parent / "program_assets"
_HTML = """
<section class="program">
  <div class="parts" role="group"></div>
  <div class="controls">
    <button type="button" class="back"></button><button type="button" class="next"></button>
    <span class="position"></span>
  </div>
  <div class="code" tabindex="0" role="listbox"></div>
  <div class="object" tabindex="0" role="region">
    <p class="explanation" aria-live="polite"></p>
    <div class="blocks"></div>
  </div>
</section>
"""


def draw(settings: Settings[WorkflowConfig], run_view: RunView[WorkflowConfig], printed: Sequence[str]) -> None:
    """Draw the program with the current settings. Values that differ from those of the preset are highlighted.

    ``printed`` are the lines that the program prints in the displayed run.
    """
    config, preset = settings.config, settings.presets[settings.preset]
    changed = {name for name in type(config).model_fields if getattr(config, name) != getattr(preset, name)}
    names, titles = roles(config), labels.parts()
    data = {
        "lines": [
            {"html": html, "part": line.part, "indent": len(line.text) - len(line.text.lstrip())}
            for line, html in zip(listing(config), _html(config, frozenset(changed)), strict=True)
        ],
        "parts": [[part, title] for part, title in titles.items() if part != "imports"],
        "first": names.index(FIRST_ROLE),
        "views": views(config),
        "printed": {
            "line": names.index("print_accuracy"),
            "block": blocks.code("\n".join(printed), title=_("Printed in the run of the charts")) if printed else None,
        },
        "training": [names.index(name) for name in _LOOP] if _is_training(run_view) else [],
        "words": {
            "back": _("Back"),
            "next": _("Run next line"),
            "position": _("Line {line} of {lines}"),
            "code": _("The program, line by line"),
            "object": _("What the selected line has made"),
            "parts": _("Parts of the program"),
        },
    }
    render = browser_component.register("workflow_program", _ASSETS, ("blocks.js", "program.js"), _HTML)
    render(key="workflow.program", data=data)


_LOOP = ("batches", "zero_grad", "outputs", "loss", "backward", "step", "append")


def _is_training(run_view: RunView) -> bool:
    return not run_view.recorded and not run_view.run.status.state.final and not run_view.run.command.paused


def views(config: WorkflowConfig) -> list[dict[str, Any]]:
    """Return the explanation and the blocks of each line of the program."""
    same = config.changed(threads=1)
    return [
        {"text": view["text"], "blocks": [blocks.addressed(block) for block in view["blocks"]]}
        for view in _views(same, explanations())
    ]


@st.cache_data(max_entries=30, show_spinner=False)
def _views(config: WorkflowConfig, texts: dict[str, str]) -> list[dict[str, Any]]:
    """Return the views with their images. ``texts`` are the explanations in the user's language."""
    return [{"text": texts[line.role], "blocks": object_views.blocks(line)} for line in trace(config)]


def _html(config: WorkflowConfig, changed: frozenset[str]) -> list[str]:
    """Return the lines of the program as HTML, with Pygments classes and an element around each setting's value."""
    lines = listing(config)
    html = [""] * len(lines)
    number, column = 0, 0
    for _position, kind, text in PythonLexer(stripnl=False).get_tokens_unprocessed(code(config)):
        for piece in text.splitlines(keepends=True):
            html[number] += _token(lines[number], column, piece.rstrip("\n"), STANDARD_TYPES.get(kind, ""), changed)
            column += len(piece)
            if piece.endswith("\n"):
                number, column = number + 1, 0
            if number == len(lines):
                return html
    return html


def _token(line: Line, column: int, text: str, kind: str, changed: frozenset[str]) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = next((value for value in line.values if value.start <= column < value.end), None)
    if value is None:
        return f'<span class="{kind}">{escaped}</span>' if kind else escaped
    state = " changed" if value.setting in changed else ""
    return f'<span class="value{state}" data-setting="{value.setting}">{escaped}</span>'
