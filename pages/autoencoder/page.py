"""The page "Autoencoder": a network takes the noise out of pictures, and the mosaic too."""

import streamlit as st

from core.autoencoder import PRESETS, train
from core.autoencoder.estimate import estimate_seconds
from pages.components import saving
from pages.components.asked import card_of_loaded
from pages.components.controls import Settings
from pages.components.run_panel import RunPanel
from pages.components.shown import tabs
from pages.components.text import _, lesson
from pages.vision.denoising import code, latent, live, maps, names, network, own, restore, training
from pages.vision.denoising.asked import Asked, asked

PAGE = "autoencoder"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    st.title(_("Autoencoder"))
    st.markdown(
        _(
            "A network squeezes a picture into a few numbers and unfolds it again: **what is noise does not fit "
            "through**. Move the noise; then train one yourself."
        )
    )
    panel = RunPanel(settings, train, titles=names.presets(), estimate=estimate_seconds)
    panel.draw(
        above=lambda shown: restore.draw(panel, shown),
        first=lambda: training.draw_first(settings, panel),
        more=lambda: training.draw_more(settings),
        view=live.draw,
        failed=live.explain_failure,
        further=lambda: _draw_tabs(panel),
    )


def _draw_tabs(panel: RunPanel) -> None:
    data = names.options()["data"][panel.shown().run.config.data]
    tabs(
        {
            _("Where it fails"): lambda: maps.draw(asked(panel)),
            _("Lesson"): lambda: lesson("vision", "autoencoder"),
            _("The latent space"): lambda: latent.draw(asked(panel)),
            _("Your own picture"): lambda: own.draw(asked(panel)),
            _("The networks"): lambda: network.draw(panel.settings.config),
            _("The code"): lambda: code.draw(),
            _("Take it away"): lambda: saving.draw(panel, Asked, data=data),
        },
        key=f"{PAGE}.tab",
        also=lambda: card_of_loaded(PAGE),
    )


main()
