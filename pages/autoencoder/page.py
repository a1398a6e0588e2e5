"""The page "Autoencoder": a network takes the noise out of pictures, and the mosaic too."""

import streamlit as st

from core.topics.autoencoder.topic import TOPIC
from pages.autoencoder import (
    code,
    denoising_maps,
    labels,
    latent,
    live,
    network,
    own_image,
    reconstructions,
)
from pages.autoencoder import (
    settings as training,
)
from pages.autoencoder.selected_model import SelectedModel, asked
from pages.components.run import model_io
from pages.components.run.controls import Settings
from pages.components.run.panel import RunPanel
from pages.components.run.selected_model import card_of_loaded
from pages.components.run.view import tabs
from pages.components.text import _, lesson


def main() -> None:
    """Draw the page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    st.title(_("Autoencoder"))
    st.markdown(
        _(
            "A network squeezes a picture into a few numbers and unfolds it again: **what is noise does not fit "
            "through**. Move the noise; then train one yourself."
        )
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        above=lambda shown: reconstructions.draw(panel, shown),
        first=lambda: training.draw_first(settings, panel),
        more=lambda: training.draw_more(settings),
        view=live.draw,
        failed=live.explain_failure,
        further=lambda: _draw_tabs(panel),
    )


def _draw_tabs(panel: RunPanel) -> None:
    data = labels.options()["data"][panel.shown().run.config.data]
    tabs(
        {
            _("Where it fails"): lambda: denoising_maps.draw(asked(panel)),
            _("Lesson"): lambda: lesson("autoencoder"),
            _("The latent space"): lambda: latent.draw(asked(panel)),
            _("Your own picture"): lambda: own_image.draw(asked(panel)),
            _("The networks"): lambda: network.draw(panel.settings.config),
            _("The code"): lambda: code.draw(),
            _("Take it away"): lambda: model_io.draw(panel, SelectedModel, data=data),
        },
        key=f"{TOPIC.name}.tab",
        also=lambda: card_of_loaded(TOPIC.name),
    )


main()
