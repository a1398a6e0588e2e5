"""How well pictures are restored: by the network, by the best classical filter, by doing nothing."""

from typing import NamedTuple

import streamlit as st
import torch

from core.autoencoder.config import Steps
from core.autoencoder.data import SHOWN, spoilt
from core.autoencoder.filters import Filter, best_filter
from core.metrics import mean_psnr, ssim
from pages.vision.denoising.asked import Asked

TESTED = 500  # test pictures that a figure of the page counts
FILTERED = 100  # of the slow filters fewer


class Quality(NamedTuple):
    """PSNR in dB (inf: identical) and SSIM of restored pictures."""

    psnr: float
    ssim: float


def _quality(pictures: torch.Tensor, clean: torch.Tensor) -> Quality:
    return Quality(mean_psnr(pictures, clean), float(ssim(pictures, clean).mean()))


@st.cache_data(max_entries=500, show_spinner=False)
def of_nothing(data: str, steps: Steps) -> Quality:
    """Of the corrupted pictures as they are."""
    return _quality(*spoilt(data, "test", steps, TESTED))


@st.cache_data(max_entries=500, show_spinner=False)
def of_filter(data: str, steps: Steps) -> tuple[Filter, Quality]:
    """The best classical filter, tuned on training pictures, and how well it restores test pictures."""
    chosen = best_filter(data, steps)
    corrupted, clean = spoilt(data, "test", steps, FILTERED)
    return chosen, _quality(chosen(corrupted), clean)


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs={Asked: lambda asked: asked.key})
def of_network(asked: Asked, steps: Steps) -> Quality:
    """Of what the network makes of the corrupted pictures."""
    corrupted, clean = spoilt(asked.config.data, "test", steps, TESTED)
    return _quality(asked.restore(corrupted), clean)


def shown(data: str, steps: Steps) -> tuple[torch.Tensor, torch.Tensor]:
    """The test pictures that the page shows, corrupted and clean, (12, 1, 28, 28)."""
    return spoilt(data, "test", steps, SHOWN)
