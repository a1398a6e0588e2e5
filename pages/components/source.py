"""Show the source code that the app runs, with highlighted lines or side by side."""

import difflib
import inspect
from collections.abc import Callable, Collection
from functools import lru_cache
from textwrap import dedent
from types import ModuleType

import streamlit as st
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_MARKED = {"light": "#fff1c9", "dark": "#4a3c12"}


def source(code: Callable | type | ModuleType, *, start: str | None = None) -> str:
    """Return the source code of a function, class, or module, without common indentation.

    If ``start`` is given, the result begins at the first line that contains ``start``.
    """
    lines = inspect.getsource(code).rstrip().splitlines()
    if start:
        first = next(number for number, line in enumerate(lines) if start in line)
        lines = lines[first:]
    return dedent("\n".join(lines))


def show(code: str, *, marked: Collection[int] = (), title: str | None = None) -> None:
    """Show Python code below an optional title, and highlight the lines whose one-based numbers are in ``marked``."""
    if title:
        st.caption(title)
    st.html(_highlighted(code, tuple(marked), st.context.theme.type or "light"))


@lru_cache(maxsize=256)
def _highlighted(code: str, marked: tuple[int, ...], theme: str) -> str:
    formatter = HtmlFormatter(
        noclasses=True,
        nobackground=True,
        style="github-dark" if theme == "dark" else "default",
        hl_lines=marked,
        prestyles="margin:0;line-height:1.5;font-size:0.75rem;overflow-x:auto",
        cssstyles="border:1px solid #8884;border-radius:0.5rem;padding:0.75rem",
    )
    formatter.style.highlight_color = _MARKED[theme]
    return highlight(code, PythonLexer(), formatter)


def lines_with(code: str, *parts: str) -> list[int]:
    """Return the one-based numbers of the lines of ``code`` that contain at least one of ``parts``."""
    return [number for number, line in enumerate(code.splitlines(), 1) if any(part in line for part in parts)]


def show_columns(*pieces: tuple[str, str]) -> None:
    """Show pieces of Python code, given as (title, code) pairs, side by side in columns."""
    for column, (title, code) in zip(st.columns(len(pieces)), pieces, strict=True):
        with column:
            show(code, title=title)


def show_differences(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Show two pieces of Python code, given as (title, code) pairs, side by side, and highlight their differences."""
    before, after = (code.splitlines() for _, code in (first, second))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    marked = (
        [number + 1 for _, start, end, _, _ in changes for number in range(start, end)],
        [number + 1 for _, _, _, start, end in changes for number in range(start, end)],
    )
    for column, (title, code), numbers in zip(st.columns(2), (first, second), marked, strict=True):
        with column:
            show(code, marked=numbers, title=title)
