"""The typed formula and the search for the best learning rates, stored in the session state."""

import streamlit as st
from pydantic import ValidationError

from core.topics.loss_surface.config import PRESETS
from core.topics.loss_surface.lr_search import best_rates
from pages.components.run.controls import Settings
from pages.components.run.validation import validation_message

TYPED, PROBLEM = "loss_surface.typed", "loss_surface.problem"
_DRAWN = "loss_surface.formula"
_SEARCHED = "loss_surface.searched"


def remember(settings: Settings) -> None:
    """Store the preset's settings as the settings of the last learning-rate search, if no search is stored yet."""
    if _SEARCHED not in st.session_state:
        st.session_state[_SEARCHED] = PRESETS[settings.preset]


def forget() -> None:
    """Discard the typed formula, its error message, and the settings of the last learning-rate search.

    Call this function when the user selects a different surface.
    """
    for key in (TYPED, PROBLEM, _SEARCHED):
        st.session_state.pop(key, None)


def follow_formula(formula: str) -> None:
    """Copy ``formula`` from the settings to the text field if the field is new or ``formula`` has changed."""
    if TYPED not in st.session_state or st.session_state.get(_DRAWN) != formula:
        st.session_state[TYPED] = formula
    st.session_state[_DRAWN] = formula


def is_current(settings: Settings) -> bool:
    """Return whether the results of the last learning-rate search are valid for the current settings."""
    return settings.config.same_search(st.session_state[_SEARCHED])


def apply_formula(settings: Settings) -> None:
    """Apply the typed formula and the best learning rates for this formula.

    If the formula is invalid, store an error message instead.
    """
    formula = st.session_state[TYPED]
    try:
        config = settings.config.changed(formula=formula)
    except ValidationError as error:
        st.session_state[PROBLEM] = formula, validation_message(error, "formula", formula)
        return
    st.session_state.pop(PROBLEM, None)
    settings.replace(config)
    find_best_rates(settings)


def find_best_rates(settings: Settings) -> None:
    """Search for the best learning rates for the current settings, and apply these learning rates."""
    config = settings.config.with_rates(best_rates(settings.config))
    settings.replace(config)
    st.session_state[_SEARCHED] = config
