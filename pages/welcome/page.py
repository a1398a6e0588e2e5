"""The welcome page: an interactive image, a start button, and a card for each page."""

import streamlit as st

from pages.components import layout
from pages.components.text import _
from pages.registry import specs


def main() -> None:
    """Draw the welcome page."""
    pages = [page for page in specs() if page.sentence]
    text, image = st.columns([1, 2.6], gap="medium", vertical_alignment="center")
    with text, st.container(key="welcome-text"):
        st.title(_("Watch networks learn"), anchor=False)
        st.markdown(
            _(
                "A playground for deep learning with **PyTorch**: real networks train live. Every plot and every "
                "number comes from an actual computation."
            )
        )
        st.caption(_("Drag across the points. The network learns to separate two spirals."))
        if st.button(_("Start with the playground"), type="primary", icon=":material/play_arrow:", key="welcome-start"):
            st.switch_page(next((page for page in pages if page.teaser), pages[0]).file)
    with image, layout.main_view():
        for page in pages:
            if page.teaser:
                page.teaser()
    st.markdown(_("**All pages, in the suggested order**"))
    with st.container(key="path"):
        for number, page in enumerate(pages, start=1):
            with st.container(border=True, key=f"card-{page.name}"):
                st.page_link(
                    page.file, label=f"{number} · {page.title()}", icon=f":material/{page.icon}:", width="stretch"
                )
                if page.sentence:
                    st.caption(page.sentence())


main()
