"""The settings that were changed during a run, as constants of its program.

The constant ``CHANGES`` maps the number of an update, counted from 1, to the settings with new values from this update
on. Under update 1, it has the initial values of all of these settings.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from core.training.batching import BatchPlan
from core.training.config import Config
from core.training.state import Change, changed_settings

Values = Mapping[int, object]
"""The values of a setting: number of an update -> value from this update on."""


def phases(config: Config, changes: Sequence[Change]) -> Iterator[tuple[int, Config]]:
    """Yield the first update, counted from 1, and the settings of each phase of a run that began with ``config``.

    A phase begins with the next update after a change. The first phase has the initial settings.
    """
    yield 1, config
    for step in dict.fromkeys(change.step for change in changes):
        yield step + 1, changed_settings(config, [(each.name, each.value) for each in changes if each.step <= step])


def values_of(config: Config, changes: Sequence[Change], name: str, *, delay: int = 0) -> dict[int, object]:
    """Return the values of the setting ``name`` in a run that began with ``config``.

    A change takes effect in the next update or, with ``delay``, this number of updates later.
    """
    initial, *later = phases(config, changes)
    return {1: getattr(initial[1], name)} | {first + delay: getattr(settings, name) for first, settings in later}


def constants_of(settings: Mapping[str, Values], *, last: int) -> dict[str, object]:
    """Return ``CHANGES`` and the initial values, for settings given by the names of their constants.

    ``last`` is the last update of the run. Values that are the same in the whole run are not in ``CHANGES``.
    """
    initial: dict[str, object] = {}
    later: dict[int, dict[str, object]] = {}
    for name, own in settings.items():
        initial[name] = latest = own[1]
        for update in sorted(own):
            if update <= last and own[update] != latest:
                later.setdefault(update, {})[name] = latest = own[update]
    if not later:
        return initial
    changed = {name for new in later.values() for name in new}
    first = {name: value for name, value in initial.items() if name in changed}
    return initial | {"CHANGES": {1: first} | {update: later[update] for update in sorted(later)}}


Plan = Callable[[Sequence[Change]], BatchPlan]
"""A function that returns the plan of the batches after some changes."""


def last_update(config: Any, changes: Sequence[Change], plan: Plan) -> int:
    """Return the last update of a run that began with ``config``.

    If the number of epochs is reduced to fewer epochs than are complete, this is the latest update at this time.
    """
    *_earlier, (_first, final) = phases(config, changes)
    return max([change.step for change in changes] + [plan(changes).updates(final.epochs)])


def constants_of_batches(
    config: Any,
    changes: Sequence[Change],
    names: Collection[str],
    *,
    plan: Plan,
    late: Collection[str] = (),
    scheduled: bool = False,
) -> dict[str, object]:
    """Return the constants for a run in epochs, whose batch size and number of epochs may change.

    ``names`` are the other settings that may change. Changes of the settings in ``late`` take effect one update later.
    If ``scheduled`` is true, the constant ``UPDATES`` is the planned number of updates, which determines the learning
    rates of a schedule. ``EPOCHS`` is the final number of epochs. If the run ends during an epoch, ``LAST_UPDATE`` is
    its last update.
    """
    whole = plan(changes)
    last = last_update(config, changes, plan)
    settings: dict[str, Values] = {name.upper(): values_of(config, changes, name, delay=name in late) for name in names}
    settings["BATCH_SIZE"] = {step + 1: size for step, size in whole.batch_sizes.items()}
    if scheduled:
        settings["UPDATES"] = {
            first: plan([change for change in changes if change.step < first]).updates(each.epochs)
            for first, each in phases(config, changes)
        }
    epochs = whole.epochs(last)
    ends = {} if epochs.is_integer() else {"LAST_UPDATE": last}
    return constants_of(settings, last=last) | {"EPOCHS": math.ceil(epochs)} | ends
