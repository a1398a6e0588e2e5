"""The "Network from scratch" page: five implementations of one network, trained side by side."""

import streamlit as st

from core.topics.manual_mlp.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.manual_mlp import code, labels, live, tutorial_mistakes


def main() -> None:
    """Draw the "Network from scratch" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("Network from scratch"),
        _("A two-layer network with gradients written by hand. Follow one update, line by line."),
        guide="manual_mlp",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=live.draw_main,
        draw_charts=live.draw_charts,
        explain_failure=live.explain_failure,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    st.caption(labels.data(settings.config.data))
    settings.draw_all(
        "learning_rate", "epochs", "noise", "tutorials_gradient", labels={"noise": labels.noise(settings.config.data)}
    )


def _draw_more_settings(settings: Settings) -> None:
    config = settings.config
    settings.draw_all(
        "samples",
        "batch_size",
        "seed",
        "input_size",
        "hidden_size",
        "output_size",
        "loss",
        "initialization",
        "implementation",
        "forget_zero_grad",
        "different_initial_weights",
        "custom_function",
        "named_layers",
        "optimizer",
        "precision",
        options={
            "loss": labels.losses(config.data),
            "implementation": {"all": _("All five"), **labels.implementations()},
        },
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: _draw_lesson(panel.settings.preset),
            "what_the_tutorial_gets_wrong": lambda: tutorial_mistakes.draw(panel.run_view()),
            "code": lambda: code.draw(panel.run_view().config.loss),
            "export": lambda: downloads.draw(panel, titles=labels.implementations()),
        },
        titles={"what_the_tutorial_gets_wrong": _("What the tutorial gets wrong")},
        key=f"{TOPIC.name}.tab",
    )


def _draw_lesson(preset: str) -> None:
    """Draw the preset's part of the lesson, then the common part."""
    lesson(f"manual_mlp/lessons/{preset}")
    lesson("manual_mlp")


main()
