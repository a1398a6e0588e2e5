"""The view "On a surface": optimizers on a loss surface over two weights."""

import streamlit as st

from core.topics.loss_surface.config import PRESETS, LossSurfaceConfig
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.text import _, lesson
from pages.optimizers import labels, rules
from pages.optimizers.loss_surface import landscape, results, search
from pages.optimizers.loss_surface import settings as settings_view

NAME = "loss_surface"


def draw() -> None:
    """Draw the view."""
    settings = Settings(NAME, PRESETS)
    settings.show_problems()
    search.remember(settings)
    with st.container(border=True):
        settings.choose_preset(labels.surfaces(), on_choice=search.forget, label=_("Surface"))
        st.caption(labels.surface_descriptions()[settings.config.surface])
        settings_view.draw_first(settings)
        with st.expander(
            _("More: other optimizers, their own settings, the start, noise, steps"), icon=":material/tune:"
        ):
            settings_view.draw_more(settings)
    settings.write_address()
    config = settings.config
    trajectories = landscape.draw(
        config, key=f"{NAME}.landscape", on_pick=lambda x, y: settings_view.set_start(settings, x, y)
    )
    results.draw_remarks(config)
    results.draw_table(config, trajectories)
    results.draw_curves(config, trajectories)
    _draw_tabs(config)


def _draw_tabs(config: LossSurfaceConfig) -> None:
    tabs(
        {
            _("Lesson"): lambda: lesson("optimizers"),
            _("The rules as code"): lambda: rules.draw(config.optimizers),
        },
        key=f"{NAME}.tab",
    )
