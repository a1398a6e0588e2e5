"""The settings of the page, with a preview of corrupted training images."""

import streamlit as st

from core.data.corruptions import RANDOM
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import corrupted_pairs
from pages.autoencoder import labels, network
from pages.autoencoder.corruption import CorruptionControls
from pages.components.charts import images
from pages.components.run.controls import Settings
from pages.components.run.machine import draw_machine_settings
from pages.components.run.panel import RunPanel
from pages.components.text import _

_PREVIEWED = 8  # number of training images in the preview
_BOTTLENECK = 86  # height in pixels of the code-dimension setting, or of the text that replaces it


def draw_first(settings: Settings, panel: RunPanel, corruption: CorruptionControls) -> None:
    """Draw the main settings: preset, corruptions, code dimension, test corruptions, and training settings."""
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.intention(settings.preset, settings.config))
    corruption.draw()
    with st.container(height=_BOTTLENECK, border=False):
        if _has_chosen_code(settings.config):
            settings.draw("code")
        else:
            st.caption(network.bottleneck(settings.config))
    corruption.draw_test()
    st.markdown(_("**Training**"))
    settings.draw_all("network", "learning_rate", "epochs", options=labels.options())


def _has_chosen_code(config: AutoencoderConfig) -> bool:
    return config.network in ("quick", "linear")


def draw_more(settings: Settings) -> None:
    """Draw the settings in the "More settings" section."""
    _draw_preview(settings.config)
    if _has_chosen_code(settings.config):
        settings.draw("relu_code")
        st.caption(network.bottleneck(settings.config))
    settings.draw_all("data", "samples", "batch_size", "seed", "loss", "schedule", "sigmoid", options=labels.options())
    draw_machine_settings(settings)


def _draw_preview(config: AutoencoderConfig) -> None:
    """Draw some training images with the training corruption."""
    corrupted, _clean = corrupted_pairs(config.data, "train", config.corruption_levels, _PREVIEWED)
    corruptions = labels.corruption_levels(config.corruption_levels)
    images.show(
        images.greys(corrupted[:, 0].numpy(), columns=_PREVIEWED),
        alt=_("Training images: {corruptions}").format(corruptions=corruptions),
    )
    if RANDOM.isdisjoint(config.corruptions):
        text = _("Training images: {corruptions}.")
    else:
        text = _("Training images: {corruptions}. Each update draws new random corruptions.")
    st.caption(text.format(corruptions=corruptions))
