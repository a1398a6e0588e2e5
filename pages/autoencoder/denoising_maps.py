"""The "Robustness" tab: the PSNR of networks on corruptions that they were and were not trained on."""

import math

import streamlit as st

from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.denoising_maps.config import DATA, PRESETS
from core.topics.autoencoder.denoising_maps.train import N_FILTERED, N_TEST, evaluate_psnr
from core.topics.autoencoder.model import size
from pages.autoencoder import labels
from pages.autoencoder.selected_model import HASH, SelectedModel, describe
from pages.components.charts import heatmap
from pages.components.server import recording
from pages.components.text import _

_MAX_WORK = 30_000_000_000
"""Limit on the multiply-adds of the selected network, summed over all columns. They take about two seconds."""


def draw(model: SelectedModel) -> None:
    """Draw the "Robustness" tab. One row of each table contains the PSNR values of the network ``model``."""
    describe(model)
    st.markdown(
        _(
            "**Networks specialize in their training corruption**: a network trained on the test corruption reaches "
            "a higher PSNR than networks trained on other corruptions. Each row, except for the last three, is a "
            "quick network trained on one corruption. Each column is a test corruption. The numbers are PSNR values "
            "in dB. An orange frame marks each cell in which the training and test corruptions are the same. The last "
            "three rows are for comparison: the selected network, the best of four classical filters, and the "
            "corrupted image itself. Test digits: {count:,} (selected network: {own:,}, filters: {filtered})."
        ).format(count=N_TEST, own=_n_evaluated(model.config), filtered=N_FILTERED)
    )
    if model.config.data != DATA:
        st.caption(
            _("The selected network was trained on clothing. Here it is tested on digits, like the other networks.")
        )
    noise, kind = st.columns([1.5, 1], gap="large")
    with noise:
        st.markdown(_("**Levels of Gaussian noise**: networks trained with too little noise mistake noise for strokes"))
        _draw_map(model, "noise", _("training σ"), _("test σ"))
    with kind:
        st.markdown(
            _(
                "**Kinds of corruption**: in each column, the network trained on the test corruption has the "
                "highest PSNR among the quick networks"
            )
        )
        _draw_map(model, "kind", _("training corruption"), _("test corruption"))
    st.caption(
        _(
            "The networks in the rows were trained in advance with the “Quick” preset, each on a different corruption "
            "of the same images. If the PSNR of a network's output is below the PSNR of the corrupted image, the "
            "output is worse than the input."
        )
    )


def _draw_map(model: SelectedModel, over: str, row_title: str, column_title: str) -> None:
    config = PRESETS[over]
    metrics = recording(f"autoencoder.denoising_maps-{over}").metrics
    recorded = {name: math.inf if psnr is None else psnr for name, psnr in metrics.items()}  # None: identical
    rows = (*config.rows, "filter", "corrupted")
    values = {(row, column): recorded[f"{row}/{column}"] for row in rows for column in config.columns}
    with st.spinner(_("Evaluating the selected network…"), show_time=False):
        own = {("network", column): _network_psnr(model, levels) for column, levels in config.columns.items()}
    titles = {"network": _("selected network"), "filter": _("best filter"), "corrupted": _("corrupted image")}
    heatmap.draw_table(
        values | own,
        rows=[*config.rows, *titles],
        columns=list(config.columns),
        titles=labels.corruptions() | titles,
        row_title=row_title,
        column_title=column_title,
        value_title=_("PSNR in dB"),
        infinite=_("identical"),
        darkest=max(value for (row, _column), value in values.items() if row in config.rows),
        key=f"autoencoder.map.{over}",
        alt=_("Table of PSNR values: one row per training corruption, one column per test corruption"),
        ringed=[(name, name) for name in config.rows],
    )


def warm_up(model: SelectedModel) -> None:
    """Compute and cache the PSNR values that the "Robustness" tab shows for the network ``model``."""
    for config in PRESETS.values():
        for levels in config.columns.values():
            _network_psnr(model, levels)


def _n_evaluated(config: AutoencoderConfig) -> int:
    """Return the number of test digits per column for evaluating the selected network: fewer for large networks."""
    columns = {levels for preset in PRESETS.values() for levels in preset.columns.values()}
    return min(N_TEST, _MAX_WORK // (len(columns) * size(config).multiply_adds))


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=HASH)
def _network_psnr(model: SelectedModel, levels: CorruptionLevels) -> float:
    return evaluate_psnr(levels, model.reconstruct, _n_evaluated(model.config))
