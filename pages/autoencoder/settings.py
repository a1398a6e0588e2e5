"""The settings of the page, with a preview of the training images."""

import streamlit as st

from core.data.corruptions import RANDOM
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import corrupted_pairs
from pages.autoencoder import labels, network
from pages.components.charts import images
from pages.components.run.controls import Settings
from pages.components.run.machine import draw_machine_settings
from pages.components.run.panel import RunPanel
from pages.components.text import _

_PREVIEWED = 16  # training pictures


def draw_first(settings: Settings, panel: RunPanel) -> None:
    """Draw the first settings."""
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.intentions()[settings.preset])
    config: AutoencoderConfig = settings.config
    levels = tuple("noise" if name == "gaussian" else name for name in config.corruptions)
    settings.draw_all("network", "corruptions", *levels, "learning_rate", "epochs", options=labels.options())
    st.caption(network.bottleneck(settings.config))
    _draw_preview(settings.config)


def _draw_preview(config: AutoencoderConfig) -> None:
    """What the network would get: some training pictures."""
    corrupted, _clean = corrupted_pairs(config.data, "train", config.corruption_levels, _PREVIEWED)
    images.show(
        images.greys(corrupted[:, 0].numpy(), columns=_PREVIEWED),
        alt=_("Training pictures: {steps}").format(steps=labels.corruption_levels(config.corruption_levels)),
    )
    if RANDOM.isdisjoint(config.corruptions):
        text = _("What it would be trained on: {steps}.")
    else:
        text = _("What it would be trained on: {steps}. What is left to chance is drawn anew for every update.")
    st.caption(text.format(steps=labels.corruption_levels(config.corruption_levels)))


def draw_more(settings: Settings) -> None:
    """Draw the other settings."""
    bottleneck = ("code", "relu_code") if settings.config.network in ("quick", "linear") else ()
    settings.draw_all(
        "data", "samples", "batch_size", "seed", "loss", "schedule", "sigmoid", *bottleneck, options=labels.options()
    )
    draw_machine_settings(settings)
