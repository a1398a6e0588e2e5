"""The quality of reconstructed test images, kept for every corruption and network that was evaluated."""

import streamlit as st

from core.topics.autoencoder import quality
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import N_SHOWN, Pair, corrupted_pairs
from core.topics.autoencoder.quality import FilterResult, ReconstructionQuality
from pages.autoencoder.selected_model import HASH, SelectedModel


@st.cache_data(max_entries=500, show_spinner=False)
def corrupted_quality(data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Return the quality of the corrupted images themselves."""
    return quality.evaluate_quality(data, levels, lambda corrupted: corrupted)


@st.cache_data(max_entries=500, show_spinner=False)
def filter_quality(data: str, levels: CorruptionLevels) -> FilterResult:
    """Return the result of the best classical filter."""
    return quality.evaluate_best_filter(data, levels)


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=HASH)
def network_quality(model: SelectedModel, data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Return the quality of the network's reconstructions."""
    return quality.evaluate_quality(data, levels, model.reconstruct)


def displayed_images(data: str, levels: CorruptionLevels) -> Pair:
    """Return the test images that the page shows, corrupted and clean: (12, 1, 28, 28)."""
    return corrupted_pairs(data, "test", levels, N_SHOWN)
