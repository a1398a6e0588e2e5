"""Frames of the main view: the outputs of all layers for one image, now and at earlier updates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st
from torch import nn

from core.evaluation.activity import most_active_by_layer
from core.evaluation.inspection import feature_maps
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.snapshots import networks
from pages.components.charts.network_row import INPUT, Frame, LayerOutput
from pages.components.inputs.digit_input import DigitImage
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.mnist_cnn.selected_model import SelectedModel

N_MAPS, N_UNITS = 16, 128
"""Maximum numbers of feature maps and of units that are shown per layer."""
Order = Mapping[str, Sequence[int]]
"""The indices of the displayed feature maps or units, keyed by layer name."""


@dataclass(frozen=True)
class _Snapshot(SelectedModel):
    """The network of a run as it was at an earlier update."""

    network_then: nn.Sequential = field(default_factory=nn.Sequential)

    @property
    def network(self) -> nn.Sequential:
        """The network, in eval mode."""
        return self.network_then


def frame(model: SelectedModel, image: DigitImage, order: Order | None = None) -> tuple[Frame, Order]:
    """Return the outputs of all layers for an image, and the indices of the displayed feature maps and units.

    ``order`` contains the indices to display, keyed by layer name. By default, the most active feature maps and units
    are displayed.
    """
    x = model.prepare(image.batch)
    maps = feature_maps(model.network, x)
    order = order or most_active_by_layer(maps, n_maps=N_MAPS, n_units=N_UNITS)
    kinds = {name: type(layer).__name__ for name, layer in model.network.named_children()}
    layers = [LayerOutput(INPUT, "", 1, [0], model.pixel_intensities(x).numpy()[None])]
    for name, output in maps.items():
        layers.append(LayerOutput(name, kinds[name], len(output), order[name], output[order[name]].numpy()))
    *_others, logits = maps.values()
    return Frame(model.step or 0, model.title, layers, logits.softmax(dim=0).numpy()), order


@st.cache_resource(max_entries=12, show_spinner=False)
def earlier(run: str, image_key: str, _run_view: RunView[CNNConfig], _image: DigitImage, _order: Order) -> list[Frame]:
    """Return the frames (see `frame`) of a finished run for an image, one for each update with recorded weights.

    ``run`` (the id of the run) and ``image_key`` identify the frames in the cache.
    """
    frames = []
    for step, network in networks(_run_view.run.config, _run_view.history):
        title = _("the network at update {step:,}").format(step=step) if step else _("the untrained network")
        snapshot = _Snapshot(title, _run_view.config, b"", step=step, network_then=network)
        frames.append(frame(snapshot, _image, _order)[0])
    return frames
