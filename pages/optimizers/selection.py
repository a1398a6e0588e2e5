"""The user's selection in the heat map of the race or of the schedules: one cell, or one learning rate for all rows.

The selection is stored in the session state and in the page URL. In all functions, ``key`` is the name
of the topic.
"""

import streamlit as st

from core.training.batched.results import Results
from pages.components import history, link_warnings
from pages.components.charts import rate_grid
from pages.components.text import _

_COMPARED = "compared"
"""The query parameter for the selected cell or learning rate."""


def follow_address(*, key: str) -> dict[str, str]:
    """Apply the selection in the page URL if the user has opened a link, or has gone back or forward in the browser.

    Return the query parameters of the current selection. Without a selection, return an empty dict.
    """
    if (query := history.follow(_choice_key(key))) is not None:
        st.session_state[_choice_key(key)] = _choice_of(query.get(_COMPARED, ""))
    return _in_address(st.session_state.get(_choice_key(key)))


def chosen(results: Results, *, key: str) -> rate_grid.Choice | None:
    """Return the cell or the learning rate that is selected in the heat map.

    Return None if nothing is selected, or if the results do not contain the selected cell or learning rate.
    """
    choice: rate_grid.Choice | None = st.session_state.get(_choice_key(key))
    if choice is None:
        return None
    names = results.config.variants if choice.row is None else (choice.row,)
    is_measured = any(choice.learning_rate in results.learning_rates(name) for name in names)
    return choice if is_measured else None


def common_rate(choice: rate_grid.Choice | None) -> float | None:
    """Return the learning rate at which all optimizers or schedules are compared.

    Return None if each optimizer or schedule is compared at its own best learning rate.
    """
    return choice.learning_rate if choice and choice.row is None else None


def select(choice: rate_grid.Choice | None, *, key: str) -> None:
    """Select a cell or a learning rate, or clear the selection if ``choice`` is None. Update the page URL."""
    st.session_state[_choice_key(key)] = choice
    st.query_params.from_dict(
        {name: value for name, value in st.query_params.items() if name != _COMPARED} | _in_address(choice)
    )


def _choice_key(key: str) -> str:
    return f"{key}.chosen"


def _choice_of(text: str) -> rate_grid.Choice | None:
    """Parse the selection in the page URL: a learning rate, such as "0.1", or a cell, such as "adam,0.1"."""
    *names, rate = text.split(",")
    try:
        return rate_grid.Choice(float(rate), *names[:1])
    except ValueError:
        if text:
            problem = _(
                "“{text}” in the address is not a valid selection. For example, “0.1” compares all rows of the heat "
                "map at a learning rate of 0.1, and “adam,0.1” adds the curve for Adam at this learning rate."
            )
            link_warnings.add(problem.format(text=text[:40]))
        return None


def _in_address(choice: rate_grid.Choice | None) -> dict[str, str]:
    if choice is None:
        return {}
    return {_COMPARED: ",".join([*([choice.row] if choice.row else []), f"{choice.learning_rate:g}"])}
