"""Images of a run at several updates.

The user selects an update with the playhead, the thumb of the update slider. The browser then shows the images of this
update without requests to the server.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from core.training.config import Config
from pages.components.charts import images
from pages.components.run.run_view import RunView

N_KEYFRAMES = 12
_MAX_KEPT = 100  # maximum number of cached keyframe parts, for all runs together


def draw(
    run_view: RunView[Config],
    draw_frame: Callable[[RunView[Config]], None],
    *,
    key: str,
    is_static: bool = True,
    needs_arrays: bool = False,
) -> None:
    """Draw a part of the page as frames: one for the newest update and, after the run, others for earlier updates.

    All frames occupy the same place on the page. The browser shows the frame for the update that the user selects.
    ``draw_frame`` draws one frame. Its argument is a view of the run with only the events up to the frame's update.
    ``key`` identifies the part on the page.

    ``is_static`` indicates whether the frames contain only images, text, and tables. If so, the frames for earlier
    updates are drawn only once for all sessions. If not, each chart in a frame needs a key that contains the update.
    ``needs_arrays`` indicates whether a static frame depends only on the last event with arrays. If so, during
    training, the newest frame is drawn only once for each event with arrays.
    """
    draw_earlier = _draw_once if is_static else _draw
    steps = tuple(keyframe_steps(run_view)) if run_view.complete else ()
    with st.container(key=f"keyframes_{key}"):
        with st.container(key=f"frame_{key}_newest"):
            measured = next((event.step for event in reversed(run_view.history) if event.arrays), None)
            if needs_arrays and not run_view.complete and measured is not None:
                _draw_newest(key, run_view.run.id, measured, draw_frame, run_view.until(measured))
            else:
                draw_frame(run_view)
        if steps:
            draw_earlier(key, run_view.run.id, steps, draw_frame, run_view)


def keyframe_steps(run_view: RunView) -> list[int]:
    """Return the earlier updates for which frames are drawn: at most `N_KEYFRAMES` updates before the newest update.

    The updates are chosen at even intervals from the events with arrays or, if no event has arrays, from all events.
    """
    steps = [event.step for event in run_view.history if event.arrays] or [event.step for event in run_view.history]
    earlier = [step for step in dict.fromkeys(steps) if step < run_view.step]
    spacing = max(1, len(earlier) / N_KEYFRAMES)
    return [earlier[int(number * spacing)] for number in range(min(N_KEYFRAMES, len(earlier)))]


def _draw(
    key: str, run_id: str, steps: Sequence[int], _draw_frame: Callable[[RunView], None], _run_view: RunView
) -> None:
    for step in steps:
        with st.container(key=f"frame_{key}_{step}"), images.as_files():
            _draw_frame(_run_view.until(step))


@st.cache_data(max_entries=_MAX_KEPT, show_spinner=False)
def _draw_newest(key: str, run_id: str, step: int, _draw_frame: Callable[[RunView], None], _run_view: RunView) -> None:
    """Draw the newest frame of a run in training, once for all sessions."""
    _draw_frame(_run_view)


# Streamlit replays the cached drawing if the key, the run, and the updates are equal
_draw_once = st.cache_data(max_entries=_MAX_KEPT, show_spinner=False)(_draw)
