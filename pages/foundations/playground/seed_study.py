"""How often 2, 3 and 4 units solve a task, over many random initializations."""

from functools import lru_cache

import streamlit as st

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.seed_study import SOLVED_ACCURACY, WIDTHS, run_seed_study
from pages.components.charts import bars
from pages.components.text import _

KEY = "playground.seed_study"
_N_SEEDS = 100


def draw(config: PlaygroundConfig) -> None:
    """Draw the button that trains the networks, and the shares that it has found for these settings."""
    config = config.model_copy(update={"seed": 0, "units_1": WIDTHS[0], "early_stopping": 0})
    with st.container(border=True):
        text, results = st.columns([1, 1.2], gap="large", vertical_alignment="center")
        with text:
            st.markdown(
                _(
                    "**Was that luck?** One run shows the result of one initialization. Train {count} networks of "
                    "{widths} units, each with another seed, and count how many reach a test accuracy of {solved:.0%}."
                ).format(count=_N_SEEDS, widths=", ".join(map(str, WIDTHS)), solved=SOLVED_ACCURACY)
            )
            if st.button(_("Count"), icon=":material/casino:", key=KEY):
                st.session_state[f"{KEY}.counted"] = config
        if st.session_state.get(f"{KEY}.counted") != config:
            return
        with results:
            with st.spinner(_("Training {count} networks…").format(count=_N_SEEDS * len(WIDTHS))):
                shares = _solved_shares(config)
            bars.columns(
                {_("{units} units").format(units=units): share for units, share in shares.items()},
                y=_("solved"),
                key=f"{KEY}.bars",
                alt=_("Share of the seeds with which {widths} units solve the task").format(
                    widths=", ".join(map(str, WIDTHS))
                ),
                height=200,
            )


@lru_cache(maxsize=16)
def _solved_shares(config: PlaygroundConfig) -> dict[int, float]:
    return {units: result.solved_share for units, result in run_seed_study(config, range(_N_SEEDS)).items()}
