"""Widgets for the data set and the corruptions of images, with a slider for the level of each corruption.

Initial values are passed as defaults instead of being written to the session state. Such a write is sent to the browser
once, and a slow browser can miss it in a fragment that is rerun often.
"""

from typing import Any

import streamlit as st

from core.data.corruptions import LIMITS
from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig, Corruption
from pages.autoencoder import labels


def choose_dataset(label: str, config: AutoencoderConfig, *, key: str, **widget: Any) -> str:
    """Draw the choice of the data set, initially that of the training; return its name."""
    data = labels.options()["data"]
    return st.segmented_control(
        label,
        list(data),
        default=config.data,
        format_func=data.__getitem__,
        required=True,
        key=key,
        persist_state="session",
        **widget,
    )


def choose_corruptions(label: str, config: AutoencoderConfig, *, key: str, **widget: Any) -> list[Corruption]:
    """Draw the choice of the corruptions, initially those of the training; return them in the order of selection."""
    return st.pills(
        label,
        CORRUPTIONS,
        default=list(config.corruptions),
        format_func=labels.corruptions().__getitem__,
        selection_mode="multi",
        wrap=True,
        key=key,
        persist_state="session",
        **widget,
    )


def choose_level(label: str, name: Corruption, config: AutoencoderConfig, *, key: str, **widget: Any) -> float:
    """Draw the slider of a corruption's level, initially that of the training. ``label`` has a field ``level``."""
    low, high = LIMITS[name]
    return st.slider(
        label.format(level=labels.levels()[name]),
        low,
        high,
        config.level(name),
        step=1 if isinstance(high, int) else 0.05,
        key=key,
        persist_state="session",
        **widget,
    )
