"""The "Code" tab: a standalone script that trains the same network, and the source code of the training loop."""

import streamlit as st

from core.topics.playground import model
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.topic import TOPIC
from core.topics.playground.train import train
from pages.components import source
from pages.components.text import _


def draw(config: PlaygroundConfig) -> None:
    """Draw the training script for the settings ``config``, a download button, and the app's own training code."""
    text = TOPIC.program(config)
    st.markdown(
        _(
            "This script does not need this app. On the machine where this network was trained, the script "
            "produces exactly the same weights, unless you changed a setting or a weight during training."
        )
    )
    st.download_button(
        _("Download script"), text, file_name="playground.py", icon=":material/download:", on_click="ignore"
    )
    st.code(text, language="python", height=420)
    parts = (
        (_("Network, loss, and optimizer"), model),
        (_("Features of the points"), compute_features),
        (_("Training loop and metrics"), train),
    )
    for title, code in parts:
        with st.expander(title):
            source.show(source.source(code))
