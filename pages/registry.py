"""Which pages there are: a page is a folder here with a spec.py that describes it; no list names them all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import pages

Section = Literal["welcome", "basics", "vision"]
SECTIONS: tuple[Section, ...] = ("welcome", "basics", "vision")


@dataclass(frozen=True)
class Teaser:
    """What the welcome page shows of a page: a live picture, beside it or below it a text and a link."""

    draw: Callable[[], None]
    text: Callable[[], str]
    link: Callable[[], str]
    wide: bool = False
    """Whether the picture takes the whole width."""


@dataclass(frozen=True)
class PageSpec:
    """One page: what the router, the welcome page, the messages and the README know of it.

    Texts are functions, since the language is that of the session.
    """

    name: str
    """The name of its folder, which is its address too."""
    section: Section
    position: int
    """Its place in the section, counted from 1."""
    icon: str
    title: Callable[[], str]
    topics: tuple[str, ...] = ()
    """The topics in core/topics that it shows."""
    teaser: Teaser | None = None
    errors: Callable[[], Mapping[str, str]] = dict
    """Messages by the codes of core's errors, with their parameters in braces."""
    old_addresses: tuple[str, ...] = ()
    """Addresses that it once had, which lead to it."""

    @property
    def file(self) -> Path:
        """The script that draws the page."""
        return Path(import_module(f"pages.{self.name}.spec").__file__).with_name("page.py")


def specs() -> list[PageSpec]:
    """Return the pages in the order of the navigation."""
    found = [_spec(name) for name in _names()]
    return sorted(found, key=lambda spec: (SECTIONS.index(spec.section), spec.position))


def _names() -> Iterator[str]:
    for folder in pages.__path__:
        for file in Path(folder).glob("*/spec.py"):
            yield file.parent.name


@cache
def _spec(name: str) -> PageSpec:
    return import_module(f"pages.{name}.spec").PAGE
