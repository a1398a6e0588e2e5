"""The page "Your own pictures": a network trained on ImageNet learns new classes from a few images of each."""

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
        _("Your own pictures"),
        _(
            "Show it some pictures of each class, and it tells new ones apart **after a second of training**: a "
            "network that has seen a million other pictures has done the hard part. Replace the examples by your own."
        ),
    )
    settings.show_problems()
    new, pictures = st.columns([1, 1.25], gap="large")  # on a phone the prediction comes first
    with pictures:
        session_dataset.draw()
        _draw_settings(settings)
    settings.write_address()
    with new, show_errors():
        if backbone.is_available(settings.config):
            trained = trained_head.train(settings.config)
            redraw(lambda: prediction.draw(trained))
    tabs(
        {
            _("Teach it your own"): lambda: dataset_editor.draw(),
            _("Lesson"): lambda: lesson("own_images"),
            _("How sure can one be?"): lambda: evaluation.draw(trained_head.train(settings.config)),
            _("The code"): lambda: code.draw(),
            _("Take it home"): lambda: export.draw(trained_head.train(settings.config)),
        },
        key=f"{PAGE}.tab",
        depends_on=lambda: (session_dataset.current(), settings.config),
    )


def _draw_settings(settings: Settings) -> None:
    with st.container(border=True):
        settings.draw_all("learning_rate", "epochs", "noise")
        with st.expander(_("More settings"), icon=":material/tune:"):
            settings.draw_all("backbone", "weight_decay", options={"backbone": backbone.labels()})
            backbone.draw_note()


main()
