"""The "Optimizers" page: a loss surface, a race between optimizers, and learning-rate schedules."""

import streamlit as st

import pages.optimizers.loss_surface.view as loss_surface
import pages.optimizers.lr_schedules.view as lr_schedules
import pages.optimizers.optimizer_race.view as optimizer_race
from pages.components import layout, view_switcher
from pages.components.text import _

VIEWS = {"loss_surface": loss_surface.draw, "optimizer_race": optimizer_race.draw, "lr_schedules": lr_schedules.draw}


def main() -> None:
    """Draw the "Optimizers" page."""
    names = {
        "loss_surface": _("Loss surface"),
        "optimizer_race": _("Race"),
        "lr_schedules": _("Schedules"),
    }
    layout.draw_header(
        _("Optimizers"), guide="optimizers", choose_view=lambda: view_switcher.choose(names, key="optimizers.view")
    )
    VIEWS[st.session_state["optimizers.view"]]()


main()
