"""The page "Debugging clinic" as the server draws it: from the first cause to the next case."""

import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.clinic.cases import CASES
from core.topics.clinic.config import PRESETS
from core.topics.clinic.execution import listing
from core.topics.clinic.probes import PROBES
from pages.clinic import case_texts, labels
from tests.pages.helpers import button, component, components, line_charts, lines_of, progress, run_of, text, trigger
from tests.waiting import wait_for


def by_key(app: AppTest, key: str):
    return next(each for each in app.button if each.key == key)


def click_line(app: AppTest, number: int) -> None:
    (drawn,) = (each for each in components(app) if each.component_name == "clinic_program")
    trigger(app, drawn.id, "line", number)


def code(app: AppTest) -> list[tuple[str, str]]:
    """Return the text and the state of each line."""
    lines = component(app, "clinic_program")["lines"]
    return [(unescape(re.sub("<[^>]*>", "", line["html"])).strip(), line["state"]) for line in lines]


def curves(app: AppTest) -> set[str]:
    """Return the names of the lines in the charts of the page."""
    return {name for chart in line_charts(app) for name in lines_of(chart)}


def wrong_line(case: str) -> int:
    return next(line.number for line in listing(PRESETS[case]) if line.wrong)


def find_the_line(app: AppTest, case: str) -> None:
    by_key(app, f"clinic.cause.{case}.{CASES[case].cause}").click().run()
    click_line(app, wrong_line(case))


@pytest.mark.parametrize("case", PRESETS)
def test_every_case_opens_with_its_recording_and_without_the_solution(open_page, case):
    app = open_page("clinic", preset=case)
    assert progress(app).startswith("Recording")
    assert [line for line, _state in code(app)] == [line.text.strip() for line in listing(PRESETS[case])]
    assert not any(state for _line, state in code(app))
    assert curves(app) <= {"given"}
    assert case_texts.explanations()[case] not in text(app)
    assert f"Source: {CASES[case].source}" not in text(app)
    causes = {each.key for each in app.button if (each.key or "").startswith("clinic.cause.")}
    assert causes == {f"clinic.cause.{case}.{cause}" for cause in CASES[case].causes}


def test_the_first_case_is_solved_in_three_clicks_and_stays_solved(open_page):
    case = "loss_stays_high"
    app = open_page("clinic")
    by_key(app, f"clinic.cause.{case}.softmax_in_model").click().run()
    assert component(app, "clinic_program")["clickable"]
    click_line(app, wrong_line(case))
    by_key(app, f"clinic.replacement.{case}.{CASES[case].solution}").click().run()
    assert not app.exception
    assert "Your answer was correct" in text(app)
    assert case_texts.explanations()[case] in text(app)
    assert f"Source: {CASES[case].source}" in text(app)
    assert curves(app) == {"given", "correct"}
    assert [state for _line, state in code(app) if state] == ["removed", "added"]
    assert "1 of 15 cases solved" in text(app)
    by_key(app, "clinic.next_case").click().run()
    assert app.query_params["preset"] == list(PRESETS)[1]
    assert curves(app) == {"given"}
    by_key(app, f"clinic.case.{case}").click().run()
    assert curves(app) == {"given", "correct"}


def test_a_correct_line_is_not_the_wrong_line(open_page):
    app = open_page("clinic")
    by_key(app, "clinic.cause.loss_stays_high.wrong_labels").click().run()
    click_line(app, 1)
    assert "Line 1 is correct." in text(app)
    assert code(app)[0][1] == "correct"
    click_line(app, wrong_line("loss_stays_high"))
    by_key(app, "clinic.replacement.loss_stays_high.2").click().run()
    assert "But the cause is: **Softmax" in text(app)


@pytest.mark.parametrize(
    ("case", "tests"),
    [
        ("fit_is_a_flat_line", ("shapes", "batch", "permuted_labels")),
        ("old_task_gets_worse", ("gradients", "activations", "batch")),
        ("own_digits_are_misread", ("initial_loss", "batch", "shapes")),
        ("accuracy_differs_each_time", ("permuted_labels", "one_batch", "activations")),
        ("accuracy_stays_at_ten_percent", ("gradients", "initial_loss", "one_batch")),
    ],
)
def test_three_tests_show_a_number_each(open_page, case, tests):
    app = open_page("clinic", preset=case)
    by_key(app, f"clinic.cause.{case}.{CASES[case].causes[0]}").click().run()
    for number, test in enumerate(tests, 1):
        by_key(app, f"clinic.show.{test}").click().run()
        assert not app.exception
        assert f"#### {labels.tests()[test]}: " in text(app)
        assert f"**{3 - number} of 3 tests** left" in text(app)
    assert [by_key(app, f"clinic.show.{test}").disabled for test in PROBES] == [test not in tests for test in PROBES]
    by_key(app, "clinic.show.curves").click().run()
    assert curves(app) <= {"given"}
    app.selectbox(key=f"clinic.answer.{case}").set_value(CASES[case].cause).run()
    click_line(app, wrong_line(case))
    by_key(app, f"clinic.replacement.{case}.{CASES[case].solution}").click().run()
    assert "**Fixed.**" in text(app)


def test_a_wrong_replacement_is_trained_and_compared(open_page, engine):
    case = "fit_is_cut_off"
    app = open_page("clinic", preset=case)
    find_the_line(app, case)
    by_key(app, f"clinic.replacement.{case}.1").click().run()
    run = run_of(app, engine)
    assert run.config == PRESETS[case].changed(replacement=1)
    wait_for(lambda: run.status.state.final)
    app.run()
    assert "**Not fixed.**" in text(app)
    assert curves(app) == {"given", "tried"}
    assert [state for _line, state in code(app) if state] == ["tried"]
    by_key(app, f"clinic.replacement.{case}.{CASES[case].solution}").click().run()
    assert curves(app) == {"given", "correct"}
    assert progress(app).startswith("Recording")
    assert "Settings changed" not in progress(app)


def test_the_given_program_is_trained_with_other_settings_beside_its_recording(open_page, engine):
    app = open_page("clinic", preset="fit_is_cut_off", epochs="3")
    assert "for epoch in range(3):" in [line for line, _state in code(app)]
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.status.state.final)
    app.run()
    assert curves(app) == {"given", "previous"}


def test_the_steps_of_preprocessing_are_switches_after_the_fix(open_page):
    case = "own_digits_are_misread"
    app = open_page("clinic", preset=case)
    assert not app.toggle
    find_the_line(app, case)
    by_key(app, f"clinic.replacement.{case}.{CASES[case].solution}").click().run()

    def accuracy() -> float:
        return float(re.search(r"classifies ([\d.]+)% of the photos", text(app))[1])

    complete = accuracy()
    app.toggle(key="clinic.step.invert").set_value(False).run()
    assert accuracy() < complete - 30


def test_answers_can_be_deleted(open_page):
    app = open_page("clinic")
    find_the_line(app, "loss_stays_high")
    button(app, "Solve this case again").click().run()
    assert "What is wrong?" in text(app)
    find_the_line(app, "loss_stays_high")
    button(app, "Delete my answers").click().run()
    assert "What is wrong?" in text(app)
