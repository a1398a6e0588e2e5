"""The live image of the welcome page: a recorded run that the browser replays."""

from functools import cache

from core.topics.playground.config import PlaygroundConfig
from pages.components.run.run_view import RunView, recorded
from pages.components.text import _
from pages.foundations.playground import network_canvas

SECONDS = 5.0
"""Duration of one replay, in seconds."""
_LAST = 2000  # update after which hardly anything changes
_SPACING = 3  # every third event is sent; the browser interpolates between events


@cache
def run_view() -> RunView[PlaygroundConfig]:
    """Return the part of a recorded run that the welcome page replays."""
    view = recorded("playground-spiral").until(_LAST)
    return RunView(view.run, [*view.history[:-1:_SPACING], view.history[-1]], recorded=True)


def draw() -> None:
    """Draw the recorded network and its output, without controls that change the network."""
    view = run_view()
    network_canvas.draw(
        view.config,
        view.history,
        run=view.run.id,
        complete=True,
        recorded=True,
        key="welcome.spiral",
        alt=_("A network with two hidden layers learns to separate two spirals of points"),
        timeline=SECONDS,
    )
