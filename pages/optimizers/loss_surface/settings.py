"""The settings of the "Loss surface" view."""

import streamlit as st

from core.training.optimizers import tunable_settings
from pages.components.run.controls import Settings
from pages.components.text import _
from pages.optimizers import labels
from pages.optimizers.loss_surface import search


def draw_first(settings: Settings) -> None:
    """Draw the settings of the "Loss surface" view that are always visible."""
    surface = settings.config.surface
    if surface == "formula":
        _draw_formula(settings)
    settings.draw("learning_rate", label=_("Learning-rate multiplier (×)"))
    is_current = search.is_current(settings)
    st.button(
        _("Find the best learning rates"),
        icon=":material/manage_search:",
        type="secondary" if is_current else "primary",
        width="stretch",
        key="loss_surface.search",
        on_click=search.find_best_rates,
        args=(settings,),
        help=_(
            "Tries 61 learning rates for each optimizer except L-BFGS, from this starting point and from 24 other "
            "starting points. The button is blue if a new search may give different results."
        ),
    )
    own = {"formula": ("extent",), "ravine": ("condition",)}.get(surface, ())
    settings.draw_all(*own, "noise", "steps")


def _draw_formula(settings: Settings) -> None:
    search.follow_formula(settings.config.formula)
    st.text_input(
        _("Formula in x and y"),
        key=search.TYPED,
        on_change=search.apply_formula,
        args=(settings,),
        max_chars=2000,
        help=_(
            "Allowed: numbers; x and y; the constants pi and e; parentheses; the operators + - * / ^; the "
            "functions sin, cos, tan, exp, log, sqrt, abs, tanh, min(a, b), and max(a, b)."
        ),
    )
    formula, problem = st.session_state.get(search.PROBLEM, (None, None))
    if formula == st.session_state[search.TYPED]:
        st.error(problem)
        st.caption(_("The map still shows the last valid formula."))


def draw_more(settings: Settings) -> None:
    """Draw further settings: starting point, weight decay, seed, and the settings of each optimizer."""
    optimizer_labels = labels.optimizers()
    settings.draw_all("x", "y", "weight_decay", "seed")
    for name in settings.config.optimizers:
        settings.draw(f"rate_{name}", label=_("{name}: learning rate").format(name=optimizer_labels[name]))
        for setting in tunable_settings(name):
            title = _(type(settings.config).model_fields[f"{setting}_{name}"].title)
            settings.draw(
                f"{setting}_{name}", label=_("{name}: {setting}").format(setting=title, name=optimizer_labels[name])
            )
