"""The downloads of a run: a program that repeats it, its weights, and its curves; and the link to the run."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.export.notebook import notebook
from pages.components.run import open_in, run_files
from pages.components.run.current_run import CurrentRun
from pages.components.text import _


def draw(
    current_run: CurrentRun,
    *,
    titles: Mapping[Any, str] = {},
    colours: Mapping[Any, str] = {},
    draw_safetensors: Callable[[], None] | None = None,
) -> None:
    """Draw the downloads of the displayed run (code, weights, and curves), a link to the page, and a list of runs.

    ``titles`` maps names of networks and of curves to labels. ``colours`` maps names of curves to colors, as on the
    page. ``draw_safetensors`` draws the page's own button for the weights as safetensors, if it has one. The list
    contains the user's saved runs on this page.
    """
    run_view, topic = current_run.run_view(), current_run.topic
    code, weights, curves = st.columns(3, gap="medium") if topic.constants else (None, *st.columns(2, gap="medium"))
    if code:
        with code:
            st.markdown(_("**Code**"))
            _draw_program(current_run)
            open_in.draw(topic.name.replace(".", "_"))
    with weights:
        run_files.draw_weights(run_view, topic, titles=titles, draw_safetensors=draw_safetensors)
    with curves:
        preset = current_run.titles.get(run_view.run.title, run_view.run.title)
        run_files.draw_curves(run_view, topic, preset=preset, titles=titles, colours=colours)
    draw_link(with_run=not run_view.recorded)
    if not run_view.recorded:
        st.caption(_("Anyone with the link to a run can watch, pause, and stop it."))
    _draw_own_runs(current_run)


def _draw_program(current_run: CurrentRun) -> None:
    """Draw buttons to download a program or a notebook that trains like the displayed run."""
    run_view, topic = current_run.run_view(), current_run.topic
    config = current_run.settings.config if run_view.is_untrained else run_view.run.config

    def program() -> str:
        return topic.program(topic.resolve(config))

    name = topic.name.replace(".", "_")
    with st.container(horizontal=True):
        st.download_button(
            _("Python program"),
            program,
            file_name=f"{name}.py",
            mime="text/x-python",
            icon=":material/code:",
            on_click="ignore",
            help=_(
                "Trains the same network without this app. On the machine where this network was trained, the losses "
                "are bit-identical."
            ),
        )
        st.download_button(
            _("Jupyter notebook"),
            lambda: notebook(program()),
            file_name=f"{name}.ipynb",
            mime="application/x-ipynb+json",
            icon=":material/book_2:",
            on_click="ignore",
            help=_("The same program in cells. Open it in Jupyter, in an editor, or in a hosted notebook."),
        )
    if run_view.run.changes:
        st.caption(_("The program trains with the initial settings of this run. It does not repeat later changes."))


def draw_link(*, with_run: bool) -> None:
    """Show a link to the page with its settings. If ``with_run`` is true, the link also opens the displayed run."""
    st.markdown(
        _("**Link** to this page with these settings and the run on the screen:")
        if with_run
        else _("**Link** to this page with these settings:")
    )
    address = st.context.url or ""
    query = urlencode(st.query_params.to_dict())
    st.code(f"{address.split('?')[0]}?{query}" if query else address, language=None)


def _draw_own_runs(current_run: CurrentRun) -> None:
    """Draw a select box with the user's saved runs, and display the chosen run."""
    own = current_run.own_runs()
    if not own:
        return
    on_screen = current_run.run.id if current_run.run else None
    chosen = st.selectbox(
        _("**Your runs** on this page, newest first"),
        list(own),
        index=list(own).index(on_screen) if on_screen in own else None,
        format_func=own.__getitem__,
        placeholder=_("Choose a run to show it again"),
        key=f"{current_run.page}.own_run.{on_screen}",
    )
    if chosen and chosen != on_screen:
        current_run.show_by_id(chosen)
        st.rerun()  # the whole page
    st.caption(_("A cookie identifies your browser, so only you see this list. The oldest runs are removed first."))
