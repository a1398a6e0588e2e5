"""The result of a health check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.training.health.signals import Series

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """A problem of a run, with the measurements that show it and a change of the settings that is likely to help."""

    code: str
    """The problem, for example "vanishing_gradients". `core.training.health.sentences` has a sentence for each code."""
    severity: Severity
    """An error keeps the network from learning. A warning makes the result worse than it could be."""
    step: int
    """The update at which the problem was found."""
    values: Mapping[str, float | str] = field(default_factory=dict)
    """The numbers and the layer in the sentence, by the names of its placeholders."""
    evidence: Mapping[str, Series] = field(default_factory=dict)
    """The curves that show the problem, by the name of a field of `Signals` or by layer."""
    limits: tuple[float, ...] = ()
    """The thresholds of the check, on the vertical axis of the evidence."""
    changes: Mapping[str, object] = field(default_factory=dict)
    """Settings that are likely to help, for ``config.changed(**changes)``. Empty if there are no such settings."""
