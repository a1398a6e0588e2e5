"""The downloads of a run: a program that repeats it, its weights, and its curves; and the link to the run."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.export.choice import Choice
from core.export.notebook import notebook
from core.topics import Topic
from core.training.config import RunConfig
from core.training.state import Change
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

    ``titles`` maps names of networks, curves, optimizers, and schedules to labels. ``colours`` maps names of curves to
    colors, as on the page. ``draw_safetensors`` draws the page's own button for the weights as safetensors, if it has
    one. The list contains the user's saved runs on this page.
    """
    run_view, topic = current_run.run_view(), current_run.topic
    code, weights, curves = st.columns(3, gap="medium") if topic.constants else (None, *st.columns(2, gap="medium"))
    if code:
        with code:
            st.markdown(_("**Code**"))
            config = current_run.settings.config if run_view.is_untrained else run_view.run.config
            changes = () if run_view.is_untrained else tuple(run_view.run.changes)
            draw_program(topic, config, changes, variants=titles)
            if changes:
                st.caption(_("The program repeats the changes that were made during training."))
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


def draw_program(
    topic: Topic, config: RunConfig, changes: Sequence[Change] = (), *, variants: Mapping[Any, str] | None = None
) -> None:
    """Draw buttons to download a program or a notebook that trains like a run with these settings and ``changes``.

    If a run trains many networks, select boxes choose one of them. ``variants`` maps optimizers or schedules to
    labels.
    """
    choices = topic.choices(config)
    chosen: dict[str, Any] = {}
    if choices:
        st.markdown(_("**Program** for one of the networks"))
        with st.container(horizontal=True):
            chosen = {name: _choose(topic.name, name, choice, variants or {}) for name, choice in choices.items()}
    program_buttons(
        lambda: topic.program(topic.resolve(config), changes, **chosen),
        partial(topic.program_files, config) if topic.program_files else None,
        name=topic.name.replace(".", "_"),
        bit_identical=not choices,
    )


def _choose(topic: str, name: str, choice: Choice, variants: Mapping[Any, str]) -> Any:
    """Draw a select box with the networks of a run that trains many, and return the choice."""
    labels = {
        "optimizer": _("Optimizer"),
        "schedule": _("Schedule"),
        "learning_rate": _("Learning rate"),
        "seed": _("Seed number"),
        "degree": _("Degree"),
        "width": _("Width"),
        "dataset": _("Dataset"),
    }
    return st.selectbox(
        labels[name],
        choice.values,
        index=list(choice.values).index(choice.default),
        format_func=lambda value: variants.get(value, str(value)),
        key=f"{topic}.export.{name}.{choice.values}",
        width=150,
    )


def program_buttons(
    program: Callable[[], str],
    files: Callable[[], Mapping[str, bytes]] | None = None,
    *,
    name: str,
    bit_identical: bool = True,
) -> None:
    """Draw buttons to download a program and its notebook: in a zip file if the program reads other ``files``.

    ``name`` is the file name without a suffix. ``bit_identical`` is whether the program has exactly the losses of the
    run.
    """
    suffix, mime = (".zip", "application/zip") if files else ("", "")
    with st.container(horizontal=True):
        st.download_button(
            _("Python program"),
            lambda: _pack(f"{name}.py", program(), files),
            file_name=f"{name}{suffix or '.py'}",
            mime=mime or "text/x-python",
            icon=":material/code:",
            on_click="ignore",
            help=_(
                "Trains the same network without this app. If the network was trained on a CPU, the losses on the same "
                "machine are bit-identical."
            )
            if bit_identical
            else _(
                "Trains one of the networks without this app. The losses of the run can differ slightly, because it "
                "trains all networks at once and rounds differently."
            ),
        )
        st.download_button(
            _("Jupyter notebook"),
            lambda: _pack(f"{name}.ipynb", notebook(program()), files),
            file_name=f"{name}{'_notebook.zip' if files else '.ipynb'}",
            mime=mime or "application/x-ipynb+json",
            icon=":material/book_2:",
            on_click="ignore",
            help=_("The same program in cells. Open it in Jupyter, in an editor, or in a hosted notebook."),
        )
    if files:
        st.caption(_("The zip file also contains the files that the program reads. Unpack them into the same folder."))


def _pack(name: str, content: str, files: Callable[[], Mapping[str, bytes]] | None) -> str | bytes:
    if files is None:
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for path, data in {name: content.encode(), **files()}.items():
            file.writestr(path, data)
    return buffer.getvalue()


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
