"""The tab that saves a network to a file and loads a saved network."""

import time
from datetime import UTC, datetime

import safetensors.torch
import streamlit as st

from core.errors import CoreError
from core.evaluation.model_files import ModelCard, read, write
from core.training.config import RunConfig
from pages.components.errors import explain
from pages.components.run import downloads
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.run.selected_model import SelectedModel, discard_loaded_model, loaded_card, use_loaded_model
from pages.components.text import _


def draw(panel: RunPanel, kind: type[SelectedModel], *, data: str) -> None:
    """Draw the tab with the downloads of the displayed run and an uploader for a saved network.

    ``kind`` is the page's subclass of `SelectedModel`. ``data`` is the name of the displayed run's training data, as
    shown to the user and written to the model card.
    """
    page, run_view = panel.page, panel.run_view()
    problem = f"{page}.weights.problem"  # session key of the error of the last uploaded file
    downloads.draw(panel, draw_safetensors=lambda: _draw_card(page, run_view, data))
    st.subheader(_("Load a saved network"))
    if card := loaded_card(page):
        st.success(
            _("The other tabs now use the network from your file. Training data: {data}. Date: {date}.").format(
                data=card.data, date=card.date[:10]
            )
        )
        st.json(card.as_json(), expanded=False)
        st.button(
            _("Stop using the uploaded network"),
            icon=":material/undo:",
            key=f"{page}.forget",
            on_click=discard_loaded_model,
            args=(page,),
        )
    upload = st.file_uploader(
        _("A network downloaded from this app (.safetensors)"),
        key=f"{page}.weights",
        type=["safetensors"],
        on_change=_load,
        args=(page, kind, type(panel.settings.config), problem),
    )
    st.caption(
        _(
            "The file also contains the model card with all settings. No code in the file is executed. PyTorch's .pt "
            "files can run code when opened, so they are not accepted."
        )
    )
    if upload is not None and problem in st.session_state:
        st.error(explain(st.session_state[problem]))


def _load(page: str, kind: type[SelectedModel], config: type[RunConfig], problem: str) -> None:
    """Use the network from the uploaded file, or store the error."""
    st.session_state.pop(problem, None)
    if (upload := st.session_state[f"{page}.weights"]) is None:
        return
    try:
        weights, card = read(upload.getvalue(), page, config)
        use_loaded_model(page, kind, card, weights)
    except CoreError as error:
        st.session_state[problem] = error


def _draw_card(page: str, run_view: RunView, data: str) -> None:
    """Draw the download buttons for the network, as a file that the tab can load, and for its model card, as JSON."""
    run, current = run_view.run, run_view.run.current_weights()
    if not current:
        return
    date = datetime.fromtimestamp(run.finished or time.time(), UTC).isoformat(timespec="seconds")
    card = ModelCard(page, run.settings, run.metrics, data, date)
    name = run.id if run_view.recorded else f"{page}-{run.id}"  # the id of a recording starts with the page's name
    st.download_button(
        _("Network with model card (safetensors)"),
        lambda: write(safetensors.torch.load(current.weights), card),
        file_name=f"{name}.safetensors",
        icon=":material/deployed_code:",
        on_click="ignore",
        key=f"{page}.download",
    )
    st.download_button(
        _("Model card (JSON)"),
        card.as_json(),
        file_name=f"{name}.json",
        mime="application/json",
        icon=":material/badge:",
        on_click="ignore",
        key=f"{page}.card",
    )
