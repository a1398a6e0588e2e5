"""The codes of the first test images and their projections, kept for every network that was selected."""

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
from pages.components.charts import image_scatter, images

COUNT = 1_000
"""Test images whose codes are shown."""
SIDE = 15
"""Images along each side of the map."""

_DIRECTIONS = 5
_SHOWN = 110  # side of a picture, in pixels: three of them fit side by side on a phone


def show(picture: Tensor, *, alt: str, caption: str) -> None:
    """Show one image (1, 28, 28) in 0..1 with a caption."""
    with st.container(width=_SHOWN):
        images.show(images.greys(picture.numpy(), columns=1, scale=4), alt=alt)
        st.caption(caption)


def rectified(model: SelectedModel) -> bool:
    """Return whether the code is the output of a ReLU."""
    return model.config.network == "convolutional" or model.config.relu_code


def decode(model: SelectedModel, codes: Tensor) -> Tensor:
    """Return the decoder's images of codes (N, code size): (N, 1, 28, 28) in 0..1."""
    return latent.decode(_exact(model.config), _network(model), codes)


def _network(model: SelectedModel) -> Autoencoder:
    """Return the network, which has a code."""
    return cast(Autoencoder, model.network)


def _exact(config: AutoencoderConfig) -> AutoencoderConfig:
    """Return the settings without CPU optimizations: all numbers in 32 bits."""
    return config.changed(cpu_optimizations=())


@st.cache_resource(show_spinner=False)
def pictures(data: str) -> Tensor:
    """Return the test images, (COUNT, 1, 28, 28) in 0..1."""
    images, _labels = datasets.load(data, "test").batch(torch.arange(COUNT))
    return images


@st.cache_resource(show_spinner=False)
def data_urls(data: str) -> tuple[str, ...]:
    """Return the test images as data URLs for an `image_scatter`."""
    return image_scatter.data_urls(datasets.load(data, "test").images[:COUNT].numpy())


# The codes of the tutorial's convolutional network take 25 MB
@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=HASH)
def codes(model: SelectedModel) -> Tensor:
    """Return the codes of the test images, (COUNT, code size)."""
    return latent.codes(_exact(model.config), _network(model), pictures(model.config.data))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def directions(model: SelectedModel) -> PrincipalComponents:
    """Return the strongest directions of the codes."""
    return principal_components(codes(model), _DIRECTIONS)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def projection(model: SelectedModel, name: str) -> Projection:
    """Return the codes in two dimensions."""
    return PROJECTIONS[name](codes(model))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def map_images(model: SelectedModel, name: str) -> np.ndarray:
    """Return the images (SIDE², 28, 28) of the map of a projection, row by row; black in empty cells."""
    projected = projection(model, name)
    low, high = bounding_box(projected.points)
    if isinstance(projected, Plane):
        return decode(model, projected.invert(grid_points(low, high, SIDE)))[:, 0].numpy()
    indices = nearest_in_cells(projected.points, low, high, SIDE)
    return torch.where((indices >= 0).view(-1, 1, 1), pictures(model.config.data)[indices, 0], 0.0).numpy()
