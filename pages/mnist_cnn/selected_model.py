"""The trained digit classifier that the page evaluates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import safetensors.torch
import streamlit as st
import torch
from torch import Tensor, nn

from core.data import datasets
from core.evaluation.inspection import logits, probabilities
from core.topics.mnist_cnn.model import load
from core.topics.mnist_cnn.transforms import apply, pipeline
from pages.components.run import selected_model as components
from pages.components.run.panel import RunPanel
from pages.components.text import _


@dataclass(frozen=True)
class SelectedModel(components.SelectedModel):
    """A trained digit classifier. Its ``config`` is a CNNConfig."""

    @property
    def accuracy(self) -> float | None:
        """The accuracy on the test set (0..1), or None if it is unknown."""
        return self.metrics.get("accuracy/test")

    @property
    def network(self) -> nn.Sequential:
        """The network, in eval mode."""
        return _load(self)

    @property
    def is_finite(self) -> bool:
        """Whether the network's outputs for a few test digits are finite."""
        return _has_finite_outputs(self)

    def prepare(self, images: Tensor) -> Tensor:
        """Apply the network's test transforms to images, and return the inputs (N, C, H, W) of the network.

        ``images`` (N, 1, 28, 28) contains pixel intensities in 0..1.
        """
        return apply(pipeline(self.config, training=False), images)

    @property
    def input_range(self) -> tuple[float, float]:
        """The smallest and the largest network input: the pixel intensities 0 and 1 after the test transforms."""
        lowest, highest = (self.prepare(torch.full((1, 1, 28, 28), value)) for value in (0.0, 1.0))
        return float(lowest.min()), float(highest.max())

    def pixel_intensities(self, x: Tensor) -> Tensor:
        """Undo the normalization of a network input ``x`` (1, C, H, W). Return pixel intensities (H, W) in 0..1."""
        low, high = self.input_range
        return ((x[0].mean(dim=0) - low) / (high - low)).clamp(0, 1)

    def test_probabilities(self) -> Tensor:
        """Return the class probabilities of all 10,000 test digits as a tensor of shape (10000, 10)."""
        return _test_probabilities(self)


HASH: dict[str | type, Callable[[Any], Any]] = {SelectedModel: lambda model: model.key}
"""The argument ``hash_funcs`` of Streamlit's caches: a network is identified by its key."""
_N_CHECKED = 8
"""Number of test digits whose outputs are checked."""
_BATCH = 1_000


def current_model(panel: RunPanel, *, asks_worker: bool = True, waits: bool = True) -> SelectedModel:
    """Return the network from a loaded file, the displayed run's network, or the app's compact network.

    For the order of preference, ``asks_worker``, and ``waits``, see `current_model` in
    `pages.components.run.selected_model`.
    """
    title = _("the compact network that comes with the app")
    return components.current_model(
        panel, SelectedModel, shipped="mnist_cnn-digits", shipped_title=title, asks_worker=asks_worker, waits=waits
    )


def describe(model: SelectedModel) -> None:
    """Draw a caption with the title of the network ``model`` and, if known, its test accuracy."""
    if model.accuracy is None:
        st.caption(_("Predictions by {title}.").format(title=model.title))
    else:
        st.caption(
            _("Predictions by {title}: accuracy {accuracy:.2%} on the 10,000 test digits.").format(
                title=model.title, accuracy=model.accuracy
            )
        )


# Large networks need a lot of memory, so only two networks are cached. Predictions of many networks are cached
@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=HASH)
def _load(model: SelectedModel) -> nn.Sequential:
    return load(model.config, safetensors.torch.load(model.weights))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=HASH)
def _has_finite_outputs(model: SelectedModel) -> bool:
    x, _labels = datasets.load("mnist", "test").batch(torch.arange(_N_CHECKED))
    return bool(logits(model.network, model.prepare(x)).isfinite().all())


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASH)
def _test_probabilities(model: SelectedModel) -> Tensor:
    parts = datasets.load("mnist", "test").images.unsqueeze(1).split(_BATCH)
    return torch.cat([probabilities(model.network, model.prepare(part.float() / 255)) for part in parts])
