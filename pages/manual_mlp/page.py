"""The page "A network by hand": five implementations of the same network, trained side by side."""

import streamlit as st

from core.topics.manual_mlp.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.manual_mlp import (
    code,
    labels,
    live,
    step_trace,
    tutorial_mistakes,
)


def main() -> None:
    """Draw the page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("A network by hand"),
        _(
            "A network with one hidden layer learns from gradients that were **written out by hand**. Four other ways "
            "to write the very same network train beside it, from the same weights on the same batches."
        ),
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=live.draw,
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
            "implementation": {"all": _("all five"), **labels.implementations()},
        },
    )


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("manual_mlp"),
            _("One step under the microscope"): lambda: step_trace.draw(panel.run_view()),
            _("What the tutorial gets wrong"): lambda: tutorial_mistakes.draw(panel.run_view()),
            _("The code, side by side"): lambda: code.draw(panel.run_view().config.loss),
            _("Take it away"): lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )


main()
