"""Cached latent codes of the first test images, and projections of these codes, for each selected network."""

from typing import cast

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.evaluation.projections import PrincipalComponents, principal_components
from core.topics.autoencoder import latent
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.latent import (
    PROJECTIONS,
    Plane,
    Projection,
    bounding_box,
    grid_points,
    nearest_in_cells,
)
from core.topics.autoencoder.model import Autoencoder
from pages.autoencoder.selected_model import HASH, SelectedModel
from pages.components import image_files
from pages.components.charts import image_plane, images
from pages.components.charts.image_plane import Grid

COUNT = 1_000
"""Number of test images whose codes are shown."""
SIDE = 15
"""Number of cells along each side of a grid of test images."""
DECODED_SIDE = 25
"""Number of decoded points along each side of a plane. The browser interpolates between the decoded images."""

_DIRECTIONS = 5
_SHOWN = 110  # side of an image, in pixels: three of them fit side by side on a phone


def show(image: Tensor, *, alt: str, caption: str) -> None:
    """Show an image and a caption.

    ``image`` has shape (1, 28, 28) and values in 0..1. ``alt`` is the alternative text for the image.
    """
    with st.container(width=_SHOWN):
        images.show(images.greys(image.numpy(), columns=1, scale=4), alt=alt)
        st.caption(caption)


def rectified(model: SelectedModel) -> bool:
    """Return whether a network applies a ReLU to its latent code."""
    return model.config.network == "convolutional" or model.config.relu_code


def decode(model: SelectedModel, codes: Tensor) -> Tensor:
    """Decode latent codes (N, code dimension) into images (N, 1, 28, 28) in 0..1, using the network ``model``."""
    return latent.decode(_exact(model.config), _network(model), codes)


def _network(model: SelectedModel) -> Autoencoder:
    """Return the network as an `Autoencoder`. The caller ensures that the network has a latent code."""
    return cast(Autoencoder, model.network)


def _exact(config: AutoencoderConfig) -> AutoencoderConfig:
    """Return the settings without CPU optimizations, so that everything is computed in float32."""
    return config.changed(cpu_optimizations=())


@st.cache_resource(show_spinner=False)
def pictures(data: str) -> Tensor:
    """Return the first COUNT test images of the dataset ``data``, as a tensor (COUNT, 1, 28, 28) in 0..1."""
    images, _labels = datasets.load(data, "test").batch(torch.arange(COUNT))
    return images


@st.cache_resource(max_entries=10, show_spinner=False)
def image_sheet(data: str) -> bytes:
    """Return the first COUNT test images of the dataset ``data`` as a PNG sprite sheet for `image_plane.draw`."""
    return _sheet(pictures(data), image_plane.COLUMNS)


# The codes of the tutorial's convolutional network take 25 MB
@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=HASH)
def codes(model: SelectedModel) -> Tensor:
    """Encode the first COUNT test images with the network ``model``. Return the codes (COUNT, code dimension)."""
    return latent.codes(_exact(model.config), _network(model), pictures(model.config.data))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def directions(model: SelectedModel) -> PrincipalComponents:
    """Return the first five principal components of the latent codes, or all if there are fewer than five."""
    return principal_components(codes(model), _DIRECTIONS)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def projection(model: SelectedModel, name: str) -> Projection:
    """Project the latent codes of the first COUNT test images to two dimensions.

    ``name`` is the method: "direct" (only for codes with two dimensions), "pca", or "tsne".
    """
    return PROJECTIONS[name](codes(model))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def reconstructed_sheet(model: SelectedModel) -> bytes:
    """Reconstruct the first COUNT test images from their latent codes. Return a PNG sprite sheet."""
    return _sheet(decode(model, codes(model)), image_plane.COLUMNS)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def grid(model: SelectedModel, name: str) -> Grid:
    """Return images for the cells of a regular grid over the projected latent codes.

    ``name`` is the method (see `projection`). For "direct" and "pca", the image of a cell is decoded from the code at
    the center of the cell. For "tsne", the image of a cell is the test image whose projected code is nearest to the
    center of the cell. If this code lies outside the cell, the cell is black.
    """
    projected = projection(model, name)
    low, high = bounding_box(projected.points)
    if isinstance(projected, Plane):
        grid_codes = projected.invert(grid_points(low, high, DECODED_SIDE))
        marked = (grid_codes < 0).any(dim=1).numpy() if rectified(model) else None
        return Grid(_sheet(decode(model, grid_codes), DECODED_SIDE), DECODED_SIDE, True, every=2, marked=marked)
    indices = nearest_in_cells(projected.points, low, high, SIDE)
    shown = torch.where((indices >= 0).view(-1, 1, 1, 1), pictures(model.config.data)[indices], 0.0)
    return Grid(_sheet(shown, SIDE), SIDE, False)


def _sheet(images: Tensor, columns: int) -> bytes:
    """Return images (N, 1, 28, 28) in 0..1 as a PNG sprite sheet with ``columns`` images per row."""
    return image_files.sheet(pixels(images)[:, 0].reshape(-1, columns, *images.shape[2:]))


def pixels(images: Tensor) -> np.ndarray:
    """Convert images with pixel values in 0..1 to a uint8 array of the same shape with values in 0..255."""
    return (images * 255).round().byte().numpy()
