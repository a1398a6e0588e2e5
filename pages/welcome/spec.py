"""The descriptor of the welcome page."""

from pages.components.text import _
from pages.registry import PageSpec


def _warm_up() -> None:
    from pages.welcome.spiral import run_view

    run_view()


PAGE = PageSpec(
    name="welcome",
    section="welcome",
    position=1,
    icon="home",
    title=lambda: _("Welcome"),
    activities=lambda: _("see what there is"),
    warm_up=_warm_up,
)
