"""Compare how often networks with 2, 3, and 4 units solve a task, across many random initializations."""

import streamlit as st

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.seed_study import SOLVED_ACCURACY, WIDTHS, run_seed_study
from pages.components.charts import bars
from pages.components.text import _, ngettext

KEY = "playground.seed_study"
_ASKED = f"{KEY}.asked"
_N_SEEDS = 100
_MAX_COUNTED = 16
_counted: dict[PlaygroundConfig, dict[int, float]] = {}  # shared by all sessions


def draw(config: PlaygroundConfig) -> None:
    """Draw a button that starts the seed study for the settings ``config``, and the results, if any.

    For each of several widths, the study trains networks with many seeds.
    """
    config = config.model_copy(update={"seed": 0, "units_1": WIDTHS[0], "early_stopping": 0})
    with st.container(border=True):
        text, results = st.columns([1, 1.2], gap="large", vertical_alignment="center")
        with text:
            st.markdown(
                ngettext(
                    "**Effect of the seed**: one run shows only one initialization. For each width ({widths} units), "
                    "train {count} network and check whether it reaches a test accuracy of {solved:.0%}.",
                    "**Effect of the seed**: one run shows only one initialization. For each width ({widths} units), "
                    "train {count} networks with different seeds and count how many reach a test accuracy of "
                    "{solved:.0%}.",
                    _N_SEEDS,
                ).format(count=_N_SEEDS, widths=", ".join(map(str, WIDTHS)), solved=SOLVED_ACCURACY)
            )
            st.button(_("Compare seeds"), icon=":material/casino:", key=KEY, on_click=_ask, args=(config,))
        if st.session_state.get(_ASKED) == config:
            with results:
                _draw_shares(config)


def _ask(config: PlaygroundConfig | None) -> None:
    st.session_state[_ASKED] = config


def _draw_shares(config: PlaygroundConfig) -> None:
    shares = _counted.get(config)
    if shares is None:
        place = st.empty()
        with place.container():
            shares = _count(config)
        place.empty()
    bars.columns(
        {str(units): share for units, share in shares.items()},
        titles={str(units): ngettext("{count} unit", "{count} units", units).format(count=units) for units in shares},
        y=_("solved"),
        key=f"{KEY}.bars",
        alt=_("Fraction of training runs that solve the task, for networks with {widths} units").format(
            widths=", ".join(map(str, WIDTHS))
        ),
        height=200,
    )


def _count(config: PlaygroundConfig) -> dict[int, float]:
    """Train the networks. For each number of units, return the fraction of networks that solve the task.

    A progress bar is shown. A click on "Cancel" takes effect at the next change of the bar.
    """
    total = _N_SEEDS * len(WIDTHS)
    text = ngettext("Training {count} network", "Training {count} networks", total).format(count=total)
    bar, percent = st.progress(0, text=text), 0
    st.button(_("Cancel"), icon=":material/close:", key=f"{KEY}.cancel", on_click=_ask, args=(None,))

    def show(share: float) -> None:
        nonlocal percent
        if int(100 * share) > percent:
            percent = int(100 * share)
            bar.progress(percent, text=text)

    results = run_seed_study(config, range(_N_SEEDS), show)
    while len(_counted) >= _MAX_COUNTED:
        _counted.pop(next(iter(_counted)), None)
    shares = _counted[config] = {units: result.solved_share for units, result in results.items()}
    return shares
