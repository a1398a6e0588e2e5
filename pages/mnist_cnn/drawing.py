"""A pad in the main view: the network on the screen classifies what is drawn, with each stroke."""

import math
from collections.abc import Sequence
from functools import lru_cache
from html import escape

import safetensors.torch
import streamlit as st

from core.evaluation.inspection import logits
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build
from pages.components.charts import images
from pages.components.inputs import digit_input
from pages.components.inputs.digit_input import DigitImage
from pages.components.run.fragments import redraw
from pages.components.run.panel import RunPanel
from pages.components.text import _
from pages.mnist_cnn.selected_model import SelectedModel, current_model

_SIZE = 400
"""The largest width of the pad, in pixels."""
_CLASSIFIED = "mnist_cnn.classified"
"""The key of the image that was classified when the page was drawn."""


def draw(panel: RunPanel, *, depends_on_image: Sequence[str]) -> None:
    """Draw the pad and the prediction as a fragment. ``depends_on_image``: tabs that show the image on the pad."""

    def draw_pad() -> None:
        with st.container(key="draw"):
            image = digit_input.choose("mnist_cnn", size=_SIZE)
            _draw_prediction(_network(panel), image)
        before, st.session_state[_CLASSIFIED] = st.session_state.get(_CLASSIFIED, image), image
        if st.session_state.get("mnist_cnn.tab") in depends_on_image and before is not image and _differ(before, image):
            st.rerun()

    redraw(draw_pad)


def _differ(one: DigitImage, other: DigitImage) -> bool:
    return bool((one.pixels != other.pixels).any())


def _network(panel: RunPanel) -> SelectedModel:
    """Return the network on the screen; before its first update the one with the initial weights."""
    run_view = panel.picture()
    if run_view.recorded or run_view.step or not run_view.history:
        return current_model(panel)
    return SelectedModel(_("the untrained network"), run_view.config, _initial_weights(run_view.config))


@lru_cache(maxsize=2)
def _initial_weights(config: CNNConfig) -> bytes:
    return safetensors.torch.save(build(config).state_dict())


def _draw_prediction(model: SelectedModel, image: DigitImage) -> None:
    """Draw the predicted digit, the ten probabilities, and which network computes them."""
    outputs = logits(model.network, model.prepare(image.batch))[0]
    probabilities = outputs.softmax(dim=0).tolist()
    prediction, confidence = int(outputs.argmax()), max(probabilities)
    alt = _("Probability of each digit: {shares}").format(
        shares=", ".join(f"{digit}: {share:.2%}" for digit, share in enumerate(probabilities))
    )
    note = _("test digit, label {label}").format(label=image.label) if image.label is not None else image.origin
    thumbnail = images.data_url(images.pixel_intensities(image.pixels, scale=1))
    st.html(
        f'<div class="prediction"><header><img src="{thumbnail}" alt="{escape(_("The input: 28 × 28 pixels"))}">'
        f'<p class="result">{_result(prediction, confidence)}</p>'
        f'<p class="note" title="{escape(note)}">{escape(note)}</p></header>'
        f'<div class="probabilities" role="img" aria-label="{escape(alt)}">{_bars(probabilities)}</div>'
        f'<p class="note" title="{escape(model.title)}">{escape(model.title)}</p></div>'
    )


def _result(prediction: int, confidence: float) -> str:
    return _("<span>Prediction</span> <b>{prediction}</b> {confidence:.1%}").format(
        prediction=prediction, confidence=math.floor(1000 * confidence) / 1000
    )


def _bars(probabilities: Sequence[float]) -> str:
    highest = max(probabilities)
    return "".join(
        f'<span class="{"highest" if share == highest else ""}" style="--share:{share:.3f}"><i></i>{digit}</span>'
        for digit, share in enumerate(probabilities)
    )
