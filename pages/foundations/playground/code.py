"""The tab "As code": a standalone script that trains the same network, and the source of the training here."""

from collections.abc import Callable
from types import ModuleType

import streamlit as st

from core.topics.playground import model
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.script import training_script
from core.topics.playground.train import train
from pages.components import source
from pages.components.text import _


def draw(config: PlaygroundConfig) -> None:
    """Show the script for these settings, with a download, and the source of core."""
    text = training_script(config)
    st.markdown(
        _(
            "This script needs PyTorch and NumPy, and nothing of this app. On the machine of this run it ends with "
            "exactly the same weights: the tests check that."
        )
    )
    st.download_button(
        _("Script (Python)"), text, file_name="playground.py", icon=":material/download:", on_click="ignore"
    )
    st.code(text, language="python", height=420)
    parts: dict[str, Callable | ModuleType] = {
        _("How the network, its loss and its optimizer are made here"): model,
        _("The features of the points"): compute_features,
        _("How it is trained here, and what is measured on the way"): train,
    }
    for title, code in parts.items():
        with st.expander(title):
            source.show(source.source(code))
