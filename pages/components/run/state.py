"""The state of a run: a line in the run bar, and messages about what went wrong."""

from collections.abc import Mapping

import streamlit as st

from core.engine import Run, State
from core.training.config import RunConfig
from pages.components.errors import explain
from pages.components.run.run_view import RunView
from pages.components.text import _, duration, ngettext

ACTIVE = (State.QUEUED, State.RUNNING, State.PAUSED)


def is_active(run: Run | None) -> bool:
    """Return whether a run waits, trains or is paused."""
    return run is not None and run.status.state in ACTIVE


def describe_state(run_view: RunView, titles: Mapping[str, str], config: RunConfig) -> str:
    """Return what a run does and how far it is, and whether its settings differ from ``config``, those of the page."""
    status, step = run_view.run.status, run_view.progress
    if run_view.is_untrained:
        return _("Not trained yet · {step}").format(step=step)
    if run_view.recorded:
        text = _("Recording of “{title}” · {step}").format(
            title=titles.get(run_view.run.title, run_view.run.title), step=step
        )
    elif status.state is State.QUEUED or (status.state in ACTIVE and not run_view.history):
        text = _("Starting")
        if status.wait and status.wait.runs:
            text = ngettext(
                "Waiting: {count} run before this one, about {time}",
                "Waiting: {count} runs before this one, about {time}",
                status.wait.runs,
            ).format(count=status.wait.runs, time=duration(max(1, status.wait.seconds)))
            if run_view.history:
                text = _("{text} · {step}").format(text=text, step=step)
        if run_view.run.command.paused:
            text = _("{text}, then paused").format(text=text)
    else:
        words = {
            State.RUNNING: _("Training"),
            State.PAUSED: _("Paused"),
            State.DONE: _("Done"),
            State.STOPPED: _("Stopped"),
            State.FAILED: _("Failed"),
        }
        text = words[status.state]
        if run_view.history:
            text = _("{state} · {step}").format(state=text, step=step)
        left = run_view.run.seconds_left
        if status.state is State.RUNNING and left is not None:
            text = _("{text} · {time} left").format(text=text, time=duration(left))
    if not config.matches(run_view.config):
        return _("{text} :orange-badge[Settings changed: {button} starts a new run]").format(
            text=text, button=_("Reset") if status.state in ACTIVE else _("Train")
        )
    if run_view.complete and run_view.run.hardware:
        return _("{text} · trained on {hardware}").format(text=text, hardware=run_view.run.hardware)
    return text


def draw_messages(run: Run) -> None:
    """Draw what went wrong with a run."""
    status = run.status
    if run.notice:
        st.info(explain(run.notice))
    if status.attempt > 1:
        text = (
            _("Attempt {attempt}: the process that trained died, and the run went on from its last saved state.")
            if run.checkpoint and run.checkpoint.events
            else _("Attempt {attempt}: the process that trained died, and the run began again from its seed.")
        )
        st.info(text.format(attempt=status.attempt))
    for error in (status.error, status.save_error):
        if error:
            st.error(explain(error))
