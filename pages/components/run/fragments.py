"""Parts of a page that are redrawn without the rest of the page: live views and tabs."""

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from pages.components import history, link_warnings, turns
from pages.components.errors import show_errors
from pages.components.run.address import spelled, with_suggestion
from pages.components.run.pace import POLL, pace
from pages.components.text import _


def redraw(
    draw: Callable[[], None],
    *,
    is_live: Callable[[], bool] = lambda: False,
    was_live: bool | None = None,
    interval: Callable[[], float] = lambda: POLL,
) -> None:
    """Draw a part of the page as a Streamlit fragment.

    ``draw`` draws the part. When the user changes a widget in the part, only this part is redrawn. ``was_live`` is the
    value of ``is_live()`` when the rest of the page was drawn, by default the current value. If ``was_live`` is true,
    the part is redrawn every ``interval()`` seconds, or less often under high server load (see
    `pages.components.run.pace`). When ``is_live()`` becomes false or ``interval()`` changes, the whole page is redrawn
    once.
    """
    was_live = is_live() if was_live is None else was_live
    began_with = interval()

    def draw_fragment() -> None:
        with turns.parts.turn(), pace.drawing() if was_live else nullcontext(), show_errors():
            draw()
        if was_live and (not is_live() or interval() != began_with):
            st.rerun()

    st.fragment(draw_fragment, run_every=max(pace.interval, began_with) if was_live else None)()


@dataclass
class _TabsState:
    """Session state of the tabs of a page."""

    open: str
    """The name of the open tab."""
    default: str = ""
    """The name of the tab that was open when the tabs were last recreated; part of the tabs' identity in Streamlit."""
    generation: int = -1
    """Number of times that a tab was opened by a URL, minus 1; part of the widget's key."""


def tabs(
    parts: Mapping[str, Callable[[], None]],
    *,
    titles: Mapping[Any, str] = {},
    key: str,
    depends_on: Callable[[], object] = lambda: None,
) -> None:
    """Draw tabs, each as a Streamlit fragment. Only the content of the open tab is drawn.

    ``parts`` maps tab names to functions that draw the content of the tabs. ``titles`` maps tab names to titles. The
    tabs "lesson", "code", and "export" have default titles. When a widget in a tab changes the result of
    ``depends_on``, the whole page is redrawn. The first tab is the default. If another tab is open, its name is the
    value of the query parameter ``tab`` in the URL. ``key`` is the prefix of the tabs' keys in the session state.
    """
    before, first = depends_on(), next(iter(parts))
    titles = {"lesson": _("Lesson"), "code": _("Code"), "export": _("Export")} | dict(titles)
    state: _TabsState = st.session_state.setdefault(f"{key}.state", _TabsState(first))
    if (query := history.follow(key)) is not None:
        state.open, state.generation = _requested(query.get("tab", ""), parts), state.generation + 1
    widget = key + (f".{state.generation}" if state.generation else "")
    opened = next((name for name in parts if titles[name] == st.session_state.get(widget)), None)
    if opened is None or state.default not in parts:  # another default would create other tabs
        state.default = state.open if state.open in parts else first
    state.open = opened or state.default
    if state.open == first:
        st.query_params.pop("tab", None)
    elif st.query_params.get("tab") != state.open:
        st.query_params["tab"] = state.open

    def draw_with_the_page(draw: Callable[[], None]) -> None:
        draw()  # immediately, because the whole page may have to wait for its turn
        if depends_on() != before:
            st.rerun()

    drawn = st.tabs(
        [titles[name] for name in parts], default=titles[state.default], on_change=history.make_entry, key=widget
    )
    for tab, draw in zip(drawn, parts.values(), strict=True):
        if tab.open:
            with tab:
                redraw(partial(draw_with_the_page, draw))


def _requested(name: str, names: Collection[str]) -> str:
    """Return the tab that a URL names. If the name is unknown, add a warning and return the first tab."""
    requested = spelled(name.lower(), names)
    if name and requested not in names:
        link_warnings.add(with_suggestion(_("There is no tab “{tab}”.").format(tab=name[:40]), name, names))
    return requested if requested in names else next(iter(names))
