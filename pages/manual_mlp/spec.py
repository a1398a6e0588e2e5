"""What the router and the welcome page know of the page "A network by hand". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.components.run.fragments import play
    from pages.manual_mlp.live import draw_digits

    play("manual_mlp-digits", draw_digits)


def _text() -> str:
    return _(
        "Two layers, ten lines, and gradients written out with the chain rule: they learn to read digits in "
        "seconds. Compare five ways to write the same network, stop any update under the microscope, and see "
        "what a wrong gradient does."
    )


PAGE = PageSpec(
    name="manual_mlp",
    section="basics",
    position=2,
    icon="edit_note",
    title=lambda: _("A network by hand"),
    topics=("manual_mlp",),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Open the page")),
)
