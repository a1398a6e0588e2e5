"""Cached PSNR and SSIM of corrupted test images and of filtered test images, for each corruption."""

import streamlit as st

from core.topics.autoencoder import quality
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.quality import ReconstructionQuality


@st.cache_data(max_entries=500, show_spinner=False)
def corrupted_quality(data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Return the PSNR and SSIM of corrupted test images.

    ``data`` is the name of the dataset, and ``levels`` contains the corruptions with their levels.
    """
    return quality.evaluate_quality(data, levels, lambda corrupted: corrupted)


@st.cache_data(max_entries=500, show_spinner=False)
def filter_quality(data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Return the PSNR and SSIM of corrupted test images after filtering with the best classical filter.

    ``data`` is the name of the dataset, and ``levels`` contains the corruptions with their levels.
    """
    return quality.best_filter_quality(data, levels)
