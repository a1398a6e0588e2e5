"""The "MNIST CNN" page: a convolutional network learns to classify digits, including your own drawings."""

import streamlit as st

from core.engine import Run
from core.topics.mnist_cnn.model import check
from core.topics.mnist_cnn.topic import TOPIC
from pages.components import layout
from pages.components.run import model_io
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.machine import draw_machine_settings
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson
from pages.mnist_cnn import (
    code,
    data,
    drawing,
    inside,
    labels,
    live,
    misclassified,
    network,
    robustness,
    training_digits,
)
from pages.mnist_cnn.selected_model import SelectedModel


def main() -> None:
    """Draw the "MNIST CNN" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    live.draw_style()
    layout.draw_header(
        _("MNIST CNN"),
        _("A convolutional network learns to **classify handwritten digits**. Draw a digit and watch the prediction."),
        guide="mnist_cnn",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets(), check=check)
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=lambda run_view, previous: _draw_main(panel, run_view, previous),
        draw_charts=live.draw_charts,
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_main(panel: RunPanel, run_view: RunView, previous: Run | None) -> None:
    drawing.draw(panel, depends_on_image=[_("Feature maps")])
    with st.container(key="noise"):
        training_digits.draw(panel.settings.config)
    live.draw_main(run_view, previous)


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
    st.caption(
        _(
            "The settings of the transforms are in the “Data” tab, and the settings of the layers are in the “Network” "
            "tab."
        )
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("mnist_cnn"),
            "feature_maps": lambda: inside.draw(panel),
            "misclassified": lambda: misclassified.draw(panel),
            "robustness": lambda: robustness.draw(panel),
            "data": lambda: data.draw(panel.settings),
            "network": lambda: network.draw(panel),
            "code": lambda: code.draw(),
            "export": lambda: model_io.draw(panel, SelectedModel, data="MNIST"),
        },
        titles={
            "feature_maps": _("Feature maps"),
            "misclassified": _("Misclassified"),
            "robustness": _("Robustness"),
            "data": _("Data"),
            "network": _("Network"),
        },
        key=f"{TOPIC.name}.tab",
        depends_on=lambda: panel.settings.config,
    )


main()
