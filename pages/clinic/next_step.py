"""What the learner does next: choose a cause, click the wrong line, choose a replacement, or go to the next case."""

import streamlit as st

from core.engine import Run
from core.topics.clinic.attempts import Attempt
from core.topics.clinic.config import CaseName, ClinicConfig
from pages.clinic import bought_tests, case_texts, progress, repair
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _


def choose_cause(case: CaseName, cause: str) -> None:
    """Take the learner's answer about the cause."""
    progress.answer(case, lambda attempt: attempt.choose_cause(cause))


def click_line(case: CaseName, line: int) -> None:
    """Take a click on a line of the program."""
    if progress.answer(case, lambda attempt: attempt.click_line(line)).line_found:
        bought_tests.show_curves()


def draw(
    panel: RunPanel[ClinicConfig], run_view: RunView[ClinicConfig], given: Run[ClinicConfig], attempt: Attempt
) -> None:
    """Draw the next step of a case. ``given`` is the run of the given program."""
    steps = [("cause", _("Cause")), ("line", _("Line")), ("replacement", _("Fix"))]
    current = [name for name, _title in steps].index(attempt.stage) if attempt.stage != "solved" else len(steps)
    marks = [
        f"✓ {title}" if position < current else f"**{position + 1} {title}**" if position == current else title
        for position, (_name, title) in enumerate(steps)
    ]
    with st.container(key="clinic-steps"):
        st.markdown(" → ".join(marks))
    if attempt.stage == "cause":
        _draw_causes(attempt)
    elif attempt.stage == "line":
        _draw_search(attempt)
    elif attempt.stage == "replacement":
        repair.draw(panel, run_view, given, attempt)
    else:
        repair.draw_solution(panel, attempt)


def _draw_causes(attempt: Attempt) -> None:
    st.markdown(_("#### What is wrong?"))
    with st.container(key="clinic-causes"):
        for cause in attempt.definition.causes:
            st.button(
                case_texts.causes()[cause],
                key=f"clinic.cause.{attempt.case}.{cause}",
                width="stretch",
                on_click=choose_cause,
                args=(attempt.case, cause),
            )
    st.caption(_("One program line is wrong. Choose the most probable cause. You can change your answer later."))


def _draw_search(attempt: Attempt) -> None:
    st.markdown(_("#### Click the wrong line in the program"))
    if attempt.wrong_lines:
        text = _("**Line {line} is correct.** Try another line.").format(line=attempt.wrong_lines[-1])
        st.markdown(f":orange[{text}]")
    bought_tests.draw_answer(attempt)
    bought_tests.draw(attempt)
