"""The rules of the queue: which run is next, and which paused run is stopped."""

from collections import Counter
from collections.abc import Collection, Iterable

from core.engine.run import Run
from core.errors import CoreError


def fair_order(waiting: Iterable[Run], *, training: Iterable[Run], runs: Iterable[Run]) -> list[Run]:
    """Return the waiting runs, next first.

    An owner with fewer runs in training comes first, then the one whose last run started earlier. Runs of one owner
    keep their order. ``runs`` are all runs in memory.
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


def reason_to_stop(
    run: Run, *, waiting_owners: Collection[str], now: float, unwatched: float, idle: float
) -> CoreError | None:
    """Return why a paused run is stopped, or None. See `Engine` for the limits in seconds.

    ``waiting_owners`` are the owners of the runs that wait for its worker.
    """
    if now - run.touched > unwatched:
        return CoreError("unwatched", minutes=unwatched / 60)
    if run.owner in waiting_owners:
        return CoreError("preempted_by_owner")
    if waiting_owners and now - run.commanded > idle:
        return CoreError("preempted_idle", minutes=idle / 60)
    return None
