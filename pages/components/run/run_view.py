"""The run on the screen: a run or a recording, as far as it has come."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import streamlit as st

from core.engine import Run
from core.training.config import Config
from core.training.progress import Progress
from pages.components.text import _, number

PLAYBACK = float(os.environ.get("PLAYGROUND_PLAYBACK", "5"))  # seconds that a recording takes to play


@dataclass(frozen=True)
class RunView(Generic[Config]):
    """The run on the screen, or a recording as far as it has played."""

    run: Run[Config]
    history: Sequence[Progress]
    recorded: bool

    @property
    def config(self) -> Config:
        """The settings of the run as they are now: some may have changed while it trained."""
        return self.run.settings

    @property
    def step(self) -> int:
        """Number of updates so far."""
        return self.history[-1].step if self.history else 0

    @property
    def total(self) -> int | None:
        """Number of updates when the run has ended, if an event has told it."""
        return self.history[-1].total if self.history else None

    @property
    def complete(self) -> bool:
        """Whether the run has ended and its whole history is here."""
        return self.run.status.state.final and len(self.history) == len(self.run.history())

    def metric(self, name: str) -> float | None:
        """Return the newest finite value of a metric, or None. A complete run gives its final value."""
        if self.complete:
            final = self.run.metrics.get(name)
            if final is not None:
                return final
        values = (event.metrics.get(name) for event in reversed(self.history))
        return next((value for value in values if value is not None), None)

    def latest(self, name: str) -> np.ndarray | None:
        """Return the newest array of that name, or None."""
        return next((event.arrays[name] for event in reversed(self.history) if name in event.arrays), None)


def change_marks(run_view: RunView) -> list[tuple[float, str]]:
    """Return the updates at which settings were changed while the run trained, with what they were changed to."""
    fields, marks = type(run_view.config).model_fields, dict[int, dict[str, str]]()
    for change in run_view.run.changes:
        if change.name in fields:
            value = number(change.value) if isinstance(change.value, float) else str(change.value)
            name = _(fields[change.name].title or change.name)
            marks.setdefault(change.step, {})[name] = _("{setting}: {value}").format(setting=name, value=value)
        else:
            marks.setdefault(change.step, {})[""] = _("weights changed by hand")
    return [(step, ", ".join(texts.values())) for step, texts in marks.items()]


def points(history: Sequence[Progress], metric: str) -> list[tuple[float, float | None]]:
    """Return the (step, value) pairs of a metric."""
    return [(event.step, event.metrics[metric]) for event in history if metric in event.metrics]


def playback(recording: Run[Config], key: str) -> RunView[Config]:
    """Return a recording as far as it has played in this session. It starts with the first call for ``key``."""
    started = st.session_state.setdefault(key, time.monotonic())
    history = recording.history()
    reached_step = history[-1].step * (time.monotonic() - started) / PLAYBACK
    return RunView(recording, [event for event in history if event.step <= reached_step], recorded=True)
