"""The descriptor of the page "Foundations". It imports no torch."""

from pages.components.text import _
from pages.foundations.errors import messages
from pages.registry import PageSpec


def _draw_teaser() -> None:
    from pages.foundations.playground import welcome_image

    welcome_image.draw()


def _warm_up() -> None:
    from pages.components.run.run_view import recorded

    recorded("playground-spiral")  # of the welcome page


def _activities() -> str:
    return _(
        "watch a small network learn points in the plane, in the browser at 30 pictures a second: every "
        "unit's own picture, every weight and gradient on hover; choose data, draw points of your own or "
        "upload a table; change layers, units, features in the picture; turn a weight by hand; reset to the "
        "same weights; count over 100 seeds how often two units solve exclusive-or; copy the run as a script "
        "of its own"
    )


def _learning_goals() -> str:
    return _(
        "what a unit, a layer and a feature are; why one line is not enough; what a learning rate does before "
        "and after it is too large; how units die and gradients vanish; overfitting and what helps against it"
    )


PAGE = PageSpec(
    name="foundations",
    section="basics",
    position=1,
    icon="hub",
    title=lambda: _("Foundations"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=("playground", "bias_variance"),
    sentence=lambda: _("Watch every unit of a small network learn. Draw your own points."),
    teaser=_draw_teaser,
    errors=messages,
    warm_up=_warm_up,
)
