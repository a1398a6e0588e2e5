"""The tab from which one takes a network home, and in which one loads it again."""

from datetime import UTC, datetime

import streamlit as st

from core.cards import Card, read, write
from core.cnn.config import CNNConfig
from core.errors import CoreError
from pages.components import take_away
from pages.components.run_panel import RunPanel
from pages.components.shown import Shown
from pages.components.text import _, explain
from pages.vision.cnn.asked import LOADED, forget, keep

_TOPIC = "cnn"
_DATA = "MNIST"
_MOST = 250  # megabytes; the largest network that can be trained here has 240
_UPLOAD = "cnn.weights"
_PROBLEM = "cnn.weights.problem"  # in the session: what is wrong with the file that was uploaded last


def draw(panel: RunPanel) -> None:
    """Draw the tab."""
    shown = panel.shown()
    take_away.draw(shown)
    _draw_card(shown)
    st.subheader(_("Load a network again"))
    if LOADED in st.session_state:
        card = st.session_state[LOADED][0]
        st.success(
            _("The network of your file is asked in the other tabs. Trained on {data}, {date}.").format(
                data=card.data, date=card.date[:10]
            )
        )
        st.json(card.as_json(), expanded=False)
        st.button(_("Ask the network above again"), icon=":material/undo:", key="cnn.forget", on_click=forget)
    upload = st.file_uploader(
        _("A network that was downloaded here (.safetensors)"),
        key=_UPLOAD,
        type=["safetensors"],
        max_upload_size=_MOST,
        on_change=_load,
    )
    st.caption(
        _(
            "The card with the settings travels inside the file. Nothing in it is executed: PyTorch's own .pt files, "
            "which can run code when they are opened, are not."
        )
    )
    if upload is not None and _PROBLEM in st.session_state:
        st.error(explain(st.session_state[_PROBLEM]))


def _load() -> None:
    """Ask the network of the file that was just uploaded, or keep what is wrong with it."""
    st.session_state.pop(_PROBLEM, None)
    if (upload := st.session_state[_UPLOAD]) is None:
        return
    try:
        weights, card = read(upload.getvalue(), _TOPIC, CNNConfig)
        keep(card, weights)
    except CoreError as error:
        st.session_state[_PROBLEM] = error


def _draw_card(shown: Shown) -> None:
    """The network as one file that can be loaded again, and its card for reading."""
    run = shown.run
    if not (run.weights and shown.complete):
        return
    date = datetime.fromtimestamp(run.finished or run.created, UTC).isoformat(timespec="seconds")
    card = Card(_TOPIC, run.config, run.metrics, _DATA, date)
    with st.container(horizontal=True):
        st.download_button(
            _("Network with its card (safetensors)"),
            lambda: write(run.result.weights, card),
            file_name=f"mnist-cnn-{run.id}.safetensors",
            icon=":material/deployed_code:",
            on_click="ignore",
            key="cnn.download",
        )
        st.download_button(
            _("Card (JSON)"),
            card.as_json(),
            file_name=f"mnist-cnn-{run.id}.json",
            mime="application/json",
            icon=":material/badge:",
            on_click="ignore",
            key="cnn.card",
        )
