"""The layout of every page: the title row, the controls in the sidebar, and the main view, styled by layout.css."""

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
    """Draw the page ``name`` in the ``with`` block. The style.css in the page's folder applies to the whole block."""
    with st.container(key=f"page-{name}"):
        yield


def draw_header(title: str, text: str = "", *, guide: str, choose_view: Callable[[], str] | None = None) -> None:
    """Draw the title row of a page, with the "Start here" and "Lesson" buttons, and with ``text`` as a caption.

    ``guide`` is the folder, relative to pages/, that contains start_here.<language>.md and lesson.<language>.md. On a
    page with views, ``choose_view`` draws the view switcher and returns the name of the chosen view. Each view has a
    folder in ``guide`` with its own start_here file. A view without its own lesson file uses the page's lesson.
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
    """Show a dialog with the lesson in ``folder`` or, if there is none, with the lesson in the parent folder."""
    has_own = any((PAGES / folder).glob("lesson.*.md"))
    st.dialog(_("Lesson"), width="large")(lesson)(folder if has_own else str(Path(folder).parent))


@contextmanager
def controls() -> Iterator[None]:
    """Draw the content of the ``with`` block in the sidebar, as the controls of a page.

    On a phone, the Settings button opens the sidebar as a sheet over the page.
    """
    with st.sidebar:
        yield


@contextmanager
def main_view() -> Iterator[None]:
    """Draw the content of the ``with`` block as the main view of a page.

    The main view and the bottom bar fit on one screen, without scrolling.
    """
    with st.container(key="main-view"):
        yield


def draw_settings_button() -> None:
    """Draw the button that, on a phone, opens the sidebar with the controls."""
    render = browser_component.register(
        "settings_button", _ASSETS, ("settings_button.js",), '<button type="button" class="settings"></button>'
    )
    with st.container(key="settings-button", width="content"):
        render(key="settings-button.component", data={"label": _("Settings")}, width="content", height="content")


def draw_parts_switch(parts: Mapping[str, str]) -> None:
    """Draw a switch for phones, where only one part of the main view is visible at a time.

    ``parts`` maps the names of the parts to their labels. Initially, the first part is visible. The page's style.css
    hides the other parts: the ``data-part`` attribute of the root element contains the name of the visible part.
    """
    render = browser_component.register(
        "parts_switch", _ASSETS, ("parts_switch.js",), '<div class="parts" role="group"></div>'
    )
    with st.container(key="parts-switch"):
        render(key="parts-switch.component", data={"parts": list(parts.items()), "first": next(iter(parts))})


def draw_settings_bar() -> None:
    """Draw the bottom bar of a page without a run. On a phone, the bar contains the button that opens the sidebar."""
    with st.bottom, st.container(key="settings-bar"):
        draw_settings_button()
