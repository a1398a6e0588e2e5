"""How well SOME test pictures are restored: by the network, by the best classical filter, by doing nothing."""

from typing import NamedTuple

import streamlit as st
import torch

from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import N_SHOWN, EVAL_SUBSET, corrupted_pairs
from core.topics.autoencoder.filters import Filter, best_filter
from core.topics.autoencoder.train import ReconstructionQuality, reconstruction_quality
from pages.autoencoder.selected_model import HASH, SelectedModel


class Filtered(NamedTuple):
    """A filter, the pictures (SHOWN, 1, 28, 28) that it makes of those on the page, and how well it does."""

    filter: Filter
    pictures: torch.Tensor
    reconstruction_quality: ReconstructionQuality


@st.cache_data(max_entries=500, show_spinner=False)
def of_nothing(data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Of the corrupted pictures as they are."""
    return reconstruction_quality(*corrupted_pairs(data, "test", levels, EVAL_SUBSET))


@st.cache_data(max_entries=500, show_spinner=False)
def of_filter(data: str, levels: CorruptionLevels) -> Filtered:
    """Of the best classical filter, tuned on training pictures."""
    chosen = best_filter(data, levels)
    corrupted, clean = corrupted_pairs(data, "test", levels, EVAL_SUBSET)
    filtered = chosen(corrupted)
    return Filtered(chosen, filtered[:N_SHOWN].clone(), reconstruction_quality(filtered, clean))


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=HASH)
def of_network(model: SelectedModel, data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Of what the network makes of the corrupted pictures."""
    corrupted, clean = corrupted_pairs(data, "test", levels, EVAL_SUBSET)
    return reconstruction_quality(model.reconstruct(corrupted), clean)


def shown(data: str, levels: CorruptionLevels) -> tuple[torch.Tensor, torch.Tensor]:
    """The test pictures that the page shows, corrupted and clean, (12, 1, 28, 28)."""
    return corrupted_pairs(data, "test", levels, N_SHOWN)
