"""Which network the page asks: that of a loaded file, of the run on the screen, or the one that ships."""

from dataclasses import dataclass

import safetensors.torch
import streamlit as st
import torch
from torch import Tensor, nn

from core import datasets
from core.cards import Card
from core.cnn.config import CNNConfig
from core.cnn.network import load
from core.cnn.transforms import apply, chain
from core.errors import CoreError
from core.inspection import logits, probabilities
from pages.components.run_panel import RunPanel
from pages.components.server import recording
from pages.components.text import _

LOADED = "cnn.loaded"  # in the session: the card and the weights of a loaded file
_SHIPPED = "cnn-digits"


@dataclass(frozen=True)
class Asked:
    """A trained network, with the name that the page calls it by and the share of the test digits that it reads."""

    title: str
    config: CNNConfig
    weights: bytes
    accuracy: float | None

    @property
    def network(self) -> nn.Sequential:
        """The network, in eval mode."""
        return _load(self)

    def prepare(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 1, 28, 28) in 0..1 as this network was trained to see them."""
        return apply(chain(self.config, training=False), pictures, 0)

    def test_probabilities(self) -> Tensor:
        """What the network makes of all 10,000 test digits, (10000, 10)."""
        return _test_probabilities(self)

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from other networks, small enough to be kept."""
        return self.config.model_dump_json(), hash(self.weights)


def asked(panel: RunPanel) -> Asked:
    """The network that is asked now. A run gives its own when it has reached its end, unless that answers nothing."""
    if LOADED in st.session_state:
        card, weights = st.session_state[LOADED]
        return Asked(_("the network of your file"), card.config, weights, card.metrics.get("accuracy/test"))
    run = panel.shown().run
    if run.weights and panel.shown().complete:
        title = _("the network of the recording above") if panel.shown().recorded else _("the network trained above")
        network = Asked(title, run.config, run.weights, run.metrics.get("accuracy/test"))
        if _answers(network):
            return network
    shipped = recording(_SHIPPED)
    title = _("the compact network that comes with the app")
    if not panel.shown().complete:
        title = _("the compact network that comes with the app (the one above answers when it has finished)")
    return Asked(title, shipped.config, shipped.weights, shipped.metrics.get("accuracy/test"))


def keep(card: Card[CNNConfig], weights: dict[str, Tensor]) -> None:
    """From now on ask the network of a loaded file.

    Raises CoreError "weights_unfit", "weights_not_finite" or what `build` raises.
    """
    packed = safetensors.torch.save(weights)
    if not _answers(Asked("", card.config, packed, None)):
        raise CoreError("weights_not_finite")
    st.session_state[LOADED] = (card, packed)


def forget() -> None:
    """Ask the run on the screen again."""
    st.session_state.pop(LOADED, None)


def say(network: Asked) -> None:
    """Say which network is asked, and how well it reads."""
    if network.accuracy is None:
        st.caption(_("Asked is {title}.").format(title=network.title))
    else:
        st.caption(
            _("Asked is {title}: it reads {accuracy:.2%} of the 10,000 test digits.").format(
                title=network.title, accuracy=network.accuracy
            )
        )


# Memory for large networks is short: two of them are kept, of the others what they have answered
@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs={Asked: lambda asked: asked.key})
def _load(asked: Asked) -> nn.Sequential:
    return load(asked.config, safetensors.torch.load(asked.weights))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs={Asked: lambda asked: asked.key})
def _answers(asked: Asked) -> bool:
    """Whether the answers are numbers; after a training that has diverged they are not."""
    x, _labels = datasets.load("mnist", "test").batch(torch.arange(8))
    return bool(logits(asked.network, asked.prepare(x)).isfinite().all())


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={Asked: lambda asked: asked.key})
def _test_probabilities(asked: Asked) -> Tensor:
    parts = datasets.load("mnist", "test").images.unsqueeze(1).split(1_000)
    return torch.cat([probabilities(asked.network, asked.prepare(part.float() / 255)) for part in parts])
