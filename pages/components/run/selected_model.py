"""The network that a page evaluates: from a loaded file, the displayed run, or a recording."""

from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import safetensors.torch
import streamlit as st
from torch import Tensor

from core.errors import CoreError
from core.evaluation.model_files import ModelCard
from core.training.config import Config
from core.training.progress import Metrics
from pages.components.run.displayed_run import run_on_screen
from pages.components.run.panel import RunPanel
from pages.components.server import recording
from pages.components.text import _

_PATIENCE, _FIRST_PATIENCE = 0.02, 1.0
"""Maximum number of seconds to wait for a worker that has already sent weights, and for a worker that has not."""


@dataclass(frozen=True)
class SelectedModel(Generic[Config]):
    """A trained network, with its config and its title on the page.

    ``weights`` is the content of a safetensors file. ``metrics`` are the final metrics of the run that trained the
    network.
    """

    title: str
    config: Config
    weights: bytes
    metrics: Metrics = field(default_factory=dict)
    step: int | None = None
    """The update of the displayed run that produced these weights; None for any other network."""

    @property
    def key(self) -> tuple[str, int]:
        """A key for caches. Networks with equal configs and weights have equal keys."""
        return self.config.model_dump_json(), hash(self.weights)

    @property
    def is_finite(self) -> bool:
        """Whether the network's outputs are finite. Subclasses implement this property.

        The outputs are not finite if training diverged.
        """
        raise NotImplementedError


Network = TypeVar("Network", bound=SelectedModel)


def current_model(
    panel: RunPanel,
    kind: type[Network],
    *,
    shipped: str,
    shipped_title: str,
    asks_worker: bool = True,
    waits: bool = True,
) -> Network:
    """Return the network to evaluate, as an instance of ``kind``, the page's subclass of `SelectedModel`.

    If the user has loaded a file, the network from the file is returned. Without a file, the network of the displayed
    run is returned if the run has weights and the network's outputs are finite. In all other cases, the network of the
    recording called ``shipped`` is returned. Its title is ``shipped_title``, followed by the reason for this choice.

    If ``asks_worker`` is true, the current weights are requested from the training process. Otherwise, the last weights
    that the training process has sent are used. If ``waits`` is false, weights that the process has already sent are
    returned immediately, and a later call returns the requested weights.
    """
    if loaded := _loaded(panel.page):
        return kind(_("the network from your file"), loaded.card.config, loaded.weights, loaded.card.metrics)
    run_view = panel.picture()
    current = run_view.run.last_weights()
    if asks_worker:
        current = run_view.run.current_weights(_FIRST_PATIENCE if not current else _PATIENCE if waits else 0)
    if current:
        title = _("the network at update {step:,}").format(step=current.step)
        if run_view.complete:
            title = _("the network of the recording") if run_view.recorded else _("the trained network")
        network = kind(title, run_view.config, current.weights, run_view.run.metrics, current.step)
        if network.is_finite:
            return network
        shipped_title = _("{title} (the current weights are not finite)").format(title=shipped_title)
    else:
        shipped_title = _("{title} (the current run has no weights yet)").format(title=shipped_title)
    run = recording(shipped)
    if run.weights is None:
        raise ValueError(f"the recording {shipped} has no weights")
    return kind(shipped_title, run.config, run.weights, run.metrics)


class _Loaded(NamedTuple):
    """A network from a file, and the id of the displayed run at the time of loading."""

    card: ModelCard
    weights: bytes
    run: str | None


def loaded_card(page: str) -> ModelCard | None:
    """Return the model card of the file that the user has loaded.

    Return None if no file has been loaded, or if the page has displayed another run since the file was loaded.
    """
    loaded = _loaded(page)
    return loaded and loaded.card


def use_loaded_model(page: str, kind: type[SelectedModel], card: ModelCard, weights: dict[str, Tensor]) -> None:
    """Use the network from a loaded file until the page displays another run.

    ``card`` and ``weights`` are the model card and the weights in the file. ``kind`` is the page's subclass of
    `SelectedModel`.

    Raises CoreError "weights_not_finite" if the network's outputs are not finite. Also raises the same errors as
    `core.evaluation.model_files.load_weights`, and any error from building the network.
    """
    packed = safetensors.torch.save(weights)
    if not kind("", card.config, packed).is_finite:
        raise CoreError("weights_not_finite")
    st.session_state[_key(page)] = _Loaded(card, packed, run_on_screen(page))


def discard_loaded_model(page: str) -> None:
    """Discard the network from the loaded file. The page then uses the displayed run again."""
    st.session_state.pop(_key(page), None)


def _loaded(page: str) -> _Loaded | None:
    loaded = st.session_state.get(_key(page))
    if loaded and run_on_screen(page) not in (None, loaded.run):  # a newly trained network takes precedence
        discard_loaded_model(page)
        return None
    return loaded


def _key(page: str) -> str:
    return f"{page}.loaded"
