"""Changes of settings that are likely to solve a problem. They use only settings that a config has."""

from collections.abc import Iterator, Mapping
from math import floor, log10

from pydantic import ValidationError

from core.training.config import RunConfig

Changes = dict[str, object]

PATIENCE = 20
"""Patience of early stopping in epochs, for settings in which it is a number."""
DROPOUT = 0.2
WEIGHT_DECAY = 1e-2


def valid(config: RunConfig, *candidates: Mapping[str, object]) -> Changes:
    """Return the first of several changes that the settings have, accept, and do not contain already."""
    for changes in candidates:
        known = changes.keys() <= type(config).model_fields.keys()
        differs = known and any(getattr(config, name) != value for name, value in changes.items())
        if differs and accepts(config, changes):
            return dict(changes)
    return {}


def accepts(config: RunConfig, changes: Mapping[str, object]) -> bool:
    """Return whether the changes are valid."""
    try:
        config.changed(**changes)
    except ValidationError:
        return False
    return True


def scaled(config: RunConfig, name: str, factor: float) -> Changes:
    """Return the change that multiplies a setting by a factor, within its limits and rounded to two digits.

    The result is empty if there is no such setting, or if it is at its limit already.
    """
    if name not in type(config).model_fields:
        return {}
    value = getattr(config, name)
    low, high = config.limits(name)
    new = min(max(_two_digits(value * factor), low), high)
    return {name: type(value)(new)} if new != value else {}


def activation(config: RunConfig, *names: str) -> Changes:
    """Return the change to the first activation function of ``names`` that the settings offer."""
    return valid(config, *({"activation": name} for name in names))


def regularization(config: RunConfig) -> Changes:
    """Return the first kind of regularization that the settings offer and do not use yet, or else more samples."""
    offers = ("early_stopping", "dropout", "weight_decay", "l2")
    unused = [name for name in offers if not getattr(config, name, True)]
    values = {"early_stopping": (PATIENCE, True), "dropout": (DROPOUT,), "weight_decay": (WEIGHT_DECAY,), "l2": (0.01,)}
    return valid(config, *({name: value} for name in unused for value in values[name])) or more_data(config)


def more_data(config: RunConfig) -> Changes:
    """Return the change to twice as many samples, if possible."""
    return next((change for name in ("samples", "points", "labels") if (change := scaled(config, name, 2))), {})


def larger_network(config: RunConfig) -> Changes:
    """Return the change to a network with more layers or units, if possible."""
    return valid(config, *_larger(config))


def _larger(config: RunConfig) -> Iterator[Changes]:
    layers = getattr(config, "layers", None)
    if layers == 0:
        yield {"layers": 1, "units_1": 8}
    elif layers:
        yield {name: units for n in range(1, layers + 1) for name, units in scaled(config, f"units_{n}", 2).items()}
    for name in ("hidden_size", "channels", "code"):
        yield scaled(config, name, 2)


def _two_digits(value: float) -> float:
    return round(value, 1 - floor(log10(abs(value)))) if value else 0.0
