"""The order in which waiting runs start."""

from collections import Counter
from collections.abc import Iterable

from core.engine.run import Run


def fair_order(waiting: Iterable[Run], *, training: Iterable[Run], runs: Iterable[Run]) -> list[Run]:
    """Return the waiting runs in the order in which they will start.

    The owners of the runs take turns: the next run belongs to the owner with the fewest runs. The runs in ``training``
    and the runs already placed in the order are counted. In a tie, the owner whose most recent run started earliest
    comes first. Runs of the same owner keep their order. ``runs`` contains all runs in memory.
    """
    turns = Counter(run.owner for run in training)
    last_started: dict[str, float] = {}
    for run in runs:
        last_started[run.owner] = max(last_started.get(run.owner, 0), run.started or 0)
    keys = {}
    for run in waiting:
        keys[run] = (turns[run.owner], last_started[run.owner])
        turns[run.owner] += 1
    return sorted(keys, key=keys.__getitem__)
