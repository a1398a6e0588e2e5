"""The descriptor of the welcome page."""

from pages.components.text import _
from pages.registry import PageSpec

PAGE = PageSpec(
    name="welcome",
    section="welcome",
    position=1,
    icon="home",
    title=lambda: _("Welcome"),
    activities=lambda: _("see all pages"),
)
