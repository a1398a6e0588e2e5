"""Parts of a page that draw themselves anew, without the rest of the page: live views and tabs."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial

import streamlit as st

from pages.components import turns
from pages.components.errors import show_errors
from pages.components.run.pace import POLL, pace


def redraw(
    draw: Callable[[], None],
    *,
    is_live: Callable[[], bool] = lambda: False,
    was_live: bool | None = None,
    interval: Callable[[], float] = lambda: POLL,
) -> None:
    """Draw a part of the page as a fragment: its widgets redraw nothing else.

    While it ``is_live``, it is drawn again and again, after an ``interval`` in seconds, or less often where the
    server's load demands it (see `pages.components.run.pace`). When it ceases to be live, or when its interval changes,
    the whole page is drawn once. ``was_live`` is the state that the rest of the page was drawn with; by default the one
    of this call.
    """
    was_live = is_live() if was_live is None else was_live
    began_with = interval()

    def draw_fragment() -> None:
        with turns.parts.turn(), pace.drawing() if was_live else nullcontext(), show_errors():
            draw()
        if was_live and (not is_live() or interval() != began_with):
            st.rerun()

    st.fragment(draw_fragment, run_every=max(pace.interval, began_with) if was_live else None)()


def tabs(parts: Mapping[str, Callable[[], None]], *, key: str, depends_on: Callable[[], object] = lambda: None) -> None:
    """Draw a tab for each title, as a fragment. Only the open tab runs its function.

    When a widget in a tab changes the value of ``depends_on``, the whole page is drawn again.
    """
    before = depends_on()

    def draw_with_the_page(draw: Callable[[], None]) -> None:
        if depends_on() != before:
            st.rerun()
        draw()

    for tab, draw in zip(st.tabs(list(parts), on_change="rerun", key=key), parts.values(), strict=True):
        if tab.open:
            with tab:
                redraw(partial(draw_with_the_page, draw))
