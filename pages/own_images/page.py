"""The page "Your own images": a network trained on ImageNet learns new classes from a few images of each."""

import streamlit as st

from core.topics.own_images.config import PRESETS
from pages.components import layout
from pages.components.errors import show_errors
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson
from pages.own_images import (
    backbone,
    code,
    dataset_editor,
    evaluation,
    export,
    prediction,
    session_dataset,
    trained_head,
)

PAGE = "own_images"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    layout.draw_header(
        _("Your own images"),
        _("A network pretrained on a million images learns your classes **in a second**, from a few images of each."),
    )
    settings.show_problems()
    with layout.controls():
        _draw_settings(settings)
    layout.draw_settings_bar()
    settings.write_address()
    with layout.main_view():
        with st.container(key="classes"):
            session_dataset.draw()
        with st.container(key="test"), show_errors():
            if backbone.is_available(settings.config):
                trained = trained_head.train(settings.config)
                redraw(lambda: prediction.draw(trained))
    tabs(
        {
            _("Classes"): lambda: dataset_editor.draw(),
            _("Lesson"): lambda: lesson("own_images"),
            _("Cross-validation"): lambda: evaluation.draw(trained_head.train(settings.config)),
            _("Code"): lambda: code.draw(),
            _("Export"): lambda: export.draw(trained_head.train(settings.config)),
        },
        key=f"{PAGE}.tab",
        depends_on=lambda: (session_dataset.current(), settings.config),
    )


def _draw_settings(settings: Settings) -> None:
    settings.draw_all("learning_rate", "epochs", "noise")
    with st.expander(_("More settings"), icon=":material/tune:"):
        settings.draw_all("backbone", "weight_decay", options={"backbone": backbone.labels()})
        backbone.draw_note()


main()
