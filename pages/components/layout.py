"""The layout of every page: the title row, the controls in the sidebar, and the main view. Its style is layout.css."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from pages.components import browser_component
from pages.components.text import PAGES, _, lesson, markdown

_ASSETS = Path(__file__).parent / "layout_assets"
SIDEBAR_WIDTH = 240  # pixels


@contextmanager
def page(name: str) -> Iterator[None]:
    """Draw a page. The style.css in the page's folder applies to everything drawn in the block."""
    with st.container(key=f"page-{name}"):
        yield


def draw_header(title: str, text: str = "", *, guide: str, choose_view: Callable[[], str] | None = None) -> None:
    """Draw the title row of a page: title, view switcher, buttons for the first steps and the lesson, and ``text``.

    ``guide`` is the folder below pages/ that contains start_here and lesson. ``choose_view`` draws the view switcher
    and returns the name of the view; each view has a folder with its own start_here in ``guide``.
    """
    with st.container(key="page-header", horizontal=True, vertical_alignment="center"):
        st.title(title, width="content", anchor=False)
        folder = f"{guide}/{choose_view()}" if choose_view else guide
        with st.container(key="guide", horizontal=True, width="content", gap="small"):
            with st.popover(_("Start here"), icon=":material/flag:", type="tertiary"):
                markdown(folder, "start_here")
            if st.button(_("Lesson"), icon=":material/menu_book:", type="tertiary", key="guide.lesson"):
                _show_lesson(folder)
        if text:
            st.caption(text)


def _show_lesson(folder: str) -> None:
    """Show a dialog with the lesson of a folder or, if it has none, with the lesson of its parent folder."""
    has_own = any((PAGES / folder).glob("lesson.*.md"))
    st.dialog(_("Lesson"), width="large")(lesson)(folder if has_own else str(Path(folder).parent))


@contextmanager
def controls() -> Iterator[None]:
    """Draw the controls of a page in the sidebar. On a phone, the Settings button opens the sidebar as a sheet."""
    with st.sidebar:
        yield


@contextmanager
def main_view() -> Iterator[None]:
    """Draw the main view of a page. Together with the run bar, it fits on the first screen."""
    with st.container(key="main-view"):
        yield


def draw_settings_button() -> None:
    """Draw the button that opens the sheet of controls on a phone."""
    render = browser_component.register(
        "settings_button", _ASSETS, ("settings_button.js",), '<button type="button" class="settings"></button>'
    )
    with st.container(key="settings-button", width="content"):
        render(key="settings-button.component", data={"label": _("Settings")}, width="content", height="content")


def draw_parts_switch(parts: Mapping[str, str]) -> None:
    """Draw a switch between parts of the main view. A phone shows one part at a time.

    ``parts`` maps the names of the parts to their labels. The document's data-part attribute contains the name of the
    visible part, for the style of the page.
    """
    render = browser_component.register(
        "parts_switch", _ASSETS, ("parts_switch.js",), '<div class="parts" role="group"></div>'
    )
    with st.container(key="parts-switch"):
        render(key="parts-switch.component", data={"parts": list(parts.items()), "first": next(iter(parts))})


def draw_settings_bar() -> None:
    """Draw the bottom bar of a page without training. On a phone, the bar has the button that opens the controls."""
    with st.bottom, st.container(key="settings-bar"):
        draw_settings_button()
