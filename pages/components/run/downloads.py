"""The link to a run, and the downloads of its weights, its history, and a program that repeats it."""

import json
from urllib.parse import urlencode

import streamlit as st

from core.export.notebook import notebook
from pages.components.run.current_run import CurrentRun
from pages.components.text import _


def draw(current_run: CurrentRun) -> None:
    """Draw a link to the page, download buttons for the displayed run, and a list of runs.

    The buttons download the run's weights, its history, and a program that trains in the same way. The list contains
    the user's saved runs on this page.
    """
    run_view = current_run.run_view()
    draw_link(with_run=not run_view.recorded)
    if not run_view.recorded:
        st.caption(_("Anyone with the link to a run can watch, pause, and stop it."))
    current = None if run_view.is_untrained else run_view.run.current_weights()
    with st.container(horizontal=True):
        if current:
            st.download_button(
                _("Weights (safetensors)")
                if run_view.run.status.state.final
                else _("Weights after update {step:,} (safetensors)").format(step=current.step),
                current.weights,
                file_name=f"{run_view.run.id}.safetensors",
                icon=":material/download:",
                on_click="ignore",
            )
        history = [
            {"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in run_view.history
        ]
        changes = [change._asdict() for change in run_view.run.changes]
        st.download_button(
            _("History (JSON)"),
            json.dumps({"config": run_view.run.config.model_dump(), "changes": changes, "history": history}),
            file_name=f"{run_view.run.id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if current_run.topic.constants:
        _draw_program(current_run)
    if not current:
        st.caption(
            _(
                "No weights are available yet. Depending on the page, they become available after the first update or "
                "at the end of the run."
            )
        )
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
