"""The choice of one network for a program, from a run that trains many networks."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """A property that differs between the networks of a run, such as the optimizer."""

    values: Sequence[Any]
    """The values of the property, each in at least one network."""
    default: Any
    """The value if nothing is chosen."""


def select(choices: Mapping[str, Choice], chosen: Mapping[str, object]) -> dict[str, Any]:
    """Return a value for each name in ``choices``: the value in ``chosen``, otherwise the default.

    The values in ``chosen`` may be text. Raises ValueError if a name or a value is not in ``choices``.
    """
    if unknown := chosen.keys() - choices.keys():
        known = ", ".join(choices) or "none"
        raise ValueError(f"unknown property of a network: {', '.join(sorted(unknown))} (known: {known})")
    selected = {}
    for name, choice in choices.items():
        values = {str(value): value for value in choice.values}
        wanted = str(chosen.get(name, choice.default))
        if wanted not in values:
            raise ValueError(f"{name} = {wanted} is not one of: {', '.join(values)}")
        selected[name] = values[wanted]
    return selected
