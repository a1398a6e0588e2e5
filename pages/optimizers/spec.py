"""What the router and the welcome page know of the page "Optimizers compared". It imports no torch."""

from pages.components.text import _
from pages.optimizers.errors import messages
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from core.topics.loss_surface.config import PRESETS
    from pages.optimizers.loss_surface.view import draw_landscape

    draw_landscape(PRESETS["ravine"], key="welcome.landscape")


def _text() -> str:
    return _(
        "SGD, Momentum, Adam and the others from the same start, each at a learning rate that was searched "
        "for. Then 126 real networks race at once: which optimizer is best, and how wide is its valley?"
    )


PAGE = PageSpec(
    name="optimizers",
    section="basics",
    position=3,
    icon="downhill_skiing",
    title=lambda: _("Optimizers compared"),
    topics=("optimizer_race", "lr_schedules"),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Compare them"), wide=True),
    errors=messages,
)
