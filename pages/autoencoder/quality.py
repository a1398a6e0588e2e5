"""How well SOME test pictures are restored: by the network, by the best classical filter, by doing nothing."""

from typing import NamedTuple

import streamlit as st
import torch

from core.topics.autoencoder.config import Steps
from core.topics.autoencoder.data import SHOWN, SOME, spoilt
from core.topics.autoencoder.filters import Filter, best_filter
from core.topics.autoencoder.train import Quality, quality
from pages.autoencoder.selected_model import HASH, SelectedModel


class Filtered(NamedTuple):
    """A filter, the pictures (SHOWN, 1, 28, 28) that it makes of those on the page, and how well it does."""

    filter: Filter
    pictures: torch.Tensor
    quality: Quality


@st.cache_data(max_entries=500, show_spinner=False)
def of_nothing(data: str, steps: Steps) -> Quality:
    """Of the corrupted pictures as they are."""
    return quality(*spoilt(data, "test", steps, SOME))


@st.cache_data(max_entries=500, show_spinner=False)
def of_filter(data: str, steps: Steps) -> Filtered:
    """Of the best classical filter, tuned on training pictures."""
    chosen = best_filter(data, steps)
    corrupted, clean = spoilt(data, "test", steps, SOME)
    filtered = chosen(corrupted)
    return Filtered(chosen, filtered[:SHOWN].clone(), quality(filtered, clean))


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=HASH)
def of_network(asked: SelectedModel, data: str, steps: Steps) -> Quality:
    """Of what the network makes of the corrupted pictures."""
    corrupted, clean = spoilt(data, "test", steps, SOME)
    return quality(asked.restore(corrupted), clean)


def shown(data: str, steps: Steps) -> tuple[torch.Tensor, torch.Tensor]:
    """The test pictures that the page shows, corrupted and clean, (12, 1, 28, 28)."""
    return spoilt(data, "test", steps, SHOWN)
