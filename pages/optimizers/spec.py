"""The descriptor of the page "Optimizers". It imports no torch."""

from pages.components.text import _
from pages.optimizers.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "drag the start on a loss surface, or type one, and let GD, SGD, Momentum, Nesterov, Adagrad, RMSProp, "
        "Adadelta, Adam, AdamW and L-BFGS descend from there; race 126 real networks at once, every optimizer "
        "at seven learning rates and three seeds; train with one optimizer under five schedules"
    )


def _learning_goals() -> str:
    return _(
        "what each rule adds to the one before; that a comparison at one learning rate compares learning rates; "
        "how sensitive an optimizer is to its learning rate; what seeds, label noise and schedules do"
    )


def _warm_up() -> None:
    """Compute the gradient noise and the schedules of the recording."""
    from pages.components.server import recording
    from pages.optimizers.lr_schedules import view

    view.warm_up(recording("lr_schedules-digits"))


PAGE = PageSpec(
    name="optimizers",
    section="basics",
    position=3,
    icon="downhill_skiing",
    title=lambda: _("Optimizers"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("optimizer_race", "lr_schedules"),
    warm_up=_warm_up,
    sentence=lambda: _("See the trajectories of SGD, Momentum and Adam, then let them race."),
    errors=messages,
)
