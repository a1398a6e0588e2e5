"""The "Loss surface" view: trajectories of optimizers on a loss that depends on two weights."""

import streamlit as st
from pydantic import ValidationError

from core.topics.loss_surface.config import PRESETS, LossSurfaceConfig
from pages.components import layout
from pages.components.charts.landscape import Change
from pages.components.run.controls import Settings
from pages.components.run.fragments import redraw, tabs
from pages.components.run.validation import validation_message
from pages.components.text import _, lesson
from pages.optimizers import labels, rules
from pages.optimizers.loss_surface import landscape, results, search
from pages.optimizers.loss_surface import settings as settings_view

NAME = "loss_surface"
_CHANGE = "loss_surface.change"


def draw() -> None:
    """Draw the "Loss surface" view."""
    settings = Settings(NAME, PRESETS)
    search.remember(settings)
    with layout.controls():
        settings.choose_preset(labels.surfaces(), on_choice=search.forget, label=_("Surface"))
        settings_view.draw_first(settings)
        with st.expander(_("More settings"), icon=":material/tune:"):
            settings_view.draw_more(settings)
    layout.draw_settings_bar()
    settings.write_address()
    with layout.main_view():
        redraw(lambda: _draw_map(settings))
    settings.show_problems()
    _draw_results(settings.config)
    _draw_tabs(settings.config)
    landscape.draw_surface(settings.config, key=f"{NAME}.landscape")


def _draw_map(settings: Settings[LossSurfaceConfig]) -> None:
    """Draw the map. While the starting point is dragged, only the map is redrawn."""
    change: Change | None = st.session_state.get(_CHANGE)
    is_dragged = change is not None and not change.settled
    config = settings.config
    landscape.draw_trajectories(
        landscape.while_dragging(config) if is_dragged else config,
        key=f"{NAME}.landscape",
        request=change.request if change else 0,
        on_change=lambda new: _apply(settings, new),
    )
    if st.session_state.pop(f"{_CHANGE}.is_new", False):
        st.rerun()  # redraws the whole page


def _apply(settings: Settings[LossSurfaceConfig], change: Change) -> None:
    """Apply a change that the user made on the map."""
    st.session_state[_CHANGE] = change
    values = change.model_dump(include={"x", "y", "optimizers"}, exclude_none=True)
    try:
        if change.settled:
            settings.change(**values)
        else:
            settings.set_hidden(**values)
    except ValidationError as error:
        name, value = next(iter(values.items()))
        settings.report(validation_message(error, name, value))
    st.session_state[f"{_CHANGE}.is_new"] = change.settled


def _draw_results(config: LossSurfaceConfig) -> None:
    """Draw the description and the results below the map."""
    trajectories = landscape.trajectories(config)
    st.markdown(labels.surface_descriptions()[config.surface])
    table, remarks = st.columns([1.2, 1], gap="large")
    with table:
        results.draw_table(config, trajectories)
    with remarks:
        results.draw_remarks(config)
    results.draw_curves(config, trajectories)


def _draw_tabs(config: LossSurfaceConfig) -> None:
    tabs(
        {
            "lesson": lambda: lesson("optimizers"),
            "rules_as_code": lambda: rules.draw(config.optimizers),
        },
        titles={"rules_as_code": _("Update rules as code")},
        key=f"{NAME}.tab",
    )
