"""The main view: the situation, the program, the curves or the result of a test, and what the learner does next."""

from dataclasses import dataclass

import streamlit as st

from core.engine import Run
from core.errors import CoreError
from core.topics.clinic.config import ClinicConfig
from core.training.progress import Progress
from pages.clinic import (
    case_texts,
    curves,
    labels,
    next_step,
    preprocessing_view,
    probe_views,
    program_view,
    progress,
    repair,
)
from pages.clinic.bought_tests import displayed_test
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.server import engine, recording
from pages.components.text import _


@dataclass
class _PageState:
    """Session state of the page."""

    given: str | None = None
    """The id of the run of the given program that was displayed last, or None for its recording."""
    case: str = ""
    """The case of this run."""


def draw_main(panel: RunPanel[ClinicConfig], run_view: RunView[ClinicConfig], previous: Run | None) -> None:
    """Draw the case of the displayed run. The correct program's curves are drawn only if the case is solved."""
    if st.session_state.pop(repair.REDRAW, False):
        st.rerun()
    case = run_view.config.case
    config = panel.settings.config if panel.settings.config.case == case else run_view.config
    attempt, given = progress.attempt(case), _given_run(run_view)
    with st.container(key="clinic-view"):
        with st.container(key="clinic-situation"):
            st.markdown(
                _("**Case {number}: {title}.** {situation}").format(
                    number=labels.case_number(case),
                    title=case_texts.titles()[case],
                    situation=case_texts.situations()[case],
                )
            )
        with st.container(key="clinic-listing"):
            program_view.draw(config, attempt, lambda line: next_step.click_line(case, line))
        with st.container(key="clinic-evidence"):
            test = displayed_test(attempt)
            if test and (result := _result(given)):
                probe_views.draw(test, result, classification=_is_classification(result))
            else:
                curves.draw(run_view, given, attempt, previous)
                if attempt.stage == "solved" and (result := _result(given)):
                    preprocessing_view.draw(result)
        with st.container(key="clinic-next"):
            next_step.draw(panel, run_view, given, attempt)


def _given_run(run_view: RunView[ClinicConfig]) -> Run[ClinicConfig]:
    """Return the run of the given program: the displayed run or, if that tries a replacement, the one before."""
    state: _PageState = st.session_state.setdefault("clinic.page", _PageState())
    case = run_view.config.case
    if run_view.config.replacement == 0:
        state.given, state.case = None if run_view.recorded else run_view.run.id, case
        return run_view.run
    if state.given and state.case == case:
        try:
            return engine().find(state.given)
        except CoreError:  # it was removed
            state.given = None
    return recording(f"clinic-{case}")


def _result(given: Run[ClinicConfig]) -> Progress | None:
    """Return the event with the results of the tests: of the given program or, until it has ended, of its recording."""
    for run in (given, recording(f"clinic-{given.settings.case}")):
        event = next((event for event in reversed(run.history()) if "test/initial_loss" in event.metrics), None)
        if event:
            return event
    return None


def _is_classification(result: Progress) -> bool:
    return "test_accuracy/given" in result.metrics
