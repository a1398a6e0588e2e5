"""Parts of a page that redraw without the rest of the page: live views and tabs."""

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.components import history, link_warnings, turns
from pages.components.errors import show_errors
from pages.components.run.address import with_suggestion
from pages.components.run.pace import POLL, pace
from pages.components.text import _


def redraw(
    draw: Callable[[], None],
    *,
    is_live: Callable[[], bool] = lambda: False,
    was_live: bool | None = None,
    interval: Callable[[], float] = lambda: POLL,
) -> None:
    """Draw a part of the page as a fragment, so that its widgets redraw nothing else.

    While it ``is_live``, it is redrawn every ``interval`` seconds, or less often under high server load (see
    `pages.components.run.pace`). When it stops being live or its interval changes, the whole page is drawn once.
    ``was_live`` is whether the part was live when the rest of the page was drawn; by default, whether it is live now.
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
    """The title of the open tab."""
    default: str = ""
    """The title of the open tab when the tabs were recreated; part of their identity."""
    generation: int = -1
    """Number of times that an address opened a tab; part of the widget's key."""


def tabs(parts: Mapping[str, Callable[[], None]], *, key: str, depends_on: Callable[[], object] = lambda: None) -> None:
    """Draw a tab for each title as a fragment. Only the open tab runs its function.

    When a widget in a tab changes the value of ``depends_on``, the whole page is redrawn. The address holds the open
    tab as ``tab``, its title in lower case. The first tab is the default.
    """
    before = depends_on()
    titles = {_name_in_address(title): title for title in parts}
    state: _TabsState = st.session_state.setdefault(f"{key}.state", _TabsState(next(iter(parts))))
    if (query := history.follow(key)) is not None:
        state.open, state.generation = _requested(query.get("tab", ""), titles), state.generation + 1
    widget = key + (f".{state.generation}" if state.generation else "")
    if widget not in st.session_state or state.default not in parts:  # another default would create other tabs
        state.default = state.open if state.open in parts else next(iter(parts))
    state.open = st.session_state.get(widget, state.default)
    _write_address(state.open, titles)

    def draw_with_the_page(draw: Callable[[], None]) -> None:
        draw()  # immediately, because the whole page may have to wait for its turn
        if depends_on() != before:
            st.rerun()

    drawn = st.tabs(list(parts), default=state.default, on_change=history.make_entry, key=widget)
    for tab, draw in zip(drawn, parts.values(), strict=True):
        if tab.open:
            with tab:
                redraw(partial(draw_with_the_page, draw))


def _requested(name: str, titles: Mapping[str, str]) -> str:
    """Return the title of the tab that an address names, or of the first tab if the name is unknown."""
    first, requested = next(iter(titles.values())), _name_in_address(name)
    if name and requested not in titles:
        link_warnings.add(with_suggestion(_("There is no tab “{tab}”.").format(tab=name[:40]), name, titles))
    return titles.get(requested, first)


def _write_address(title: str, titles: Mapping[str, str]) -> None:
    first, name = next(iter(titles.values())), _name_in_address(title)
    if title == first or name not in titles:
        if "tab" in st.query_params:
            del st.query_params["tab"]
    elif st.query_params.get("tab") != name:
        st.query_params["tab"] = name


def _name_in_address(title: str) -> str:
    return re.sub(r"[\W_]+", "_", title.lower()).strip("_")
