"""Health checks: findings from what a run tells, such as dead units or a learning rate that is too high."""

from core.training.health.checks import findings
from core.training.health.finding import Finding, Severity
from core.training.health.sentences import ADVICE, SENTENCES, TITLES, describe
from core.training.health.signals import Series, Signals, layer_series, run_end, series

__all__ = [
    "ADVICE",
    "SENTENCES",
    "TITLES",
    "Finding",
    "Series",
    "Severity",
    "Signals",
    "describe",
    "findings",
    "layer_series",
    "run_end",
    "series",
]
