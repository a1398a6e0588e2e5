"""The descriptor of the page "Foundations". It imports no torch."""

from pages.components.text import _
from pages.foundations.errors import messages
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.components.run.run_view import recorded
    from pages.foundations.playground.live import draw_network

    draw_network(recorded("playground-spiral"))


def _text() -> str:
    return _(
        "A network learns to classify points, and you see every unit at work: point at a place, change a weight, "
        "draw points of your own. Then under- and overfitting, activations and losses."
    )


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
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Play with it"), wide=True),
    errors=messages,
)
