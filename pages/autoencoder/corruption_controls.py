"""The choice of images and of their corruptions, with a slider for the level of each corruption.

What they begin with is their default, and is not put into the session: in a part of the page that is drawn again and
again, a browser that is slow may never see the one message that would tell it.
"""

from typing import Any

import streamlit as st

from core.data.corruptions import LIMITS
from core.topics.autoencoder.config import CORRUPTIONS, AutoencoderConfig, Corruption
from pages.autoencoder import labels


def choose_dataset(label: str, config: AutoencoderConfig, *, key: str, **widget: Any) -> str:
    """Draw the choice of the images, at first those of the training; returns the name of their data set."""
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
    """Draw the choice of the kinds, at first those of the training; returns them in the order of choosing."""
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
    """Draw the slider of a kind's level, at first that of the training. ``label`` has a place for the ``level``."""
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
