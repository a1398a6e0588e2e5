"""The main view: a drawing pad, and the network, which classifies the drawing after each stroke."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import safetensors.torch
import streamlit as st
from torch import Tensor

from core.evaluation.inspection import logits
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build, summary
from pages.components.charts import network_row
from pages.components.inputs import digit_input
from pages.components.inputs.digit_input import DigitImage
from pages.components.run.fragments import redraw
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.run.state import is_active
from pages.components.text import _
from pages.mnist_cnn import details, frames
from pages.mnist_cnn.selected_model import SelectedModel, current_model

_SIZE = 400
"""Largest width of the pad in pixels."""
_LARGE, _PATIENCE = 2_000_000, 10.0
"""The weights of a network with more than ``_LARGE`` weights are fetched at most once every ``_PATIENCE`` seconds."""
# Keys of the session state
_CLASSIFIED = "mnist_cnn.classified"  # the image that was classified when the page was drawn
_EARLIER = "mnist_cnn.earlier"  # the run and the image for which the browser needs frames of earlier updates
_FETCHED = "mnist_cnn.fetched"  # when the weights of a large network were last fetched from a worker


def draw(panel: RunPanel, *, depends_on_image: Sequence[str]) -> None:
    """Draw the drawing pad and the network as a Streamlit fragment.

    ``depends_on_image`` contains the titles of the tabs that depend on the image on the drawing pad. If one of these
    tabs is open, the whole page is redrawn when the image changes.
    """

    def draw_pad() -> None:
        with st.container(key="draw"):
            model = _network(panel)
            image = digit_input.choose("mnist_cnn", size=_SIZE, classify=lambda digits: _classes(model, digits))
            _draw_row(panel, model, image)
        before, st.session_state[_CLASSIFIED] = st.session_state.get(_CLASSIFIED, image), image
        if st.session_state.get("mnist_cnn.tab") in depends_on_image and before is not image and _differ(before, image):
            st.rerun()

    redraw(draw_pad)


def _differ(first: DigitImage, second: DigitImage) -> bool:
    return bool((first.pixels != second.pixels).any())


def _classes(model: SelectedModel, digits: Tensor) -> list[int] | None:
    """Return the predicted class of each digit, or None if the network's outputs are not finite."""
    return logits(model.network, model.prepare(digits)).argmax(dim=1).tolist() if model.is_finite else None


def _draw_row(panel: RunPanel, model: SelectedModel, image: DigitImage) -> None:
    run_view, refused = panel.picture(), digit_input.refusal("mnist_cnn")
    x, run = model.prepare(image.batch), run_view.run.id if model.step is not None else None
    key = hashlib.blake2b(image.pixels.tobytes(), digest_size=8).hexdigest()
    newest, order = frames.frame(model, image)
    earlier: Sequence[network_row.Frame] | None = None
    if run is None or is_active(run_view.run):  # the browser keeps the frames that it has received
        earlier = ()
    elif st.session_state.get(_EARLIER) == (run, key):
        earlier = frames.earlier(run, key, run_view, image, order)
    network_row.draw(
        None if refused else newest,
        earlier,
        run=run,
        image=key,
        note=_("test digit, label {label}").format(label=image.label) if image.label is not None else image.origin,
        refused=_("No prediction. {reason}").format(reason=refused) if refused else "",
        opened=details.opened(model.network),
        chosen=details.open_layer,
        closed=details.close,
        wants_earlier=lambda: st.session_state.update({_EARLIER: (run, key)}),
        key="mnist_cnn.row",
    )
    if not refused:
        details.draw(model, x, image)


def _network(panel: RunPanel) -> SelectedModel:
    """Return the displayed network. Before the first update of a run, the network has the initial weights."""
    run_view = panel.picture()
    if run_view.recorded or run_view.step or not run_view.history:
        # During training, the next redraw comes soon
        model = current_model(panel, asks_worker=_asks_worker(run_view), waits=False)
        if model.step == 0:
            return replace(model, title=_("the untrained network"))
        if model.step is not None and run_view.complete:
            return replace(model, title=_("the trained network (update {step:,})").format(step=model.step))
        return model
    return SelectedModel(_("the untrained network"), run_view.config, _initial_weights(run_view.config), step=0)


def _asks_worker(run_view: RunView[CNNConfig]) -> bool:
    """Return whether to fetch the latest weights from the worker. For large networks, this is done less often."""
    if sum(layer.parameters for layer in summary(run_view.config)) <= _LARGE:
        return True
    run, fetched = st.session_state.get(_FETCHED, ("", 0.0))
    if run == run_view.run.id and time.monotonic() - fetched < _PATIENCE:
        return False
    st.session_state[_FETCHED] = (run_view.run.id, time.monotonic())
    return True


@lru_cache(maxsize=2)
def _initial_weights(config: CNNConfig) -> bytes:
    return safetensors.torch.save(build(config).state_dict())
