"""Descriptor of the "Optimizers" page. This module does not import torch."""

from pages.components.text import _
from pages.optimizers.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "drag the starting point on a loss surface, or type a formula, and watch GD, SGD, Momentum, Nesterov, "
        "Adagrad, RMSprop, Adadelta, Adam, AdamW, and L-BFGS descend; train 126 real networks at once, with six "
        "optimizers, seven learning rates, and three seeds; compare five learning-rate schedules"
    )


def _learning_goals() -> str:
    return _(
        "the update rules and their differences; why a comparison at one learning rate is unfair; learning-rate "
        "sensitivity; the effects of seeds, label noise, and schedules"
    )


def _warm_up() -> None:
    """Compute the gradient noise and the schedules of the recording in advance."""
    from pages.components.server import recording
    from pages.optimizers.lr_schedules import view

    view.warm_up(recording("lr_schedules-digits"))


PAGE = PageSpec(
    name="optimizers",
    section="basics",
    position=4,
    icon="downhill_skiing",
    title=lambda: _("Optimizers"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("optimizer_race", "lr_schedules"),
    warm_up=_warm_up,
    sentence=lambda: _("Watch SGD, Momentum, and Adam descend a loss surface. Then compare how they train networks."),
    errors=messages,
)
