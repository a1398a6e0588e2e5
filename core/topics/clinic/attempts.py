"""A learner's attempts: the answers in each case, in a file for each learner."""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.topics.clinic.cases import CASES, Case
from core.topics.clinic.config import PRESETS, CaseName
from core.topics.clinic.execution import listing
from core.topics.clinic.probes import ProbeName

MAX_TESTS = 3
"""Maximum number of tests in each case."""
Stage = Literal["cause", "line", "replacement", "solved"]
"""What the learner does next: choose a cause, click the wrong line, or choose a replacement."""
_OWNER = re.compile(r"[0-9a-f]{32}")
logger = logging.getLogger(__name__)


class Attempt(BaseModel):
    """The answers of a learner in one case. Methods return a new attempt; an answer out of turn changes nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    case: CaseName
    causes: tuple[str, ...] = ()
    """The chosen causes in order. The last one is the learner's current answer."""
    tests: tuple[ProbeName, ...] = ()
    """The tests that the learner has run."""
    wrong_lines: tuple[int, ...] = ()
    """The numbers of the correct lines that the learner has clicked."""
    line_found: bool = False
    replacements: tuple[int, ...] = ()
    """The numbers of the replacements that the learner has tried, from 1 to 4."""

    @property
    def stage(self) -> Stage:
        """What the learner does next."""
        if not self.causes:
            return "cause"
        if not self.line_found:
            return "line"
        return "solved" if self.definition.solution in self.replacements else "replacement"

    @property
    def definition(self) -> Case:
        """The case."""
        return CASES[self.case]

    @property
    def tests_left(self) -> int:
        """The number of tests that the learner may still run."""
        return MAX_TESTS - len(self.tests)

    def choose_cause(self, cause: str) -> "Attempt":
        """Choose a cause, or change the answer before the case is solved."""
        if self.stage == "solved" or cause not in self.definition.causes or self.causes[-1:] == (cause,):
            return self
        return self.model_copy(update={"causes": (*self.causes, cause)})

    def run_test(self, test: ProbeName) -> "Attempt":
        """Spend one of the tests. A test that was run before costs nothing."""
        if self.stage in ("cause", "solved") or test in self.tests or not self.tests_left:
            return self
        return self.model_copy(update={"tests": (*self.tests, test)})

    def click_line(self, number: int) -> "Attempt":
        """Click a line of the program, counted from 1."""
        if self.stage != "line":
            return self
        lines = {line.number: line for line in listing(PRESETS[self.case])}
        if number not in lines or not lines[number].text.strip():
            return self
        if lines[number].wrong:
            return self.model_copy(update={"line_found": True})
        return self.model_copy(update={"wrong_lines": (*self.wrong_lines, number)})

    def replace_line(self, replacement: int) -> "Attempt":
        """Replace the wrong line. ``replacement`` is a number from 1 to 4."""
        if self.stage != "replacement" or replacement not in range(1, len(self.definition.replacements) + 1):
            return self
        tried = tuple(number for number in self.replacements if number != replacement)
        return self.model_copy(update={"replacements": (*tried, replacement)})


class Attempts:
    """The attempts of all learners. Each learner has a file in ``folder``, which is created for the first answer."""

    def __init__(self, folder: Path):
        self.folder = folder

    def load(self, owner: str) -> dict[CaseName, Attempt]:
        """Return the attempts of a learner by case. A damaged file counts as no attempts."""
        attempts: dict[CaseName, Attempt] = {}
        file = self._file(owner)
        try:
            saved = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return attempts
        except (OSError, ValueError) as problem:
            logger.warning("The attempts of a learner cannot be read: %s", problem)
            return attempts
        for values in saved if isinstance(saved, list) else ():
            try:
                attempt = Attempt.model_validate(values)
            except ValidationError:  # a case that no longer exists
                continue
            attempts[attempt.case] = attempt
        return attempts

    def save(self, owner: str, attempts: Mapping[CaseName, Attempt]) -> None:
        """Write the attempts of a learner atomically. A write error is logged."""
        file = self._file(owner)
        text = json.dumps([attempt.model_dump(mode="json") for attempt in attempts.values()])
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(".part")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(file)
        except OSError as problem:
            logger.warning("The attempts of a learner were not saved: %s", problem)

    def _file(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"Not a valid owner: {owner!r}")
        return self.folder / f"{owner}.json"
