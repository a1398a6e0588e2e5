"""Parts of pages that draw themselves anew: how often, and when they wait for others."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import streamlit as st

from pages.components import turns
from pages.components.run import fragments
from pages.components.run.pace import POLL, pace


@pytest.fixture
def drawn(monkeypatch):
    """What Streamlit and the turns are asked for."""
    seen = SimpleNamespace(intervals=[], turns=0, reruns=0, context=SimpleNamespace(fragment_ids_this_run=None))

    def fragment(draw, *, run_every):
        seen.intervals.append(run_every)
        return draw

    @contextmanager
    def turn():
        seen.turns += 1
        yield

    monkeypatch.setattr(st, "fragment", fragment)
    monkeypatch.setattr(st, "rerun", lambda: setattr(seen, "reruns", seen.reruns + 1))
    monkeypatch.setattr(turns, "parts", SimpleNamespace(turn=turn))
    monkeypatch.setattr(fragments, "get_script_run_ctx", lambda: seen.context)
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


def test_a_part_that_is_drawn_alone_takes_a_turn_and_one_with_its_page_does_not(drawn):
    fragments.redraw(lambda: None)
    assert drawn.turns == 0
    drawn.context.fragment_ids_this_run = ["part"]
    fragments.redraw(lambda: None)
    assert drawn.turns == 1
