"""The displayed run: a run or a recording, with its events so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np

from core.engine import Run
from core.training.config import Config
from core.training.progress import Progress
from pages.components.server import recording
from pages.components.text import _, ngettext, number


@dataclass(frozen=True)
class RunView(Generic[Config]):
    """A run or a recording, with its events up to some update, as displayed on a page.

    ``history`` contains these events. ``recorded`` indicates whether ``run`` is a recording.
    """

    run: Run[Config]
    history: Sequence[Progress]
    recorded: bool
    is_untrained: bool = False
    """Whether ``history`` contains only the event of the untrained network with the current settings of the page."""

    @property
    def config(self) -> Config:
        """The current settings of the run, including changes during training."""
        return self.run.settings

    @property
    def step(self) -> int:
        """The number of updates completed at the last event, or 0 before the first event."""
        return self.history[-1].step if self.history else 0

    @property
    def total(self) -> int | None:
        """The total number of updates in the run, or None before its first event."""
        if not self.history:
            return None
        was_shortened = any(change.name == "epochs" for change in self.run.changes)
        return self.step if self.complete and was_shortened else self.history[-1].total

    @property
    def complete(self) -> bool:
        """Whether the run has ended and ``history`` contains all its events."""
        return self.run.status.state.final and len(self.history) == len(self.run.history())

    def until(self, step: int) -> "RunView[Config]":
        """Return a view of the same run with only the events up to and including update ``step``."""
        return replace(self, history=[event for event in self.history if event.step <= step])

    @property
    def progress(self) -> str:
        """The current and the total number of updates, as text.

        If the run trains several networks in rounds, the text states the round and the updates within the round.
        """
        step, total, length = self.step, self.total or 0, self.config.updates_per_round
        if not length or total <= length:
            return _("update {step:,} of {total:,}").format(step=step, total=total)
        before = max(0, step - 1) // length
        return _("round {number} of {rounds} · update {step:,} of {total:,}").format(
            number=before + 1, rounds=-(-total // length), step=step - before * length, total=length
        )

    @property
    def length(self) -> str:
        """The total number of updates in the run, as text.

        If the run trains several networks in rounds, the text states the number of rounds and the updates per round.
        """
        total, length = self.total or 0, self.config.updates_per_round
        if not length or total <= length:
            return ngettext("{count:,} update", "{count:,} updates", total).format(count=total)
        return _("{rounds} rounds of {count:,} updates").format(rounds=-(-total // length), count=length)

    def metric(self, name: str) -> float | None:
        """Return the newest finite value of a metric in the history, or None if there is none.

        If the run is complete and has a final value of the metric, return the final value instead.
        """
        if self.complete:
            final = self.run.metrics.get(name)
            if final is not None:
                return final
        measured = self.measured(name)
        return measured[1] if measured else None

    def measured(self, name: str) -> tuple[int, float] | None:
        """Return (update, value) for the newest finite value of a metric in the history, or None if there is none."""
        values = ((event.step, event.metrics.get(name)) for event in reversed(self.history))
        return next(((step, value) for step, value in values if value is not None), None)

    def latest(self, name: str) -> np.ndarray | None:
        """Return the newest array called ``name`` in the history, or None if there is none."""
        return next((event.arrays[name] for event in reversed(self.history) if name in event.arrays), None)


def change_marks(run_view: RunView) -> list[tuple[float, str]]:
    """Return (update, label) pairs for the updates at which settings or weights were changed during training."""
    fields, marks = type(run_view.config).model_fields, dict[int, dict[str, str]]()
    for change in run_view.run.changes:
        if change.name in fields:
            value = number(change.value) if isinstance(change.value, float) else str(change.value)
            title = _(fields[change.name].title or change.name)
            text = _("{setting}: {value}").format(setting=title, value=value)
            marks.setdefault(change.step, {})[change.name] = text
        else:
            marks.setdefault(change.step, {})[""] = _("weights edited by hand")
    return [(step, ", ".join(texts.values())) for step, texts in marks.items()]


def points(history: Sequence[Progress], metric: str) -> list[tuple[float, float | None]]:
    """Return the (update, value) pairs of a metric in a history. A value that is not finite is None."""
    return [(event.step, event.metrics[metric]) for event in history if metric in event.metrics]


def recorded(name: str) -> RunView[Any]:
    """Return the recording called ``name``, with all its events."""
    run = recording(name)
    return RunView(run, run.history(), recorded=True)
