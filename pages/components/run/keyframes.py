"""The images of a run at several updates: the browser shows those at the playhead, without asking the server."""

from collections.abc import Callable

import streamlit as st

from core.training.config import Config
from pages.components.run.run_view import RunView

N_KEYFRAMES = 12


def draw(run_view: RunView[Config], draw_frame: Callable[[RunView[Config]], None], *, key: str) -> None:
    """Draw a part of a view at the newest update, and for a run that has ended also at earlier ones, for the playhead.

    ``draw_frame`` draws images, text and tables, and charts whose keys contain the update. All of it takes the same
    place on the page.
    """
    with st.container(key=f"keyframes_{key}"):
        with st.container(key=f"frame_{key}_newest"):
            draw_frame(run_view)
        if run_view.complete:
            for step in keyframe_steps(run_view):
                with st.container(key=f"frame_{key}_{step}"):
                    draw_frame(run_view.until(step))


def keyframe_steps(run_view: RunView) -> list[int]:
    """Return the updates before the newest one whose images are drawn: at most `N_KEYFRAMES`, evenly spaced."""
    steps = [event.step for event in run_view.history if event.arrays] or [event.step for event in run_view.history]
    earlier = [step for step in dict.fromkeys(steps) if step < run_view.step]
    spacing = max(1, len(earlier) / N_KEYFRAMES)
    return [earlier[int(number * spacing)] for number in range(min(N_KEYFRAMES, len(earlier)))]
