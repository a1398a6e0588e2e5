"""Frames of a run in training are drawn once for each event with arrays, for all sessions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.topics.manual_mlp.config import PRESETS
from core.training.progress import Progress
from pages.components.run import keyframes
from pages.components.run.run_view import RunView


def event(step: int, *, has_arrays: bool) -> Progress:
    return Progress(step, 10, {}, {"outputs": np.zeros(2)} if has_arrays else {})


@pytest.fixture
def run_view() -> RunView:
    st.cache_data.clear()
    run = SimpleNamespace(id="a run", settings=PRESETS["digits"], changes=(), status=None, history=list)
    run.status = SimpleNamespace(state=SimpleNamespace(final=False))
    return RunView(run, [event(0, has_arrays=True), event(4, has_arrays=True)], recorded=False)


def drawn(run_view: RunView, *, needs_arrays: bool) -> list[int]:
    """Draw the newest frame in a new session, and return the updates for which the frame was computed."""
    computed: list[int] = []

    def draw_frame(view: RunView) -> None:
        computed.append(view.step)
        st.markdown(f"update {view.step}")

    def page(draw, **arguments):
        draw(**arguments)

    arguments = {"run_view": run_view, "draw_frame": draw_frame, "key": "frame", "needs_arrays": needs_arrays}
    app = AppTest.from_function(page, kwargs={"draw": keyframes.draw, **arguments}).run()
    assert not app.exception
    shown = 4 if needs_arrays else run_view.step
    assert [each.value for each in app.markdown] == [f"update {shown}"]
    return computed


def test_a_frame_of_arrays_is_computed_once_until_the_next_arrays(run_view):
    later = replace(run_view, history=[*run_view.history, event(5, has_arrays=False)])
    assert drawn(run_view, needs_arrays=True) == [4]
    assert drawn(later, needs_arrays=True) == []


def test_other_frames_show_the_newest_update(run_view):
    later = replace(run_view, history=[*run_view.history, event(5, has_arrays=False)])
    assert drawn(run_view, needs_arrays=False) == [4]
    assert drawn(later, needs_arrays=False) == [5]
