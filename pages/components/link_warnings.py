"""Warnings about the link that opened a page. They stay on the page until the user closes them."""

import streamlit as st

from pages.components import history
from pages.components.text import _


def add(warning: str) -> None:
    """Add a warning about the link that opened the current page, unless the page already has this warning."""
    warnings = _warnings()
    if warning not in warnings:
        warnings.append(warning)


def draw() -> None:
    """Draw the warnings of the current page, with a button that closes them."""
    warnings = _warnings()
    if not warnings:
        return
    with st.container(key="link-warnings", horizontal=True, vertical_alignment="center"):
        st.warning("  \n".join(warnings), icon=":material/link_off:")
        st.button(_("Close"), key="link-warnings.close", icon=":material/close:", on_click=warnings.clear)


def _warnings() -> list[str]:
    kept: dict[str, list[str]] = st.session_state.setdefault("link-warnings.kept", {})
    return kept.setdefault(history.current_page(), [])
