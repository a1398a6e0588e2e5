"""The page "MNIST CNN": a convolutional network learns to classify digits, and shows its inside."""

import streamlit as st

from core.topics.mnist_cnn.model import check
from core.topics.mnist_cnn.topic import TOPIC
from pages.components import layout
from pages.components.run import model_io
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.machine import draw_machine_settings
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.mnist_cnn import (
    code,
    data,
    drawing,
    labels,
    live,
    misclassified,
    network,
    robustness,
)
from pages.mnist_cnn.selected_model import SelectedModel


def main() -> None:
    """Draw the page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("MNIST CNN"),
        _(
            "A convolutional network learns to **read handwritten digits**, here and now. Then draw one for it, look "
            "inside while it reads, and find out what it cannot do."
        ),
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets(), check=check)
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=live.draw,
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.intentions()[settings.preset])
    settings.draw_all("network", "learning_rate", "epochs", "noise", "samples", options=labels.options())


def _draw_more_settings(settings: Settings) -> None:
    settings.draw_all(
        "batch_size",
        "optimizer",
        "schedule",
        "weight_decay",
        "ema_decay",
        "keep_fraction",
        "label_smoothing",
        "seed",
        "early_stopping",
        "without_eval",
        options=labels.options(),
    )
    draw_machine_settings(settings)
    st.caption(_("The transforms of the digits are in the tab “The data”, the layers in the tab “The network”."))


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Draw a digit"): lambda: drawing.draw(panel),
            _("Lesson"): lambda: lesson("mnist_cnn"),
            _("Mistakes"): lambda: misclassified.draw(panel),
            _("What it withstands"): lambda: robustness.draw(panel),
            _("The data"): lambda: data.draw(panel.settings),
            _("The network"): lambda: network.draw(panel),
            _("The code"): lambda: code.draw(),
            _("Take it away"): lambda: model_io.draw(panel, SelectedModel, data="MNIST"),
        },
        key=f"{TOPIC.name}.tab",
        depends_on=lambda: panel.settings.config,
    )


main()
