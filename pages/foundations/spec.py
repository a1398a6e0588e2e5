"""Descriptor of the "Foundations" page. This module does not import torch."""

from pages.components.text import _
from pages.foundations.errors import messages
from pages.registry import PageSpec


def _draw_teaser() -> None:
    from pages.foundations.playground import welcome_image

    welcome_image.draw()


def _warm_up() -> None:
    from pages.components.run.run_view import recorded

    recorded("playground-spiral")  # shown on the welcome page


def _activities() -> str:
    return _(
        "watch a small network learn to classify points; see the output of every unit; point at an edge to see its "
        "weight and gradient; choose a dataset, draw your own points, or upload a table; change layers, units, and "
        "features in the diagram; change a weight by hand; reset to the same initial weights; train networks with "
        "two, three, and four hidden units on XOR, each with 100 seeds, and see how often training succeeds; export "
        "the run as a script; drag along an error curve to change the polynomial degree, and see the fits; drag an "
        "input along an activation function, and a prediction along loss curves"
    )


def _learning_goals() -> str:
    return _(
        "units, layers, and features; why a linear boundary is not enough; the effect of a learning rate that is too "
        "large; dying ReLU units and vanishing gradients; bias, variance, and remedies for "
        "overfitting; how the gradients of loss functions differ"
    )


PAGE = PageSpec(
    name="foundations",
    section="basics",
    position=2,
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
