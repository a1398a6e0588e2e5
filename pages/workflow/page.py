"""The "PyTorch workflow" page: one program, and the object that each of its lines makes."""

import streamlit as st

from core.topics.workflow.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.divergence import explain_divergence
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.workflow import labels, live


def main() -> None:
    """Draw the "PyTorch workflow" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("PyTorch workflow"),
        _("A complete program. Run it line by line, and see what each line makes."),
        guide="workflow",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: settings.draw_all("samples", "seed"),
        draw_main=lambda run_view, previous: live.draw_main(settings, run_view, previous),
        draw_tabs=lambda: _draw_tabs(panel),
        explain_failure=explain_divergence,
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    settings.draw_all("shuffle", "batch_size")
    st.caption(labels.gradient_descent(settings.config))
    settings.draw_all("noise", "learning_rate", "epochs")


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("workflow"),
            "export": lambda: downloads.draw(panel),
        },
        key=f"{TOPIC.name}.tab",
    )


main()
