"""The "Autoencoder" page: a network removes noise, mosaics, and other corruptions from images."""

from core.topics.autoencoder.topic import TOPIC
from pages.autoencoder import (
    code,
    denoising_maps,
    labels,
    latent,
    live,
    network,
    own_image,
)
from pages.autoencoder import (
    settings as training,
)
from pages.autoencoder.corruption import CorruptionControls
from pages.autoencoder.reconstructions import Reconstructions
from pages.autoencoder.selected_model import SelectedModel, current_model
from pages.components import layout
from pages.components.run import model_io
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.run.selected_model import loaded_card
from pages.components.text import _, lesson


def main() -> None:
    """Draw the "Autoencoder" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("Autoencoder"),
        _("A network compresses a corrupted image into a few numbers and **reconstructs the clean image**."),
        guide="autoencoder",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    corruption = CorruptionControls(settings)
    main_view = Reconstructions(panel, corruption)
    panel.draw(
        draw_main=lambda run_view, _previous: main_view.draw(run_view),
        draw_settings=lambda: training.draw_first(settings, panel, corruption),
        draw_more_settings=lambda: training.draw_more(settings),
        draw_charts=live.draw,
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_tabs(panel: RunPanel) -> None:
    data = labels.options()["data"][panel.run_view().config.data]
    tabs(
        {
            "lesson": lambda: lesson("autoencoder"),
            "robustness": lambda: denoising_maps.draw(current_model(panel)),
            "latent_space": lambda: latent.draw(current_model(panel)),
            "your_own_image": lambda: own_image.draw(current_model(panel)),
            "networks": lambda: network.draw(panel.settings.config),
            "code": lambda: code.draw(),
            "export": lambda: model_io.draw(panel, SelectedModel, data=data),
        },
        titles={
            "robustness": _("Robustness"),
            "latent_space": _("Latent space"),
            "your_own_image": _("Your own image"),
            "networks": _("Networks"),
        },
        key=f"{TOPIC.name}.tab",
        depends_on=lambda: loaded_card(TOPIC.name),
    )


main()
