"""The registry of pages. Each page is a folder with a descriptor in its spec.py.

``python -m pages.registry`` prints the table of pages for docs/pages.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import pages

Section = Literal["welcome", "basics", "vision"]
SECTIONS: tuple[Section, ...] = ("welcome", "basics", "vision")


@dataclass(frozen=True)
class PageSpec:
    """A page descriptor for the router, the welcome page, the error messages, and docs/pages.md.

    Texts are functions because each session has its own language.
    """

    name: str
    """The name of the page's folder, and the page's URL path. Only the welcome page has an empty URL path."""
    section: Section
    position: int
    """The position of the page in its section, counted from 1."""
    icon: str
    title: Callable[[], str]
    activities: Callable[[], str] = str
    """What the user can do on the page."""
    learning_goals: Callable[[], str] = str
    """What the user learns on the page."""
    topics: tuple[str, ...] = ()
    """The names of the topics in core/topics that the page is about."""
    sentence: Callable[[], str] | None = None
    """Returns the text of the page's card on the welcome page: the first thing to do there. None means no card."""
    teaser: Callable[[], None] | None = None
    """Draws the interactive image on the welcome page. At most one page has such a function; None means no image."""
    errors: Callable[[], Mapping[str, str]] = dict
    """Returns the page's error messages, keyed by `CoreError.code`. Error parameters appear as names in braces."""
    old_addresses: tuple[str, ...] = ()
    """Former URL paths, which redirect to the page."""
    warm_up: Callable[[], object] = lambda: None
    """Computes, in advance, the results for the first visit to the page. The server calls it in the background."""

    @property
    def file(self) -> Path:
        """The path of the script that draws the page."""
        files = (Path(folder, self.name, "page.py") for folder in pages.__path__)
        return next(file for file in files if file.is_file())

    @property
    def addresses(self) -> list[str]:
        """The URLs of the page's views, relative to the app's URL.

        If the page has no views, the list contains only the URL of the page.
        """
        page = "" if self.section == SECTIONS[0] else self.name
        views = sorted(file.parent.name for file in self.file.parent.glob("*/view.py"))
        return [f"{page}?view={view}" for view in views] or [page]


def specs() -> list[PageSpec]:
    """Return the descriptors of all pages, in navigation order."""
    names = _names(tuple(pages.__path__))
    return sorted(map(_spec, names), key=lambda spec: (SECTIONS.index(spec.section), spec.position))


def addresses() -> list[str]:
    """Return the URLs of all pages as one list, in navigation order (see `PageSpec.addresses`)."""
    return [address for spec in specs() for address in spec.addresses]


def readme_table() -> str:
    """Return the Markdown table in docs/pages.md: the pages with their activities and learning goals."""
    header = ["| page | what you can do | what you learn |", "|---|---|---|"]
    rows = [f"| **{spec.title()}** | {spec.activities()} | {spec.learning_goals()} |" for spec in specs()]
    return "\n".join(header + rows).replace("|  |", "| |")


@cache
def _names(folders: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the folders below ``folders`` that contain a spec.py. Repeated folders count once."""
    return frozenset(file.parent.name for folder in folders for file in Path(folder).glob("*/spec.py"))


@cache
def _spec(name: str) -> PageSpec:
    return import_module(f"pages.{name}.spec").PAGE


if __name__ == "__main__":
    print(readme_table())
