"""The page "Your own pictures": some of each class are enough, for a network that has seen a million others."""

import streamlit as st

from core.own_pictures import PRESETS
from pages.components.controls import Settings
from pages.components.shown import redraw, tabs
from pages.components.text import _, explained, lesson
from pages.vision.own import asked, backbone, code, shelf, sure, take_home, taught, teach

PAGE = "own_pictures"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    st.title(_("Your own pictures"))
    st.markdown(
        _(
            "Show it some pictures of each class, and it tells new ones apart **after a second of training**: a "
            "network that has seen a million other pictures has done the hard part. Replace the examples by your own."
        )
    )
    settings.show_problems()
    new, pictures = st.columns([1, 1.25], gap="large")  # on a phone the answer comes first
    with pictures:
        shelf.draw()
        _draw_settings(settings)
    settings.write_address()
    with new, explained():
        if backbone.available(settings.config):
            learnt = taught.teach(settings.config)
            redraw(lambda: asked.draw(learnt))
    tabs(
        {
            _("Teach it your own"): lambda: teach.draw(),
            _("Lesson"): lambda: lesson("vision", "own_pictures"),
            _("How sure can one be?"): lambda: sure.draw(taught.teach(settings.config)),
            _("The code"): lambda: code.draw(),
            _("Take it home"): lambda: take_home.draw(taught.teach(settings.config)),
        },
        key=f"{PAGE}.tab",
        also=lambda: (shelf.album(), settings.config),
    )


def _draw_settings(settings: Settings) -> None:
    with st.container(border=True):
        settings.draw_columns(("learning_rate",), ("epochs",), ("noise",))
        with st.expander(_("More settings"), icon=":material/tune:"):
            settings.draw_columns(("backbone",), ("weight_decay",), options={"backbone": backbone.names()})
            backbone.draw_guess_note()


main()
