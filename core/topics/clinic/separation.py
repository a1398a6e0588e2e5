"""Which test excludes which wrong cause? The numbers of all tests for every possible cause of a case, by seed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.topics.clinic.cases import Case
from core.topics.clinic.config import PRESETS, ClinicConfig
from core.topics.clinic.execution import Execution, source
from core.topics.clinic.mutations import MUTATIONS
from core.topics.clinic.probes import PROBES, Result
from core.topics.clinic.train import trained

CURVES = "curves"
"""The name of the curves of the program, which every learner sees."""

Numbers = Mapping[str, float]
"""Numbers by name: "<test>", "<test>/<detail>", or "curves/<measure>"."""
Range = tuple[float, float]


@dataclass(frozen=True)
class Separation:
    """A number that separates the true cause from a wrong cause: its ranges over the seeds do not overlap.

    ``margin`` is the gap between the ranges, relative to the span of both. It is negative for ranges that overlap.
    """

    number: str
    true: Range
    wrong: Range

    @property
    def test(self) -> str:
        """The name of the test, or "curves"."""
        return self.number.partition("/")[0]

    @property
    def margin(self) -> float:
        """The gap between the ranges, from 0 to 1, relative to the span of both. Negative if they overlap."""
        low, high = sorted([self.true, self.wrong])
        span = max(self.true[1], self.wrong[1]) - low[0]
        return (high[0] - low[1]) / span if span else -1.0


def numbers(case: Case, cause: str, config: ClinicConfig) -> Numbers:
    """Return the numbers of all tests for the program with a mistake, and the last values of its curves.

    Numbers that are not finite become the largest float32 number.
    """
    text = source(case.program, MUTATIONS[case.program][cause])
    updates = config.epochs * Execution(text, config).updates_per_epoch
    program = trained(text, config, [(1, config.learning_rate)], updates)
    names = program.names
    found = {f"{CURVES}/{name}": names[name] for name in names if name.endswith(("_accuracy", "_loss"))}
    found[f"{CURVES}/loss"] = float(names["loss"].detach())
    for name, probe in PROBES.items():
        result: Result = probe(text, config, program)
        found[name] = result.number
        found |= {f"{name}/{detail}": value for detail, value in result.details.items()}
    return {name: value if math.isfinite(value) else 3.4e38 for name, value in found.items()}


def separations(true: Sequence[Numbers], wrong: Sequence[Numbers]) -> list[Separation]:
    """Return the numbers that separate two causes, best first. Each cause has the numbers of several seeds."""
    found = []
    for name in true[0].keys() & wrong[0].keys():
        ranges = [(min(each[name] for each in runs), max(each[name] for each in runs)) for runs in (true, wrong)]
        separation = Separation(name, *ranges)
        if separation.margin > 0:
            found.append(separation)
    return sorted(found, key=lambda each: (-each.margin, each.number))


def numbers_by_cause(case: Case, seeds: Sequence[int], **settings: float) -> dict[str, list[Numbers]]:
    """Return the numbers of every possible cause of a case: cause -> numbers for each seed.

    ``settings`` replace settings of the case, for example to shorten its runs.
    """
    config = PRESETS[case.name].changed(**settings)
    return {cause: [numbers(case, cause, config.changed(seed=seed)) for seed in seeds] for cause in case.causes}
