"""The codes of the first test pictures, and what comes of them, kept for every network that was asked."""

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.topics.autoencoder import latent
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.latent import (
    PROJECTIONS,
    Plane,
    PrincipalDirections,
    Projection,
    bounding_box,
    grid_points,
    nearest_in_cells,
)
from pages.autoencoder.selected_model import HASH, SelectedModel
from pages.components.charts import image_scatter, images

COUNT = 1_000  # test pictures
SIDE = 15  # pictures along each side of the map

_DIRECTIONS = 5
_SHOWN = 110  # side of a picture, in pixels: three of them fit side by side on a phone


def show(picture: Tensor, *, alt: str, caption: str) -> None:
    """Show one picture (1, 28, 28) in 0..1, and below it what it is."""
    with st.container(width=_SHOWN):
        images.show(images.greys(picture.numpy(), columns=1, scale=4), alt=alt)
        st.caption(caption)


def rectified(model: SelectedModel) -> bool:
    """Whether the code is the output of a ReLU."""
    return model.config.network == "convolutional" or model.config.relu_code


def decode(model: SelectedModel, codes: Tensor) -> Tensor:
    """What the network draws of codes (N, numbers of the code): (N, 1, 28, 28) in 0..1."""
    return latent.decode(_exact(model.config), model.network, codes)


def _exact(config: AutoencoderConfig) -> AutoencoderConfig:
    """The same in 32 bits, whatever it was trained with."""
    return config.changed(cpu_optimizations=())


@st.cache_resource(show_spinner=False)
def pictures(data: str) -> Tensor:
    """The test pictures, (COUNT, 1, 28, 28) in 0..1."""
    found, _labels = datasets.load(data, "test").batch(torch.arange(COUNT))
    return found


@st.cache_resource(show_spinner=False)
def addresses(data: str) -> tuple[str, ...]:
    """The test pictures as addresses for a `plane`."""
    return image_scatter.data_urls(datasets.load(data, "test").images[:COUNT].numpy())


# Those of the tutorial's convolutional network take 25 MB
@st.cache_resource(max_entries=3, show_spinner=False, hash_funcs=HASH)
def codes(model: SelectedModel) -> Tensor:
    """The codes of the test pictures, (COUNT, numbers of the code)."""
    return latent.codes(_exact(model.config), model.network, pictures(model.config.data))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def directions(model: SelectedModel) -> PrincipalDirections:
    """The strongest directions of the codes."""
    return latent.principal_directions(codes(model), _DIRECTIONS)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def projection(model: SelectedModel, name: str) -> Projection:
    """The codes in two dimensions."""
    return PROJECTIONS[name](codes(model))


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=HASH)
def sheet(model: SelectedModel, name: str) -> np.ndarray:
    """The pictures (SIDE², 28, 28) of the map of a projection, row by row; black where there is none."""
    of = projection(model, name)
    low, high = bounding_box(of.points)
    if isinstance(of, Plane):
        return decode(model, of.invert(grid_points(low, high, SIDE)))[:, 0].numpy()
    found = nearest_in_cells(of.points, low, high, SIDE)
    return torch.where((found >= 0).view(-1, 1, 1), pictures(model.config.data)[found, 0], 0.0).numpy()
