"""The live image of the welcome page: a recorded run that the browser computes anew at every update."""

from functools import cache

from core.topics.playground.config import PlaygroundConfig
from pages.components.run.run_view import RunView, recorded
from pages.components.text import _
from pages.foundations.playground import network_canvas

SECONDS = 5.0
"""Seconds in which the run is shown once."""
_LAST = 2000  # updates, after which hardly anything changes
_SPACING = 3  # of the events: between two of them the browser interpolates


@cache
def run_view() -> RunView[PlaygroundConfig]:
    """Return the part of the recording that is shown."""
    view = recorded("playground-spiral").until(_LAST)
    return RunView(view.run, [*view.history[:-1:_SPACING], view.history[-1]], recorded=True)


def draw() -> None:
    """Draw the network and its output, without controls that change it."""
    view = run_view()
    network_canvas.draw(
        view.config,
        view.history,
        run=view.run.id,
        complete=True,
        recorded=True,
        key="welcome.spiral",
        alt=_("A network with two hidden layers that learns to separate two spirals of points"),
        timeline=SECONDS,
    )
