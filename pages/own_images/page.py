"""The "Your own images" page: a linear head on a pretrained backbone learns new classes from a few images per class."""

import streamlit as st

from core.topics.own_images.config import PRESETS
from pages.components import layout
from pages.components.errors import show_errors
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.text import _, lesson, pgettext
from pages.own_images import (
    backbone,
    classes,
    code,
    evaluation,
    export,
    session,
    testing,
    training_view,
)

PAGE = "own_images"


def main() -> None:
    """Draw the "Your own images" page."""
    settings = Settings(PAGE, PRESETS)
    layout.draw_header(
        _("Your own images"),
        _("A network pretrained on a million images learns your classes **in seconds**, from a few images per class."),
        guide="own_images",
    )
    settings.show_problems()
    settings.write_address()
    state = session.current()
    with show_errors():
        if backbone.is_installed(settings.config):
            state.follow(settings.config)
    layout.draw_parts_switch(
        {"classes": _("Classes"), "train": pgettext("option", "Train"), "test": pgettext("option", "Test")}
    )
    with layout.main_view():
        with st.container(key="classes"):
            classes.draw()
        with st.container(key="train"):
            training_view.draw_settings(settings)
            training_view.draw(settings)
        with st.container(key="test"):
            testing.draw()
    tabs(
        {
            "lesson": lambda: lesson("own_images"),
            "confusion_matrix": lambda: evaluation.draw(),
            "code": lambda: code.draw(),
            "export": lambda: export.draw(),
        },
        titles={"confusion_matrix": _("Confusion matrix")},
        key=f"{PAGE}.tab",
        depends_on=lambda: (state.workspace.dataset, settings.config, state.version),
    )


main()
