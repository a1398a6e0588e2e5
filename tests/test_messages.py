"""The texts that people read: each can be translated, and none is in private terms."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core import topics
from core.paths import ROOT
from pages.locale import messages

CATALOG = messages.collect()
SOURCES = sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
LESSONS = sorted([*(ROOT / "pages").rglob("*.en.md"), ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

SEVERAL_SENSES = {
    "Step", "step", "Mean", "None", "none", "Train", "Test", "Constant", "Linear", "Max", "Average", "Left", "Right",
    "Plane", "correct", "training", "test", "validation", "orange", "blue", "fit",
}  # fmt: skip
"""English words that are used in senses with different translations."""

PRIVATE_TERMS = (
    "what it withstands", "it is told", "is told of", "are told of", "layers taken over", "taken over", "it knows",
    "asked is", "is asked", "are asked", "blame", "by heart", "read right", "read wrong", "share of right", "spoilt",
    "hand on", "how hard it pulls", "pass through the data", "first weights",
    "beginning weights", "old layers", "senseless", "as good as it gets", "take it away", "taken home",
    "take home", "pixel's origin", "how sure", "points on the right side", "half the labels wrong",
    "your own pictures", "examination", "tricks", "it is them", "is to learn", "are to learn",
    "to be learnt", "learnt", "the most are", "are the most", "has to be from",
    "cannot be had", "what the network makes of", "withstand", "find out why a house", "hidden teacher",
    "in all ways", "five ways",
)  # fmt: skip
"""Terms of earlier versions. Textbooks have other words for all of them (see CONTRIBUTING.md)."""


@cache
def nodes(file: Path) -> list[ast.AST]:
    """Return all nodes of the syntax tree of a file."""
    return list(ast.walk(ast.parse(file.read_bytes())))


def docstrings(file: Path) -> Iterator[str]:
    """Yield the docstrings of a module, and the texts below its variables."""
    for node in nodes(file):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def visible(call: ast.Call) -> Iterator[ast.Constant]:
    """Yield the literals that a call to Streamlit shows."""
    shown = [*call.args[:1], *(each.value for each in call.keywords if each.arg in ("help", "placeholder", "label"))]
    for argument in shown:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument


def is_streamlit(call: ast.Call) -> bool:
    """Return whether a call is st.something or something.something that draws text or a widget."""
    drawing = {
        "markdown", "caption", "write", "title", "header", "subheader", "info", "warning", "error", "success", "toast",
        "button", "download_button", "checkbox", "toggle", "radio", "selectbox", "multiselect", "slider",
        "select_slider", "text_input", "number_input", "text_area", "file_uploader", "expander", "popover", "dialog",
        "segmented_control", "pills", "link_button", "page_link",
    }  # fmt: skip
    return isinstance(call.func, ast.Attribute) and call.func.attr in drawing


def test_the_template_for_translators_has_all_messages():
    """``make messages`` writes it anew."""
    assert messages.TEMPLATE.read_bytes() == messages.template(CATALOG)


@pytest.mark.parametrize("name", topics.names())
def test_the_template_has_the_title_and_the_description_of_every_setting(name):
    ids = {message.id for message in CATALOG}
    for field in type(next(iter(topics.topic(name).presets.values()))).model_fields.values():
        assert {text for text in (field.title, field.description) if text} <= ids


def test_every_message_is_a_literal():
    """A variable is translated only where its text is marked elsewhere: titles and descriptions of fields, N_."""
    marked = re.compile(r"(title|description|name|label|text|classes)\b")
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in messages.KEYWORDS:
                texts = node.args[: 1 if node.func.id in ("_", "N_") else 2]
                for text in texts:
                    literal = isinstance(text, ast.Constant) and bool(text.value)
                    assert literal or marked.search(ast.unparse(text)), f"{file}:{node.lineno} {ast.unparse(node)}"


def test_streamlit_shows_no_text_that_is_not_marked():
    for file in (ROOT / "pages").rglob("*.py"):
        for node in nodes(file):
            if isinstance(node, ast.Call) and is_streamlit(node):
                for text in visible(node):
                    assert not re.search(r"[A-Za-z]{2}", text.value), f"{file}:{text.lineno} {text.value!r}"


def test_words_with_several_senses_have_a_context():
    without = {message.id for message in CATALOG if message.id and not message.context and isinstance(message.id, str)}
    assert not without & SEVERAL_SENSES


TEXTS = {file: [file.read_text(encoding="utf-8")] for file in LESSONS} | {
    file: list(docstrings(file)) for file in SOURCES
}


@pytest.mark.parametrize("term", PRIVATE_TERMS)
def test_a_private_term_does_not_come_back(term):
    pattern = re.compile(rf"\b{re.escape(term)}", re.IGNORECASE)
    found = [f"messages: {message.id}" for message in CATALOG if pattern.search(str(message.id))]
    for file, texts in TEXTS.items():
        found += [f"{file}: {text[:200]}" for text in texts if pattern.search(text)]
    assert found == []
