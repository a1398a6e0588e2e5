"""The settings of the view "On a surface"."""

import streamlit as st
from pydantic import ValidationError

from core.topics.loss_surface.config import SURFACE_OPTIMIZERS
from core.training.optimizers import tunable_settings
from pages.components.run.controls import Settings
from pages.components.run.validation import validation_message
from pages.components.text import _
from pages.optimizers import labels
from pages.optimizers.loss_surface import search


def draw_first(settings: Settings) -> None:
    """Draw the settings that are always open."""
    config = settings.config
    if config.surface == "formula":
        _draw_formula(settings)
    rate, best, other = st.columns([1.2, 0.8, 1], vertical_alignment="bottom", gap="medium")
    with rate:
        settings.draw("learning_rate", label=_("Learning rate (× that of each)"))
    with best:
        st.button(
            _("Find the best rates"),
            icon=":material/manage_search:",
            key="loss_surface.search",
            on_click=search.find_best_rates,
            args=(settings,),
            help=_("Tries 61 learning rates for every optimizer, from here and from 24 other points of this surface."),
        )
    if not search.is_current(settings):
        st.caption(
            _(
                ":orange-badge[:material/tune: Other settings] The learning rates were searched for another start or "
                "other settings. “Find the best rates” searches anew."
            )
        )
    with other:
        if config.surface == "bowl":
            settings.draw("noise")
        elif config.surface == "formula":
            settings.draw("extent")


def _draw_formula(settings: Settings) -> None:
    search.follow_formula(settings.config.formula)
    st.text_input(
        _("Formula in x and y"),
        key=search.TYPED,
        on_change=search.apply_formula,
        args=(settings,),
        max_chars=2000,
        help=_("Numbers, x, y, pi, e, + - * / ^, sin cos tan exp log sqrt abs tanh, min(a, b), max(a, b)."),
    )
    formula, problem = st.session_state.get(search.PROBLEM, (None, None))
    if formula == st.session_state[search.TYPED]:
        st.error(_("{problem} The last good surface stays.").format(problem=problem))


def draw_more(settings: Settings) -> None:
    """Draw the folded settings: the optimizers with their own settings, the start, noise and steps."""
    config, optimizer_labels = settings.config, labels.optimizers()
    settings.draw(
        "optimizers",
        options={name: label for name, label in optimizer_labels.items() if name in SURFACE_OPTIMIZERS},
    )
    st.caption(
        _("Muon is missing: it makes a matrix of weights orthogonal, and a point on a surface is no matrix. It races.")
    )
    settings.draw_all(
        "x",
        "y",
        *(("condition", "steps") if config.surface == "ravine" else ("steps",)),
        *(("noise",) if config.surface != "bowl" else ()),
        "weight_decay",
        "seed",
    )
    for first in range(0, len(config.optimizers), 4):
        for column, name in zip(st.columns(4, gap="medium"), config.optimizers[first : first + 4], strict=False):
            with column:
                settings.draw(f"rate_{name}", label=_("Learning rate of {name}").format(name=optimizer_labels[name]))
                for setting in tunable_settings(name):
                    settings.draw(f"{setting}_{name}")


def set_start(settings: Settings, x: float, y: float) -> None:
    """Let all optimizers start from a point that was clicked."""
    try:
        settings.change(x=float(f"{x:.3g}"), y=float(f"{y:.3g}"))
    except ValidationError as error:
        settings.report(validation_message(error, "x, y", (x, y)))
