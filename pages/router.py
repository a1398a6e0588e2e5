"""The router: show the navigation, run the chosen page, and redirect former URLs."""

if __name__ == "__main__":
    from functools import partial

    import streamlit as st
    from streamlit.navigation.page import StreamlitPage

    from pages.components import history, layout, link_warnings, turns
    from pages.components.errors import show_errors
    from pages.components.text import _
    from pages.registry import SECTIONS, specs

    st.set_page_config(
        page_title=_("PyTorch playground"), page_icon="🧠", layout="wide", initial_sidebar_state=layout.SIDEBAR_WIDTH
    )

    def redirect(page: StreamlitPage) -> None:
        history.replace_page()
        st.switch_page(page, query_params=st.query_params.to_dict())

    pages = {
        spec: st.Page(
            spec.file,
            title=spec.title(),
            url_path=spec.name,
            default=spec.section == SECTIONS[0],
        )
        for spec in specs()
    }
    former = [
        st.Page(
            partial(redirect, page),
            title=spec.title(),
            url_path=address,
            visibility="hidden",
        )
        for spec, page in pages.items()
        for address in spec.old_addresses
    ]
    page = st.navigation([*pages.values(), *former], position="top")
    is_open = history.is_open(page.url_path)
    history.begin(page.url_path)
    # A reaction to a click comes before the opening of a page, for which people are used to waiting longer
    with turns.pages.turn(preferred=is_open), show_errors(), layout.page(page.url_path or SECTIONS[0]):
        page.run()
    link_warnings.draw()
