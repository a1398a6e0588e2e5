"""The welcome page: an introduction, and a live picture that leads to each page."""

import streamlit as st

from pages.components.text import _
from pages.registry import PageSpec, Teaser, specs


def main() -> None:
    """Draw the page."""
    st.title(_("Watch networks learn"))
    st.markdown(
        _(
            "This is a playground for deep learning with **PyTorch**: you turn a knob, press Start, and watch a real "
            "network train on real data, on this very machine. "
            "Nothing is staged: every figure is computed, every recording is one of a real run, and the code that "
            "is shown is the code that runs. "
            "Begin with one of the pages below: each already plays when you open it."
        )
    )
    for page in specs():
        if page.teaser:
            _draw_teaser(page, page.teaser)


def _draw_teaser(page: PageSpec, teaser: Teaser) -> None:
    """Draw a live picture, with the text on its right or below it."""
    if teaser.wide:
        with st.container(border=True):
            teaser.draw()
            left, right = st.columns([3, 1], gap="large", vertical_alignment="center")
        left.subheader(page.title())
        left.markdown(teaser.text())
    else:
        left, right = st.columns([1.4, 1], gap="large", vertical_alignment="center")
        with left, st.container(border=True):
            teaser.draw()
        right.subheader(page.title())
        right.markdown(teaser.text())
    right.page_link(page.file, label=teaser.link(), icon=":material/arrow_forward:")


main()
