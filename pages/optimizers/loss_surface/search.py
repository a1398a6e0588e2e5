"""The typed formula and the search for the best learning rates, kept in the session."""

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
    """Begin with the preset as the settings that the learning rates were searched for."""
    if _SEARCHED not in st.session_state:
        st.session_state[_SEARCHED] = PRESETS[settings.preset]


def forget() -> None:
    """Forget the typed formula and the search, as another surface is chosen."""
    for key in (TYPED, PROBLEM, _SEARCHED):
        st.session_state.pop(key, None)


def follow_formula(formula: str) -> None:
    """Put the formula of the settings into its field, when the field is new or an address has changed the formula."""
    if TYPED not in st.session_state or st.session_state.get(_DRAWN) != formula:
        st.session_state[TYPED] = formula
    st.session_state[_DRAWN] = formula


def is_current(settings: Settings) -> bool:
    """Return whether the learning rates were searched for the current settings."""
    return settings.config.same_search(st.session_state[_SEARCHED])


def apply_formula(settings: Settings) -> None:
    """Use the typed formula and search its best learning rates, or keep the message about what is wrong with it."""
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
    """Search the best learning rates for the current settings."""
    config = settings.config.with_rates(best_rates(settings.config))
    settings.replace(config)
    st.session_state[_SEARCHED] = config
