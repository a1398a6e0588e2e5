"""The settings of the page, with a preview of the training images."""

from collections.abc import Callable

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

_PREVIEWED = 8  # training images


def draw_first(settings: Settings, panel: RunPanel, *, draw_test_controls: Callable[[], None]) -> None:
    """Draw the first settings: preset, test images, training."""
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.intentions()[settings.preset])
    draw_test_controls()
    config: AutoencoderConfig = settings.config
    st.markdown(_("**Training**"))
    settings.draw_all("network", *_levels(config), "learning_rate", "epochs", options=labels.options())


def _levels(config: AutoencoderConfig) -> list[str]:
    """Return the names of the settings of the corruptions' levels."""
    return ["noise" if name == "gaussian" else name for name in config.corruptions]


def draw_more(settings: Settings) -> None:
    """Draw the other settings."""
    bottleneck = ("code", "relu_code") if settings.config.network in ("quick", "linear") else ()
    settings.draw_all("corruptions", options=labels.options())
    _draw_preview(settings.config)
    settings.draw_all(*bottleneck, options=labels.options())
    st.caption(network.bottleneck(settings.config))
    settings.draw_all("data", "samples", "batch_size", "seed", "loss", "schedule", "sigmoid", options=labels.options())
    draw_machine_settings(settings)


def _draw_preview(config: AutoencoderConfig) -> None:
    """Draw some training images, as the network would get them."""
    corrupted, _clean = corrupted_pairs(config.data, "train", config.corruption_levels, _PREVIEWED)
    images.show(
        images.greys(corrupted[:, 0].numpy(), columns=_PREVIEWED),
        alt=_("Training images: {steps}").format(steps=labels.corruption_levels(config.corruption_levels)),
    )
    if RANDOM.isdisjoint(config.corruptions):
        text = _("Training images: {steps}.")
    else:
        text = _("Training images: {steps}. Random corruptions are drawn anew for every update.")
    st.caption(text.format(steps=labels.corruption_levels(config.corruption_levels)))
