"""What is on the screen: a run or a recording, as far as it has come, drawn again while it goes on."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.engine import Run
from core.training.progress import Progress
from pages.components.errors import explained
from pages.components.server import recording

POLL = 0.4  # seconds between two looks at a run; a browser spends about 0.2 s of a core on each
PLAYBACK = float(os.environ.get("PLAYGROUND_PLAYBACK", "5"))  # seconds that a recording takes to play


@dataclass(frozen=True)
class RunView:
    """What is on the screen: a run, or a recording as far as it has played."""

    run: Run
    history: Sequence[Progress]
    recorded: bool

    @property
    def step(self) -> int:
        """Updates done so far."""
        return self.history[-1].step if self.history else 0

    @property
    def complete(self) -> bool:
        """Whether the run has ended and all of it is shown."""
        return self.run.status.state.final and len(self.history) == len(self.run.history())

    def metric(self, name: str) -> float | None:
        """The newest finite value of a metric, or None; the final one if the whole run is shown."""
        if self.complete:
            final = self.run.metrics.get(name)
            if final is not None:
                return final
        values = (event.metrics.get(name) for event in reversed(self.history))
        return next((value for value in values if value is not None), None)

    def latest(self, name: str) -> np.ndarray | None:
        """The newest array of that name, or None."""
        return next((event.arrays[name] for event in reversed(self.history) if name in event.arrays), None)


def points(history: Sequence[Progress], metric: str) -> list[tuple[float, float | None]]:
    """A metric over the steps at which it was measured."""
    return [(event.step, event.metrics[metric]) for event in history if metric in event.metrics]


def playback(recording: Run, key: str) -> RunView:
    """A recording as far as it has played in this session since ``key`` was first asked for."""
    began = st.session_state.setdefault(key, time.monotonic())
    history = recording.history()
    reached = history[-1].step * (time.monotonic() - began) / PLAYBACK
    return RunView(recording, [event for event in history if event.step <= reached], recorded=True)


def play(name: str, draw: Callable[[RunView], None]) -> None:
    """Play a recording, from the beginning for every session."""

    def view() -> RunView:
        return playback(recording(name), f"playback.{name}")

    redraw(lambda: draw(view()), moving=lambda: not view().complete)


def redraw(draw: Callable[[], None], *, moving: Callable[[], bool] = lambda: False, moved: bool | None = None) -> None:
    """Draw a part of the page that answers for itself: its widgets draw nothing else again.

    While it is ``moving``, it is drawn again and again; when it has come to rest, the whole page once more. What else
    is on the page may have been drawn when it still ``moved``.
    """
    moved = moving() if moved is None else moved

    def drawn() -> None:
        with explained():
            draw()
        if moved and not moving():
            st.rerun()

    st.fragment(drawn, run_every=POLL if moved else None)()


def tabs(parts: Mapping[str, Callable[[], None]], *, key: str, also: Callable[[], object] = lambda: None) -> None:
    """Draw a tab for each title; only what the open one shows is drawn, and answers for itself.

    What the page shows ``also``, and what a widget of a tab has changed, is drawn anew with the whole page.
    """
    before = also()

    def draw_with_the_page(draw: Callable[[], None]) -> None:
        if also() != before:
            st.rerun()
        draw()

    for tab, draw in zip(st.tabs(list(parts), on_change="rerun", key=key), parts.values(), strict=True):
        if tab.open:
            with tab:
                redraw(partial(draw_with_the_page, draw))
