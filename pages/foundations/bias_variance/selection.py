"""The sliders of a finished fit: the capacity and the data set whose fit is shown."""

import streamlit as st

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from pages.components.text import _
from pages.foundations.bias_variance import labels

PAGE = "bias_variance"


def choose_capacity(analysis: CapacityAnalysis, run_id: str) -> int:
    """Draw the slider of the capacity; return its index: that of the best one until the reader moves the slider."""
    moved = f"{PAGE}.moved"
    best = analysis.capacities[analysis.best_index]
    moved_run, moved_key = st.session_state.get(moved, ("", ""))
    was_moved = moved_run == run_id and moved_key in st.session_state
    key = moved_key if was_moved else f"{PAGE}.capacity.{run_id}.{best}"
    if st.session_state.get(key) not in analysis.capacities:
        st.session_state.pop(key, None)

    def move() -> None:
        # A browser may still send the initial value of a slider after another one has replaced it
        if st.session_state[key] != best or moved_key == key:
            st.session_state[moved] = (run_id, key)

    if len(analysis.capacities) == 1:
        st.caption(labels.capacity(analysis.config, best))
        return 0
    capacity = st.select_slider(
        _("Degree") if analysis.config.model == "polynomial" else _("Width (hidden units)"),
        analysis.capacities,
        value=best,
        key=key,
        on_change=move,
        help=_("All of them have been fitted: moving this trains nothing."),
    )
    return analysis.capacities.index(capacity)


def choose_data_set(config: BiasVarianceConfig) -> int:
    """Draw the slider of the data set whose points are shown; return its index."""
    key = f"{PAGE}.data_set"
    if st.session_state.get(key, 1) > config.data_sets:
        del st.session_state[key]
    return st.slider(_("Points of data set"), 1, config.data_sets, key=key) - 1
