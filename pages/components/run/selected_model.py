"""Which network a page asks: that of a loaded file, of the run on the screen, or the one that ships."""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import safetensors.torch
import streamlit as st
from torch import Tensor

from core.errors import CoreError
from core.evaluation.model_files import ModelCard
from core.training.config import RunConfig
from core.training.progress import Metrics
from pages.components.run.current_run import run_on_screen
from pages.components.run.panel import RunPanel
from pages.components.server import recording
from pages.components.text import _


@dataclass(frozen=True)
class SelectedModel:
    """A trained network, with the name that the page calls it by and its final figures."""

    title: str
    config: RunConfig
    weights: bytes
    metrics: Metrics = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from other networks, small enough to be kept."""
        return self.config.model_dump_json(), hash(self.weights)

    @property
    def is_finite(self) -> bool:
        """Whether its answers are numbers; after a training that has diverged they are not."""
        raise NotImplementedError


Network = TypeVar("Network", bound=SelectedModel)


def current_model(panel: RunPanel, kind: type[Network], *, shipped: str, shipped_title: str) -> Network:
    """The network that is asked now, as a ``kind`` of network of this page.

    A run gives its own when it has reached its end, unless that answers nothing: then it is the recording ``shipped``.
    """
    if loaded := _loaded(panel.page):
        return kind(_("the network of your file"), loaded.card.config, loaded.weights, loaded.card.metrics)
    run_view = panel.run_view()
    if run_view.run.weights and run_view.complete:
        title = _("the network of the recording above") if run_view.recorded else _("the network trained above")
        network = kind(title, run_view.run.config, run_view.run.weights, run_view.run.metrics)
        if network.is_finite:
            return network
    if not run_view.complete:
        shipped_title = _("{title} (the one above answers when it has finished)").format(title=shipped_title)
    run = recording(shipped)
    return kind(shipped_title, run.config, run.weights, run.metrics)


class _Loaded(NamedTuple):
    """What was loaded from a file, and the run that was on the screen then."""

    card: ModelCard
    weights: bytes
    run: str | None


def loaded_card(page: str) -> ModelCard | None:
    """The card of the file whose network is asked, if one was loaded and nothing was trained since."""
    loaded = _loaded(page)
    return loaded and loaded.card


def use_loaded_model(page: str, kind: type[SelectedModel], card: ModelCard, weights: dict[str, Tensor]) -> None:
    """Ask the network of a loaded file, until something is trained.

    Raises CoreError "weights_unfit", "weights_not_finite" or what building the network raises.
    """
    packed = safetensors.torch.save(weights)
    if not kind("", card.config, packed).is_finite:
        raise CoreError("weights_not_finite")
    st.session_state[_key(page)] = _Loaded(card, packed, run_on_screen(page))


def discard_loaded_model(page: str) -> None:
    """Ask the run on the screen again."""
    st.session_state.pop(_key(page), None)


def _loaded(page: str) -> _Loaded | None:
    loaded = st.session_state.get(_key(page))
    if loaded and run_on_screen(page) not in (None, loaded.run):  # what one has just trained is to be seen
        discard_loaded_model(page)
        return None
    return loaded


def _key(page: str) -> str:
    return f"{page}.loaded"
