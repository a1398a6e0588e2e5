"""Widgets for choosing the dataset and the corruptions of images, with a level slider for each corruption.

Initial values are passed as defaults instead of being written to the session state. Streamlit sends a written value to
the browser only once, and a slow browser can miss this value in a fragment that reruns often.
"""

from typing import Any

import streamlit as st

from core.data.corruptions import LIMITS
from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig, Corruption
from pages.autoencoder import labels


def choose_dataset(label: str, config: AutoencoderConfig, *, key: str, **widget: Any) -> str:
    """Draw a widget for choosing a dataset, and return the name of the chosen dataset.

    The initial choice is the training dataset in ``config``. ``widget`` contains further arguments for
    `st.segmented_control`.
    """
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
    """Draw a widget for choosing corruptions, and return the chosen corruptions in the order of selection.

    Initially, the training corruptions in ``config`` are selected. ``widget`` contains further arguments for
    `st.pills`.
    """
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
    """Draw a slider for the level of the corruption ``name``, and return the chosen level.

    The initial level is the level of this corruption in ``config``. In ``label``, the placeholder {level} is replaced
    by the name of the level, such as "Noise level (σ)". ``widget`` contains further arguments for `st.slider`.
    """
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
