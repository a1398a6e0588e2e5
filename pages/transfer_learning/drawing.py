"""The drawing pad in the main view: the four networks classify the drawing after each stroke."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape

import numpy as np
import safetensors.torch
import streamlit as st
import torch
from torch import nn

from core.data.digit_preprocessing import center_digit, rasterize
from core.evaluation.inspection import probabilities
from core.topics.transfer_learning.analysis import trained_networks
from core.topics.transfer_learning.config import Strategy, TransferConfig
from core.topics.transfer_learning.topic import TOPIC
from pages.components.charts import images
from pages.components.charts.prediction_grid import Symbol
from pages.components.inputs import pad
from pages.components.run.fragments import redraw
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView, recorded
from pages.components.text import _, ngettext
from pages.transfer_learning import labels
from pages.transfer_learning.predictions import symbols

_SIZE = 230
"""Maximum width of the pad, in pixels."""


def draw(panel: RunPanel) -> None:
    """Draw the drawing pad and each network's prediction for the drawing, as a Streamlit fragment."""

    def draw_pad() -> None:
        run_view = view_with_weights(panel)
        config = run_view.config
        with st.container(key="own"):
            drawing = pad.draw(
                key="transfer_learning.pad",
                label=_("Drawing pad: the four networks classify your drawing"),
                hint=_hint(config),
                size=_SIZE,
            )
            _draw_predictions(run_view, drawing)

    redraw(draw_pad)


def view_with_weights(panel: RunPanel) -> RunView:
    """Return the displayed run or, if it is a recording without weights, the recording of the current preset."""
    run_view = panel.picture()
    if run_view.recorded and run_view.run.weights is None:
        return recorded(f"{TOPIC.name}-{panel.settings.preset}")
    return run_view


def _hint(config: TransferConfig) -> str:
    if config.target == "fashion":
        return _("Draw a shirt or a shoe")
    if config.target == "digits_5_9":
        return _("Draw a digit from 5 to 9")
    return _("Draw a digit here")


def _draw_predictions(run_view: RunView, drawing: pad.Drawing) -> None:
    config, title = run_view.config, _("The predictions of the four networks appear here.")
    networks: Mapping[Strategy, nn.Sequential] = {}
    current = run_view.run.current_weights() if drawing.strokes else None
    pixels = _pixels(config, drawing) if drawing.strokes else np.zeros((28, 28), np.float32)
    if drawing.strokes and current is None:
        title = _("The weights are not available yet.")
    elif current:
        networks = _networks(config, current.weights)
        title = ngettext(
            "{count} label per class, update {step:,}", "{count} labels per class, update {step:,}", config.labels
        ).format(count=config.labels, step=current.step)
    thumbnail = images.data_url(images.pixel_intensities(pixels, scale=1))
    st.html(
        f'<div class="own-predictions"><header><img src="{thumbnail}" alt="{escape(_("The input: 28 × 28 pixels"))}">'
        f"<p>{escape(title)}</p></header>{_rows(networks, pixels, symbols(config.target))}</div>"
    )


def _pixels(config: TransferConfig, drawing: pad.Drawing) -> np.ndarray:
    """Return a drawing in the format of the target images: digits are centered and scaled as in MNIST."""
    if config.target == "fashion":
        return rasterize(drawing.strokes, pen=drawing.pen, side=28)
    return center_digit(rasterize(drawing.strokes, pen=drawing.pen))


@lru_cache(maxsize=4)
def _networks(config: TransferConfig, weights: bytes) -> Mapping[Strategy, nn.Sequential]:
    return trained_networks(config, safetensors.torch.load(weights))


def _rows(networks: Mapping[Strategy, nn.Sequential], pixels: np.ndarray, classes: list[Symbol]) -> str:
    """Return an HTML row for each strategy: the prediction and the probability of the predicted class."""
    x, rows = torch.from_numpy(pixels).view(1, 1, 28, 28), []
    for strategy, name in labels.short_strategies().items():
        symbol, share = "–", 0.0
        if strategy in networks:
            shares = probabilities(networks[strategy], x)[0]
            if shares.isfinite().all():
                share, symbol = float(shares.max()), _symbol(classes[int(shares.argmax())])
        shown = _("{share:.0%}").format(share=share) if share else ""
        rows.append(
            f'<div class="own-row" style="--colour:{labels.COLOURS[strategy]};--share:{share:.3f}">'
            f"<span>{escape(name)}</span><b>{symbol}</b><i></i><small>{shown}</small></div>"
        )
    return "".join(rows)


def _symbol(symbol: Symbol) -> str:
    name = escape(symbol.name)
    return f'<img src="{symbol.image}" alt="{name}" title="{name}">' if symbol.image else escape(symbol.text)
