"""The trained network that the page asks to restore pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import safetensors.torch
import streamlit as st
from torch import Tensor, nn

from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.model import load
from core.topics.autoencoder.train import reconstruct
from pages.components.run import selected_model as components
from pages.components.run.panel import RunPanel
from pages.components.text import _


@dataclass(frozen=True)
class SelectedModel(components.SelectedModel):
    """A trained network that restores pictures; its ``config`` is an AutoencoderConfig."""

    @property
    def network(self) -> nn.Module:
        """The network, in eval mode."""
        return _load(self)

    @property
    def is_finite(self) -> bool:
        """Whether its answers are numbers."""
        return _answers(self)

    def reconstruct(self, corrupted: Tensor) -> Tensor:
        """What it makes of corrupted pictures, both (N, 1, 28, 28) in 0..1; in 32 bits."""
        return reconstruct(self.config.changed(cpu_optimizations=()), self.network, corrupted)


HASH: Mapping[type, Callable] = {SelectedModel: lambda model: model.key}
"""By what a cache knows a network again."""


def current_model(panel: RunPanel) -> SelectedModel:
    """The network that is asked now."""
    title = _("the quick network that comes with the app")
    return components.current_model(panel, SelectedModel, shipped="autoencoder-quick", shipped_title=title)


def describe(model: SelectedModel) -> None:
    """Say which network is asked, and what it was trained to repair."""
    st.caption(_("Asked is {title}.").format(title=model.title))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASH)
def _load(model: SelectedModel) -> nn.Module:
    return load(model.config, safetensors.torch.load(model.weights))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=HASH)
def _answers(model: SelectedModel) -> bool:
    corrupted, _clean = corrupted_pairs(model.config.data, "test", model.config.corruption_levels, 4)
    return bool(model.reconstruct(corrupted).isfinite().all())
