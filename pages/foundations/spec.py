"""What the router and the welcome page know of the page "Foundations". It imports no torch."""

from pages.components.text import _
from pages.foundations.errors import messages
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.components.run.fragments import play
    from pages.foundations.playground.live import draw_network

    play("playground-spiral", draw_network)


def _text() -> str:
    return _(
        "A network learns points in the plane, and you see every unit of it at work: point at a place, turn a "
        "weight, draw points of your own. Then over- and underfitting, activations and losses."
    )


PAGE = PageSpec(
    name="foundations",
    section="basics",
    position=1,
    icon="hub",
    title=lambda: _("Foundations"),
    topics=("playground", "bias_variance"),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Play with it"), wide=True),
    errors=messages,
)
