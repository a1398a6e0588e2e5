"""Which network the page asks: that of a loaded file, of the run on the screen, or the one that ships."""

from dataclasses import dataclass
from functools import lru_cache

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
        return _load(self.config, self.weights)

    def prepare(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 1, 28, 28) in 0..1 as this network was trained to see them."""
        return apply(chain(self.config, training=False), pictures, 0)

    def test_probabilities(self) -> Tensor:
        """What the network makes of all 10,000 test digits, (10000, 10)."""
        return _test_probabilities(self.config, self.weights)


def asked(panel: RunPanel) -> Asked:
    """The network that is asked now. A run gives its own when it has reached its end, unless that answers nothing."""
    if LOADED in st.session_state:
        card, weights = st.session_state[LOADED]
        return Asked(_("the network of your file"), card.config, weights, card.metrics.get("accuracy/test"))
    run = panel.shown().run
    if run.weights and panel.shown().complete and _answers(run.config, run.weights):
        title = _("the network of the recording above") if panel.shown().recorded else _("the network trained above")
    else:
        run, title = recording(_SHIPPED), _("the compact network that comes with the app")
    return Asked(title, run.config, run.weights, run.metrics.get("accuracy/test"))


def keep(card: Card[CNNConfig], weights: dict[str, Tensor]) -> None:
    """From now on ask the network of a loaded file.

    Raises CoreError "weights_unfit", "weights_not_finite" or what `build` raises.
    """
    packed = safetensors.torch.save(weights)
    if not _answers(card.config, packed):
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


@lru_cache(maxsize=4)
def _load(config: CNNConfig, weights: bytes) -> nn.Sequential:
    return load(config, safetensors.torch.load(weights))


@lru_cache(maxsize=4)
def _answers(config: CNNConfig, weights: bytes) -> bool:
    """Whether the answers are numbers; after a training that has diverged they are not."""
    x, _labels = datasets.load("mnist", "test").batch(torch.arange(8))
    return bool(logits(_load(config, weights), apply(chain(config, training=False), x, 0)).isfinite().all())


@lru_cache(maxsize=4)
def _test_probabilities(config: CNNConfig, weights: bytes) -> Tensor:
    images = datasets.load("mnist", "test").images
    network, links = _load(config, weights), chain(config, training=False)
    parts = images.unsqueeze(1).split(1_000)
    return torch.cat([probabilities(network, apply(links, part.float() / 255, 0)) for part in parts])
