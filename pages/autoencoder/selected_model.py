"""The trained network whose reconstructions the page shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import safetensors.torch
import streamlit as st
from torch import Tensor

from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.model import Autoencoder, UNet, load
from core.topics.autoencoder.train import reconstruct
from pages.components.run import selected_model as components
from pages.components.run.panel import RunPanel
from pages.components.text import _


@dataclass(frozen=True)
class SelectedModel(components.SelectedModel):
    """A trained autoencoder. Its ``config`` is an AutoencoderConfig."""

    @property
    def network(self) -> Autoencoder | UNet:
        """The network, in eval mode."""
        return _load(self)

    @property
    def is_finite(self) -> bool:
        """Whether the network's outputs for a few corrupted test images are finite."""
        return _has_finite_outputs(self)

    def reconstruct(self, corrupted: Tensor) -> Tensor:
        """Reconstruct corrupted images, with all computations in float32.

        The input and the output have shape (N, 1, 28, 28) and values in 0..1. NaN outputs remain NaN.
        """
        return reconstruct(self.config.changed(cpu_optimizations=()), self.network, corrupted)


_TRIED = 4
"""Number of test images whose outputs are checked."""
HASH: dict[str | type, Callable[[Any], Any]] = {SelectedModel: lambda model: model.key}
"""The argument ``hash_funcs`` for Streamlit's caches. It makes them identify a network by its key."""


def current_model(panel: RunPanel) -> SelectedModel:
    """Return the network from a loaded file, the displayed run's network, or the quick network that comes with the app.

    The first available network in this order is returned (see `pages.components.run.selected_model.current_model`).
    """
    title = _("the quick network that comes with the app")
    return components.current_model(panel, SelectedModel, shipped="autoencoder-quick", shipped_title=title)


def describe(model: SelectedModel) -> None:
    """Draw a caption that names the network ``model``."""
    st.caption(_("Reconstructed by {title}.").format(title=model.title))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASH)
def _load(model: SelectedModel) -> Autoencoder | UNet:
    return load(model.config, safetensors.torch.load(model.weights))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=HASH)
def _has_finite_outputs(model: SelectedModel) -> bool:
    corrupted, _clean = corrupted_pairs(model.config.data, "test", model.config.corruption_levels, _TRIED)
    return bool(model.reconstruct(corrupted).isfinite().all())
