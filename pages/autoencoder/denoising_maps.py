"""The tab that shows how networks fail on corruptions that they were not trained for."""

import math
from collections.abc import Mapping

import streamlit as st

from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.denoising_maps.config import DATA, PRESETS
from core.topics.autoencoder.denoising_maps.train import N_TEST, evaluate_psnr
from core.topics.autoencoder.filters import best_filter
from core.topics.autoencoder.model import size
from pages.autoencoder import labels
from pages.autoencoder.selected_model import HASH, SelectedModel, describe
from pages.components.charts import heatmap
from pages.components.server import recording
from pages.components.text import _

_MAX_WORK = 30_000_000_000
"""Multiply-adds that the selected network may take for all columns: about two seconds."""
_FILTERED = 200
"""Test digits for the filters, some of which take a millisecond each."""


def draw(model: SelectedModel) -> None:
    """Draw the tab."""
    describe(model)
    st.markdown(
        _(
            "**A network repairs what it was trained on.** Each row is a quick network that was trained with one "
            "thing, each column what it was then tested with: the PSNR in dB, of {count:,} test digits. The rings "
            "mark what each was trained for. The last rows: the network that is asked (of {asked:,} digits), the best "
            "classical filter for each column (of {filtered}), and doing nothing."
        ).format(count=N_TEST, asked=_n_evaluated(model.config), filtered=_FILTERED)
    )
    if model.config.data != DATA:
        st.caption(_("The network that is asked was trained on clothing. Here it gets digits, as all the others do."))
    noise, kind = st.columns([1.5, 1], gap="large")
    with noise:
        st.markdown(_("**Levels of Gaussian noise**: too little in training, and noise is taken for ink"))
        _draw_map(model, "noise", _("σ in training"), _("σ in the test"))
    with kind:
        st.markdown(_("**Kinds of corruption**: each repairs what it knows, and little else"))
        _draw_map(model, "kind", _("in training"), _("in the test"))
    st.caption(
        _(
            "The networks of the rows are recordings: the preset “Quick”, each time with another corruption of the "
            "same pictures. Where the numbers of a column are below those of “nothing”, the network does harm."
        )
    )


def _draw_map(model: SelectedModel, over: str, row_title: str, column_title: str) -> None:
    config = PRESETS[over]
    metrics = recording(f"autoencoder.denoising_maps-{over}").metrics
    recorded = {name: math.inf if psnr is None else psnr for name, psnr in metrics.items()}  # None: identical
    words = labels.corruptions() if over == "kind" else {}
    rows, columns = ({name: words.get(name, name) for name in names} for names in (config.rows, config.columns))
    values = {
        (label, columns[column]): recorded[f"{name}/{column}"] for name, label in rows.items() for column in columns
    }
    with st.spinner(_("Asking the network…"), show_time=False):
        others = _others(model, config.columns)
    heatmap.draw_table(
        values | {(row, columns[name]): value for row, figures in others.items() for name, value in figures.items()},
        rows=[*rows.values(), *others],
        columns=list(columns.values()),
        row_title=row_title,
        column_title=column_title,
        value_title=_("PSNR in dB"),
        infinite=_("identical"),
        darkest=max(values.values()),
        key=f"autoencoder.map.{over}",
        alt=_("Table of PSNR: what networks were trained with against what they were tested with"),
        ringed=[(label, columns[name]) for name, label in rows.items()],
    )


def warm_up(model: SelectedModel) -> None:
    """Compute what the tab shows of a network."""
    for config in PRESETS.values():
        for levels in config.columns.values():
            _network_psnr(model, levels), _filter_psnr(levels), _corrupted_psnr(levels)


def _others(model: SelectedModel, columns: Mapping[str, CorruptionLevels]) -> dict[str, dict[str, float]]:
    """Return the PSNR of the selected network, of the best filter and of doing nothing, by the names of the columns."""
    return {
        _("asked"): {name: _network_psnr(model, levels) for name, levels in columns.items()},
        _("best filter"): {name: _filter_psnr(levels) for name, levels in columns.items()},
        _("nothing"): {name: _corrupted_psnr(levels) for name, levels in columns.items()},
    }


def _n_evaluated(config: AutoencoderConfig) -> int:
    """Return the number of test digits in each column; it is smaller for a large network."""
    columns = {levels for preset in PRESETS.values() for levels in preset.columns.values()}
    return min(N_TEST, _MAX_WORK // (len(columns) * size(config).multiply_adds))


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=HASH)
def _network_psnr(model: SelectedModel, levels: CorruptionLevels) -> float:
    return evaluate_psnr(levels, model.reconstruct, _n_evaluated(model.config))


@st.cache_data(show_spinner=False)
def _filter_psnr(levels: CorruptionLevels) -> float:
    return evaluate_psnr(levels, best_filter(DATA, levels), _FILTERED)


@st.cache_data(show_spinner=False)
def _corrupted_psnr(levels: CorruptionLevels) -> float:
    return evaluate_psnr(levels, lambda corrupted: corrupted, N_TEST)
