"""The tests that the learner runs before the wrong line is found, and the answer, which may change after each test."""

import streamlit as st

from core.topics.clinic.attempts import MAX_TESTS, Attempt
from core.topics.clinic.probes import ProbeName
from pages.clinic import case_texts, labels, progress
from pages.components.text import _, ngettext

_DISPLAYED = "clinic.displayed_test"
"""Session key of the case and the test whose result is displayed, or None while the curves are displayed."""


def displayed_test(attempt: Attempt) -> ProbeName | None:
    """Return the test whose result is displayed, or None if the curves are displayed."""
    case, test = st.session_state.get(_DISPLAYED, (None, None))
    return test if case == attempt.case and test in attempt.tests else None


def show_curves() -> None:
    """Display the curves in place of the result of a test."""
    st.session_state.pop(_DISPLAYED, None)


def draw_answer(attempt: Attempt) -> None:
    """Draw the current answer, which the learner can change."""
    key = f"clinic.answer.{attempt.case}"
    causes = attempt.definition.causes

    def changed() -> None:
        progress.answer(attempt.case, lambda before: before.choose_cause(st.session_state[key]))

    st.selectbox(
        _("Your answer: what is wrong?"),
        causes,
        index=causes.index(attempt.causes[-1]),
        format_func=lambda cause: _("Your answer: {cause}").format(cause=case_texts.causes()[cause]),
        label_visibility="collapsed",
        key=key,
        on_change=changed,
    )


def draw(attempt: Attempt) -> None:
    """Draw a button for each test. A click runs the test or, if it was run before, shows its result again."""
    left = attempt.tests_left
    st.caption(
        ngettext(
            "Not sure? **{count} of {total} tests** left. A test shows a number and a figure in place of the curves.",
            "Not sure? **{count} of {total} tests** left. A test shows a number and a figure in place of the curves.",
            left,
        ).format(count=left, total=MAX_TESTS)
    )
    current = displayed_test(attempt)

    def show(test: ProbeName | None) -> None:
        if test:
            progress.answer(attempt.case, lambda before: before.run_test(test))
        st.session_state[_DISPLAYED] = (attempt.case, test)

    with st.container(key="clinic-tests", horizontal=True, gap="small"):
        if attempt.tests:
            st.button(
                _("Curves"),
                key="clinic.show.curves",
                icon=":material/show_chart:",
                type="secondary" if current else "primary",
                on_click=show,
                args=(None,),
            )
        for test, title in labels.tests().items():
            is_known = test in attempt.tests
            st.button(
                title,
                key=f"clinic.show.{test}",
                icon=":material/check:" if is_known else None,
                type="primary" if test == current else "secondary",
                help=labels.descriptions()[test],
                disabled=not (left or is_known),
                on_click=show,
                args=(test,),
            )
