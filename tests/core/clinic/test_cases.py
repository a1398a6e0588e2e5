"""Each case can be solved, and only by the correct replacement."""

from collections.abc import Mapping
from functools import cache
from typing import get_args

import pytest

from core.topics.clinic.cases import CASES
from core.topics.clinic.config import PRESETS, CaseName
from core.topics.clinic.execution import Execution, given_mutation, source
from core.topics.clinic.mutations import MUTATIONS
from core.topics.clinic.probes import PROBES, Result
from core.topics.clinic.separation import separations
from core.topics.clinic.train import trained

SEEDS = range(5)
EPOCHS = 2
"""Enough for a mistake that begins after the first epoch."""


def test_there_are_fifteen_cases():
    assert len(CASES) == 15
    assert tuple(CASES) == tuple(PRESETS) == get_args(CaseName)


@pytest.mark.parametrize("name", CASES)
def test_a_case_offers_four_causes_and_four_replacements(name):
    case = CASES[name]
    assert len(set(case.causes)) == len(set(case.replacements)) == 4
    assert set(case.causes) - {case.cause} == case.excluded_by.keys()
    assert set(case.causes) <= MUTATIONS[case.program].keys()
    assert case.replacements.count(case.mutation.line) == 1
    assert case.mutation.text not in case.replacements
    assert case.replacements[case.solution - 1] == case.mutation.line
    assert case.source.startswith("https://")


def test_the_order_reveals_nothing():
    for positions in (
        [case.causes.index(case.cause) for case in CASES.values()],
        [case.solution for case in CASES.values()],
    ):
        assert max(positions.count(position) for position in positions) <= 6
        assert len(set(positions)) == 4


def run(text: str, name: str) -> tuple[list[float], list[Mapping[str, float]]]:
    """Return the losses of a shortened run, and its measures after each epoch."""
    program = Execution(text, PRESETS[name])
    losses, measures = [], []
    for _epoch in range(EPOCHS):
        losses += [program.update() for _ in range(program.updates_per_epoch)]
        measures.append(program.finish_epoch())
    return losses, measures


@pytest.mark.parametrize("name", CASES)
def test_only_the_correct_replacement_gives_the_correct_run(name):
    case, config = CASES[name], PRESETS[name]
    correct = run(source(case.program), name)
    for number in range(5):
        changed = run(source(case.program, given_mutation(config.changed(replacement=number))), name)
        assert (changed == correct) == (number == case.solution), number


@cache
def result(program: str, cause: str, test: str, seed: int, name: str) -> Result:
    """Return the result of a test for a program with a mistake. Few tests need the trained program."""
    config, text = PRESETS[name].changed(seed=seed, epochs=EPOCHS), source(program, MUTATIONS[program][cause])
    updates = EPOCHS * Execution(text, config).updates_per_epoch if test == "activations" else 0
    return PROBES[test](text, config, trained(text, config, [(1, config.learning_rate)], updates))


def number_of(case, cause: str, number: str, seed: int) -> float:
    test, _, detail = number.partition("/")
    found = result(case.program, cause, test, seed, case.name)
    return found.details[detail] if detail else found.number


@pytest.mark.parametrize("name", CASES)
def test_a_test_excludes_each_wrong_cause_over_five_seeds(name):
    case = CASES[name]
    for wrong, number in case.excluded_by.items():
        runs = [[{number: number_of(case, cause, number, seed)} for seed in SEEDS] for cause in (case.cause, wrong)]
        assert separations(*runs), (wrong, number, runs)
