"""The state of a run: a line in the run bar, and error messages."""

from collections.abc import Mapping

import streamlit as st

from core.engine import Run, State
from core.training.config import RunConfig
from pages.components.errors import explain
from pages.components.run.run_view import RunView
from pages.components.text import _, duration, ngettext

ACTIVE = (State.QUEUED, State.RUNNING, State.PAUSED)

_SEPARATOR = " · "


def is_active(run: Run | None) -> bool:
    """Return whether ``run`` is waiting, training, or paused. Return False if ``run`` is None."""
    return run is not None and run.status.state in ACTIVE


def describe_state(run_view: RunView, titles: Mapping[str, str], config: RunConfig) -> str:
    """Return a line of Markdown that states the status and the progress of a run.

    The line includes a note if the settings of the run differ from ``config``, the current settings of the page.
    ``titles`` maps preset names to labels.
    """
    status, step = run_view.run.status, run_view.progress
    if run_view.complete and run_view.step == run_view.total:
        step = run_view.length  # the scrubber shows the displayed update
    if run_view.is_untrained:
        return _SEPARATOR.join((_("Not trained yet"), step))
    if run_view.recorded:
        title = titles.get(run_view.run.title, run_view.run.title)
        parts = [_("Recording of “{title}”").format(title=title), step]
    elif status.state is State.QUEUED or (status.state in ACTIVE and not run_view.history):
        parts = [_("Starting")]
        if status.wait and status.wait.runs:
            text = ngettext(
                "Waiting: {count} run ahead, about {time}",
                "Waiting: {count} runs ahead, about {time}",
                status.wait.runs,
            )
            parts = [text.format(count=status.wait.runs, time=duration(max(1, status.wait.seconds)))]
            if run_view.history:
                parts.append(step)
        if run_view.run.command.paused:
            parts.append(_("then paused"))
    else:
        words = {
            State.RUNNING: _("Training"),
            State.PAUSED: _("Paused"),
            State.DONE: _("Done"),
            State.STOPPED: _("Stopped"),
            State.FAILED: _("Failed"),
        }
        parts = [words[status.state]]
        if run_view.history:
            parts.append(step)
        left = run_view.run.seconds_left
        if status.state is State.RUNNING and left is not None:
            parts.append(_("{time} left").format(time=duration(left)))
    if not config.matches(run_view.config):
        change = (
            _("Settings changed: Reset starts a new run")
            if status.state in ACTIVE
            else _("Settings changed: press Train to start a new run")
        )
        return f"{_SEPARATOR.join(parts)} :orange-badge[{change}]"
    if run_view.complete and run_view.run.hardware:
        parts.append(_("trained on {hardware}").format(hardware=run_view.run.hardware))
    return _SEPARATOR.join(parts)


def draw_messages(run: Run) -> None:
    """Draw the notices and errors of a run."""
    status = run.status
    if run.notice:
        st.info(explain(run.notice))
    if status.attempt > 1:
        text = (
            _("The training process crashed. Attempt {attempt} continued from the last saved state of the run.")
            if run.checkpoint and run.checkpoint.events
            else _("The training process crashed. Attempt {attempt} started the run again from the beginning.")
        )
        st.info(text.format(attempt=status.attempt))
    for error in (status.error, status.save_error):
        if error:
            st.error(explain(error))
