"""The replacement of the wrong line, and the solution of the case."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from core.engine import Run
from core.errors import CoreError
from core.topics.clinic.attempts import Attempt
from core.topics.clinic.comparison import largest_difference
from core.topics.clinic.config import PRESETS, ClinicConfig
from core.topics.clinic.execution import shown
from pages.clinic import case_texts, labels, progress
from pages.components.errors import explain
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.run.state import is_active
from pages.components.text import _, ngettext

REDRAW = "clinic.redraw"
"""Session key that is set if the whole page must be redrawn, not only the main view."""


def draw(
    panel: RunPanel[ClinicConfig], run_view: RunView[ClinicConfig], given: Run[ClinicConfig], attempt: Attempt
) -> None:
    case, config = attempt.definition, given.settings
    st.markdown(_("#### Replace the wrong line"))
    if run_view.config.replacement:
        _draw_outcome(run_view)
    wrong = case.mutation.text
    st.markdown(_("Instead of `{line}`:").format(line=shown(wrong, config)))

    def replace(number: int) -> None:
        after = progress.answer(attempt.case, lambda before: before.replace_line(number))
        try:
            if after.stage == "solved":
                _show_given(panel, given)
            else:
                panel.settings.replace(config.changed(replacement=number))
                panel.start()
        except CoreError as error:
            panel.state.problem = explain(error)

    with st.container(key="clinic-replacements"):
        for number, line in enumerate(case.replacements, 1):
            _button(
                f"`{shown(line, config)}`",
                key=f"clinic.replacement.{attempt.case}.{number}",
                on_click=partial(replace, number),
                disabled=number in attempt.replacements,
            )


def _button(
    label: str, *, key: str, on_click: Callable[[], None], disabled: bool = False, primary: bool = False
) -> None:
    """Draw a button whose click redraws the whole page, not only the main view."""

    def clicked() -> None:
        on_click()
        st.session_state[REDRAW] = True

    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    st.button(label, key=key, width="stretch", on_click=clicked, disabled=disabled, type=kind)


def _show_given(panel: RunPanel[ClinicConfig], given: Run[ClinicConfig]) -> None:
    """Display the run of the given program again. It contains the correct program's curves."""
    if panel.run and panel.run.id == given.id:
        return
    if panel.run:
        panel.run.stop()
    recorded = given is panel.recording
    panel.state.run, panel.state.previous = None if recorded else given.id, panel.state.run
    panel.settings.replace(given.settings)


def _draw_outcome(run_view: RunView[ClinicConfig]) -> None:
    """Say whether the displayed run, which tries a replacement, still differs from the correct program."""
    if is_active(run_view.run) or not run_view.history:
        st.markdown(_("Training with your line …"))
        return
    measure, tried, correct = largest_difference(run_view.history[-1].metrics)
    text = _("**Not fixed.** At the end, the {measure} is {tried}. With the correct line, it is {correct}.")
    text = text.format(
        measure=labels.measures()[measure], tried=labels.value(measure, tried), correct=labels.value(measure, correct)
    )
    st.markdown(f":orange[{text}]")


def draw_solution(panel: RunPanel[ClinicConfig], attempt: Attempt) -> None:
    """Draw the cause, its explanation and source, and a button for the next case."""
    case, texts = attempt.definition, case_texts.causes()
    first, last, cause = texts[attempt.causes[0]], texts[attempt.causes[-1]], texts[case.cause]
    if attempt.causes[-1] != case.cause:
        verdict = _("**Fixed.** Your answer was: {answer} But the cause is: **{cause}**")
    elif attempt.causes[0] != case.cause:
        verdict = _("**Fixed.** First you chose: {first} Then you found the cause: **{cause}**")
    else:
        verdict = _("**Fixed.** Your answer was correct: **{cause}**")
    st.markdown(verdict.format(answer=last, first=first, cause=cause))
    st.markdown(case_texts.explanations()[attempt.case])
    excluding = dict.fromkeys(number.partition("/")[0] for number in case.excluded_by.values())
    tests = ", ".join(labels.tests()[test] for test in labels.tests() if test in excluding)
    st.caption(
        _("Tests that exclude the other answers: {tests}. Source: {address}").format(tests=tests, address=case.source)
    )
    names = list(PRESETS)
    solved = {name for name, saved in progress.load().items() if saved.stage == "solved"}
    later = [*names[names.index(attempt.case) + 1 :], *names]
    following = next((name for name in later if name not in solved), None)

    def choose(name: str) -> None:
        panel.settings.choose(name)
        panel.show_recording()

    if following:
        with st.container(key="clinic-next-case"):
            _button(
                _("Next case: {title}").format(title=case_texts.titles()[following]),
                key="clinic.next_case",
                on_click=partial(choose, following),
                primary=True,
            )
    else:
        st.markdown(
            ngettext("**You have solved the case.**", "**You have solved all {count} cases.**", len(names)).format(
                count=len(names)
            )
        )
