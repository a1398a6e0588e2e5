"""The "Code" tab: a standalone script that trains the same network, and the source code of the training loop."""

from collections.abc import Sequence

import streamlit as st

from core.topics.playground import model
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.topic import TOPIC
from core.topics.playground.train import train
from core.training.state import Change
from pages.components import source
from pages.components.text import _


def draw(config: PlaygroundConfig, changes: Sequence[Change] = ()) -> None:
    """Draw the training script, a download button, and the app's own training code.

    The script trains with the initial settings ``config``, and repeats ``changes``, the changes during the run.
    """
    text = TOPIC.program(config, changes)
    st.markdown(
        _(
            "This script does not need this app. On the machine where this network was trained, the script "
            "produces exactly the same weights."
        )
    )
    if changes:
        st.caption(_("The script repeats the changes that were made to settings and weights during training."))
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
