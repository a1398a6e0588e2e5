"""The trained network that the page asks to restore pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import safetensors.torch
import streamlit as st
from torch import Tensor, nn

from core.topics.autoencoder.data import spoilt
from core.topics.autoencoder.model import load
from core.topics.autoencoder.train import restore
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

    def restore(self, corrupted: Tensor) -> Tensor:
        """What it makes of corrupted pictures, both (N, 1, 28, 28) in 0..1; in 32 bits."""
        return restore(self.config.changed(tricks=()), self.network, corrupted)


HASH: Mapping[type, Callable] = {SelectedModel: lambda asked: asked.key}
"""By what a cache knows a network again."""


def asked(panel: RunPanel) -> SelectedModel:
    """The network that is asked now."""
    title = _("the quick network that comes with the app")
    return components.current_model(panel, SelectedModel, shipped="autoencoder-quick", shipped_title=title)


def say(network: SelectedModel) -> None:
    """Say which network is asked, and what it was trained to repair."""
    st.caption(_("Asked is {title}.").format(title=network.title))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASH)
def _load(asked: SelectedModel) -> nn.Module:
    return load(asked.config, safetensors.torch.load(asked.weights))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=HASH)
def _answers(asked: SelectedModel) -> bool:
    corrupted, _clean = spoilt(asked.config.data, "test", asked.config.steps, 4)
    return bool(asked.restore(corrupted).isfinite().all())
