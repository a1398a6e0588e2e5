"""Descriptor of the "Debugging clinic" page. This module does not import torch."""

from pages.components.text import _
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "find the wrong line in programs that train without an error message; look at curves and predictions, choose "
        "the cause, run up to three tests, click the wrong line, and replace it; compare the broken run with the fixed "
        "run"
    )


def _learning_goals() -> str:
    return _(
        "which mistakes PyTorch does not report, and how their curves look; what a test shows: the loss before "
        "training, overfitting one batch, gradients, activations, shapes, a look at the batch, permuted labels"
    )


PAGE = PageSpec(
    name="clinic",
    section="basics",
    position=5,
    icon="troubleshoot",
    title=lambda: _("Debugging clinic"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("clinic",),
    sentence=lambda: _("Find the wrong line in a program."),
)
