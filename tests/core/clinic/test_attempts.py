"""The answers of a learner: their order, their limits, and the file that keeps them."""

import pytest

from core.topics.clinic.attempts import Attempt, Attempts
from core.topics.clinic.cases import CASES
from core.topics.clinic.comparison import largest_difference
from core.topics.clinic.config import PRESETS
from core.topics.clinic.execution import listing
from core.topics.clinic.probes import PROBES

OWNER = "0123456789abcdef" * 2


def wrong_line(case: str) -> int:
    return next(line.number for line in listing(PRESETS[case]) if line.wrong)


@pytest.mark.parametrize("case", CASES)
def test_each_case_is_solved_in_three_clicks(case):
    definition = CASES[case]
    attempt = Attempt(case=case).choose_cause(definition.cause).click_line(wrong_line(case))
    assert attempt.stage == "replacement"
    assert attempt.replace_line(definition.solution).stage == "solved"
    others = (number for number in range(1, 5) if number != definition.solution)
    assert all(attempt.replace_line(number).stage == "replacement" for number in others)


def test_answers_out_of_turn_change_nothing():
    start = Attempt(case="loss_stays_high")
    assert start.click_line(wrong_line("loss_stays_high")) is start
    assert start.replace_line(2) is start
    assert start.run_test("shapes") is start
    assert start.choose_cause("no_such_cause") is start
    blank = next(line.number for line in listing(PRESETS["loss_stays_high"]) if not line.text.strip())
    chosen = start.choose_cause("wrong_labels")
    assert chosen.click_line(blank) is chosen
    assert chosen.choose_cause("wrong_labels") is chosen


def test_three_tests_can_be_run_and_the_cause_may_change_after_each():
    attempt = Attempt(case="loss_stays_high").choose_cause("wrong_labels")
    for test in PROBES:
        attempt = attempt.run_test(test)
    assert attempt.tests == tuple(PROBES)[:3]
    assert attempt.tests_left == 0
    assert attempt.run_test(attempt.tests[0]) is attempt
    attempt = attempt.choose_cause("softmax_in_model").click_line(1)
    assert (attempt.causes, attempt.wrong_lines) == (("wrong_labels", "softmax_in_model"), (1,))


def test_a_file_keeps_the_answers_of_each_learner(tmp_path):
    attempts = Attempts(tmp_path / "folder")
    assert attempts.load(OWNER) == {}
    saved = {case: Attempt(case=case).choose_cause(CASES[case].cause) for case in list(CASES)[:2]}
    attempts.save(OWNER, saved)
    assert Attempts(tmp_path / "folder").load(OWNER) == saved
    assert attempts.load("f" * 32) == {}
    with pytest.raises(ValueError, match="owner"):
        attempts.load("../" + OWNER)


@pytest.mark.parametrize("text", ["{", "3", '[3, {"case": "of_the_past"}]'])
def test_a_damaged_file_counts_as_no_answers(tmp_path, text):
    (tmp_path / f"{OWNER}.json").write_text(text)
    assert Attempts(tmp_path).load(OWNER) == {}


def test_the_largest_difference_is_relative_and_prefers_measures_of_epochs():
    metrics = {"loss/given": 2.0, "loss/correct": 0.1, "train_accuracy/given": 0.9, "train_accuracy/correct": 1.0}
    metrics |= {"test_accuracy/given": 0.5, "test_accuracy/correct": 0.9}
    assert largest_difference(metrics) == ("test_accuracy", 0.5, 0.9)
    assert largest_difference({"loss/given": None, "loss/correct": 0.1}) == ("loss", None, 0.1)
