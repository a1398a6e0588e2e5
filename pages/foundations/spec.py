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
        "watch a small network learn to classify points, in the browser at 30 images a second: the output of every "
        "unit, every weight and gradient on hover; choose data, draw points of your own or upload a table; change "
        "layers, units and features in the diagram; change a weight by hand; reset to the same initial weights; "
        "count over 100 seeds how often two units solve exclusive-or; copy the run as a script; drag a degree along "
        "the error curve and see its fits; drag an input along an activation and a prediction along its losses"
    )


def _learning_goals() -> str:
    return _(
        "what a unit, a layer and a feature are; why one line is not enough; what a learning rate does before "
        "and after it is too large; how units die and gradients vanish; bias, variance and what helps against "
        "overfitting; why a loss is chosen by its gradient"
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
