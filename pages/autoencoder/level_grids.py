"""Cached rows of images at many corruption levels, with their PSNR and SSIM. All sessions share the cache."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import N_SHOWN, corrupted_pairs
from core.topics.autoencoder.filters import Filter, best_filter
from core.topics.autoencoder.quality import ReconstructionQuality, reconstruction_quality
from pages.autoencoder.selected_model import HASH, SelectedModel
from pages.components import image_files
from pages.components.charts.image_rows import Sheet

_background = ThreadPoolExecutor(max_workers=1)

Variants = tuple[CorruptionLevels, ...]
"""Alternative corruptions, such as one corruption at several levels."""


@dataclass(frozen=True)
class Row:
    """A row of images in several versions: one version per variant of the corruption, or one per update of a run.

    ``png`` is a sprite sheet with one line of images per version. ``qualities`` contains the PSNR and SSIM of each
    line.
    """

    png: bytes
    qualities: tuple[ReconstructionQuality, ...]
    filters: tuple[Filter, ...] = ()
    """The filter that produced each line of images. Empty if no filter was applied."""

    @property
    def sheet(self) -> Sheet:
        """The sprite sheet for `image_rows.draw`. Reading this property makes the PNG file available on the server."""
        return Sheet(image_files.address(self.png), len(self.qualities))


def build_row(data: str, images: Sequence[Tensor]) -> Row:
    """Return a row of images, with their PSNR and SSIM relative to the clean test images of the dataset ``data``.

    ``images`` contains one tensor (N_SHOWN, 1, 28, 28) per version. Values outside 0..1 are clipped for display.
    """
    _corrupted, clean = corrupted_pairs(data, "test", (), N_SHOWN)
    pixels = np.stack([(each[:, 0].nan_to_num().clamp(0, 1) * 255).round().byte().numpy() for each in images])
    return Row(image_files.sheet(pixels), tuple(reconstruction_quality(each, clean) for each in images))


def from_recorded(images: np.ndarray) -> Tensor:
    """Convert recorded uint8 images (N, 28, 28) to float32 images (N, 1, 28, 28) in 0..1."""
    return torch.tensor(images).unsqueeze(1) / 255


def _corrupted(data: str, variants: Variants) -> list[Tensor]:
    return [corrupted_pairs(data, "test", levels, N_SHOWN)[0] for levels in variants]


@st.cache_resource(max_entries=100, show_spinner=False)
def corrupted_row(data: str, variants: Variants) -> Row:
    """Return the row of corrupted test images of the dataset ``data``. Without any corruption, the images are clean."""
    return build_row(data, _corrupted(data, variants))


@st.cache_resource(max_entries=100, show_spinner=False)
def filtered_row(data: str, levels: CorruptionLevels) -> Row:
    """Return the row of corrupted test images after filtering with the best classical filter. Takes about 0.1 s."""
    return _filter(data, (levels,))


@st.cache_resource(max_entries=100, show_spinner=False)
def filtered_rows(data: str, variants: Variants) -> "Future[Row]":
    """Start computing the row of filtered test images in the background, and return a future for the row."""
    return _background.submit(_filter, data, variants)


def _filter(data: str, variants: Variants) -> Row:
    filters = tuple(best_filter(data, levels) for levels in variants)
    images = [each(corrupted) for each, corrupted in zip(filters, _corrupted(data, variants), strict=True)]
    row = build_row(data, images)
    return Row(row.png, row.qualities, filters)


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs=HASH)
def reconstructed_row(model: SelectedModel, data: str, variants: Variants) -> Row:
    """Return the row of images that ``model`` reconstructs from corrupted test images. The row is cached."""
    return reconstruct(model, data, variants)


def reconstruct(model: SelectedModel, data: str, variants: Variants) -> Row:
    """Return the same row as `reconstructed_row`, but do not cache the row."""
    return build_row(data, list(model.reconstruct(torch.cat(_corrupted(data, variants))).split(N_SHOWN)))


@st.cache_resource(max_entries=50, show_spinner=False)
def recorded_row(_images: Callable[[], Sequence[np.ndarray]], data: str, run: str, steps: tuple[int, ...]) -> Row:
    """Return the row of reconstructions that a run recorded, with one line of images for each update in ``steps``.

    ``run`` is the id of the run. ``_images`` returns one uint8 array (N_SHOWN, 28, 28) for each update.
    """
    return build_row(data, [from_recorded(each) for each in _images()])
