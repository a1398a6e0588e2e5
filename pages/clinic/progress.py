"""The learner's progress: the attempt in the displayed case, which is kept when the page is closed."""

from collections.abc import Callable

from core.topics.clinic.attempts import Attempt, Attempts
from core.topics.clinic.config import CaseName
from pages.components.owner import owner
from pages.components.server import engine


def load() -> dict[CaseName, Attempt]:
    """Return the learner's attempts by case."""
    return _attempts().load(owner())


def attempt(case: CaseName) -> Attempt:
    """Return the learner's attempt in a case."""
    return load().get(case) or Attempt(case=case)


def is_revealed(case: CaseName) -> bool:
    """Return whether the learner has solved a case, so that its cause may be shown."""
    return attempt(case).stage == "solved"


def answer(case: CaseName, change: Callable[[Attempt], Attempt]) -> Attempt:
    """Apply an answer to the learner's attempt in a case, save the attempt, and return it."""
    saved = load()
    before = saved.get(case) or Attempt(case=case)
    after = change(before)
    if after is not before:
        _attempts().save(owner(), saved | {case: after})
    return after


def start_over(case: CaseName | None = None) -> None:
    """Forget the learner's attempt in a case or, without ``case``, in all cases."""
    _attempts().save(owner(), {name: saved for name, saved in load().items() if case not in (None, name)})


def _attempts() -> Attempts:
    return Attempts(engine().store.folder / ".clinic")
