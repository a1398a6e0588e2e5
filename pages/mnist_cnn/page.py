"""The page "MNIST CNN": a convolutional network learns to read digits, and one can look inside."""

import streamlit as st

from core.cnn import PRESETS, train
from core.cnn.estimate import estimate_seconds
from core.cnn.network import check
from pages.components import saving
from pages.components.controls import Settings
from pages.components.run_panel import RunPanel
from pages.components.shown import tabs
from pages.components.text import _, lesson
from pages.vision.cnn import code, data, drawing, live, mistakes, names, network, robustness
from pages.vision.cnn.asked import Asked

PAGE = "cnn"


def main() -> None:
    """Draw the page."""
    settings = Settings(PAGE, PRESETS)
    st.title(_("MNIST CNN"))
    st.markdown(
        _(
            "A convolutional network learns to **read handwritten digits**, here and now. Then draw one for it, look "
            "inside while it reads, and find out what it cannot do."
        )
    )
    panel = RunPanel(settings, train, titles=names.presets(), estimate=estimate_seconds, check=check)
    panel.draw(
        first=lambda: _draw_first_settings(settings, panel),
        more=lambda: _draw_more_settings(settings),
        view=live.draw,
        failed=live.explain_failure,
        further=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(names.presets(), then=panel.preset_chosen)
    st.caption(names.intentions()[settings.preset])
    settings.draw_columns(
        ("network",),
        ("learning_rate",),
        ("epochs",),
        ("noise",),
        ("samples",),
        options=names.options(),
        vertical_alignment="bottom",
    )


def _draw_more_settings(settings: Settings) -> None:
    settings.draw_columns(
        ("batch_size", "optimizer"),
        ("schedule", "weight_decay"),
        ("averaging", "hardest"),
        ("label_smoothing", "seed"),
        ("early_stopping", "without_eval"),
        options=names.options(),
    )
    settings.draw("tricks", options=names.options()["tricks"])
    st.caption(_("The transforms of the digits are in the tab “The data”, the layers in the tab “The network”."))


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            _("Draw a digit"): lambda: drawing.draw(panel),
            _("Lesson"): lambda: lesson("vision", "mnist_cnn"),
            _("Mistakes"): lambda: mistakes.draw(panel),
            _("What it withstands"): lambda: robustness.draw(panel),
            _("The data"): lambda: data.draw(panel.settings),
            _("The network"): lambda: network.draw(panel),
            _("The code"): lambda: code.draw(),
            _("Take it away"): lambda: saving.draw(panel, Asked, data="MNIST"),
        },
        key=f"{PAGE}.tab",
        also=lambda: panel.settings.config,
    )


main()
