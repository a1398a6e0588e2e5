"""The scrubber of a run: its update slider.

The thumb of the slider, the playhead, selects the update that charts and images show in the browser.
"""

import os
from pathlib import Path

import streamlit as st

from pages.components import browser_component
from pages.components.charts.line_chart import thin
from pages.components.run.run_view import RunView
from pages.components.run.state import is_active
from pages.components.text import _

PLAYBACK = float(os.environ.get("PLAYGROUND_PLAYBACK", "5"))
"""The duration of a replay, in seconds."""
_ASSETS = Path(__file__).parent / "scrubber_assets"
_HTML = """
<div class="scrubber">
  <button type="button" class="replay"></button>
  <input type="range" class="filled" min="0" step="1">
  <output></output>
  <button type="button" class="speed"></button>
  <button type="button" class="live"></button>
</div>
"""


def draw(
    run_view: RunView, *, clicks: int, key: str, plays: bool = True, waits: bool = False, outdated: bool = False
) -> None:
    """Draw the scrubber of a run: a slider whose thumb, the playhead, selects the update that the page shows.

    ``clicks`` is the number of clicks on the buttons of the run. When this number changes, the newest update is shown
    again. If ``plays`` is true, a recording is replayed automatically the first time that a browser shows the
    recording. If ``waits`` is also true, the replay starts only when a component on the page dispatches the event
    "replay" on the playhead. Until then, the state before the first update is shown. ``outdated`` indicates whether the
    page still draws the previous results. If so, the main view is faded.
    """
    history = run_view.history
    data = {
        "run": None if run_view.is_untrained else run_view.run.id,
        "steps": [event.step for event in thin(history, 200)],
        "total": run_view.total or 0,
        "round": run_view.config.updates_per_round,
        "plays": run_view.recorded and plays,
        "active": is_active(run_view.run),
        "seconds": PLAYBACK,
        "clicks": clicks,
        "waits": waits,
        "outdated": outdated,
        "words": {
            "replay": _("Replay"),
            "stop": _("Stop replay"),
            "update": _("Update {step} of {total}"),
            "round": _("Round {number} of {rounds}: {update}"),
            "scrub": _("Displayed update"),
            "live": _("Latest"),
            "speed": _("Replay speed"),
        },
    }
    with st.container(key="scrubber"):
        browser_component.register("scrubber", _ASSETS, ("keyframes.js", "scrubber.js"), _HTML)(key=key, data=data)
