"""The clinic's cases: which test excludes which wrong cause over five seeds, and how long a run takes."""

import time
from collections.abc import Iterator

from benchmarks import health
from benchmarks.report import Figure
from core.topics.clinic.cases import CASES
from core.topics.clinic.config import PRESETS
from core.topics.clinic.separation import CURVES, Separation, numbers_by_cause, separations
from core.topics.clinic.train import train
from core.training.progress import run_to_end
from core.training.timing import threads

SEEDS = range(5)
MAX_SECONDS = 10.0
"""Longest processor time of a run, with all its tests."""


def measure_cases() -> Iterator[Figure]:
    """Yield for each wrong cause the number of tests that exclude it, and print their ranges."""
    for name, case in CASES.items():
        numbers = numbers_by_cause(case, SEEDS)
        for wrong in case.causes:
            if wrong == case.cause:
                continue
            found = separations(numbers[case.cause], numbers[wrong])
            best: dict[str, Separation] = {}
            for separation in found:
                best.setdefault(separation.test, separation)
            for separation in best.values():
                true, other = ("{:.3g} to {:.3g}".format(*each) for each in (separation.true, separation.wrong))
                print(f"    {separation.number}: {true}; {wrong}: {other}")
            tests = [test for test in best if test != CURVES]
            note = "" if CURVES in best else " (hidden from the curves)"
            yield Figure(f"{name} / {wrong}: tests that exclude it{note}", [len(tests)], at_least=1)
            chosen = [each for each in found if each.number == case.excluded_by[wrong]]
            yield Figure(f"{name} / {wrong}: {case.excluded_by[wrong]} does", [len(chosen)], at_least=1)


def measure_seconds() -> Iterator[Figure]:
    """Yield the processor time of each preset."""
    for name, config in PRESETS.items():
        began = time.process_time()
        run_to_end(train(config), lambda _event: None)
        yield Figure(f"{name}: processor time", [time.process_time() - began], "s", at_most=MAX_SECONDS)


def measure() -> Iterator[Figure]:
    """Yield all figures, with one thread, and those of the health checks."""
    with threads(1):
        yield from measure_seconds()
        yield from measure_cases()
    yield from health.measure()
