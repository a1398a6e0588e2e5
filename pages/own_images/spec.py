"""What the router and the welcome page know of the page "Your own pictures". It imports no torch."""

from pages.components.text import _
from pages.own_images.errors import messages
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from core.topics.own_images.examples import examples
    from pages.own_images.session_dataset import draw_rows

    draw_rows(examples())


def _text() -> str:
    return _(
        "Ten pictures of each class are enough for a network that has seen a million others: it learns them in a "
        "second. Ask it about a new one, see what mattered, then show it your own, from files or the webcam."
    )


PAGE = PageSpec(
    name="own_images",
    section="vision",
    position=4,
    icon="photo_camera",
    title=lambda: _("Your own pictures"),
    topics=(),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Ask it")),
    errors=messages,
    old_addresses=("own_pictures",),
)
