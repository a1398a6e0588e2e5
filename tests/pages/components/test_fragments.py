"""Fragments of pages: their redraw interval, and waiting for others."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components import turns
from pages.components.run import fragments
from pages.components.run.pace import POLL, pace
from tests.pages.helpers import text


@pytest.fixture
def drawn(monkeypatch):
    """The calls to Streamlit."""
    seen = SimpleNamespace(intervals=[], reruns=0)

    def fragment(draw, *, run_every):
        seen.intervals.append(run_every)
        return draw

    monkeypatch.setattr(st, "fragment", fragment)
    monkeypatch.setattr(st, "rerun", lambda: setattr(seen, "reruns", seen.reruns + 1))
    monkeypatch.setattr(pace, "interval", POLL)
    return seen


def test_a_live_part_is_drawn_after_its_interval_or_later_on_a_busy_server(drawn, monkeypatch):
    for live, busy in ((True, POLL), (True, 3.0), (False, POLL)):
        monkeypatch.setattr(pace, "interval", busy)
        fragments.redraw(lambda: None, is_live=lambda live=live: live, interval=lambda: 0.8)

    assert drawn.intervals == [0.8, 3.0, None]


def test_the_page_is_drawn_again_when_the_interval_changes_or_the_part_is_no_longer_live(drawn):
    state = SimpleNamespace(live=True, interval=2.0)

    def change(**values) -> int:
        state.live, state.interval = True, 2.0
        fragments.redraw(
            lambda: vars(state).update(values), is_live=lambda: state.live, interval=lambda: state.interval
        )
        return drawn.reruns

    assert [change(), change(interval=0.8), change(live=False)] == [0, 1, 2]


def test_a_tab_stays_open_in_another_language(monkeypatch):
    def page() -> None:
        import streamlit as st

        from pages.components.run import fragments

        parts = {name: lambda name=name: st.write(f"The {name}") for name in ("lesson", "more", "code")}
        fragments.tabs(parts, titles={"more": "More"}, key="page.tab")

    app = AppTest.from_function(page).run()
    assert ([tab.label for tab in app.tabs], dict(app.query_params)) == (["Lesson", "More", "Code"], {})
    app.session_state["page.tab"] = "Code"
    app.run()
    monkeypatch.setattr(fragments, "_", {"Lesson": "Text", "Code": "Programm", "Export": "Export"}.__getitem__)
    for _again in range(2):
        app.run()
        assert [tab.label for tab in app.tabs] == ["Text", "More", "Programm"]
        assert (text(app), dict(app.query_params)) == ("The code", {"tab": "code"})


@pytest.mark.usefixtures("drawn")
def test_a_part_that_is_drawn_alone_takes_a_turn_and_one_with_its_page_does_not(monkeypatch):
    monkeypatch.setattr(turns, "parts", turns.Turns(1))

    def takes_a_turn() -> bool:
        free = []

        def draw() -> None:
            free.append(turns.parts._free)

        fragments.redraw(draw)
        return not free[0]

    with turns.pages.turn():
        assert not takes_a_turn()
    assert takes_a_turn()
