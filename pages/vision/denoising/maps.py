"""The tab that shows how networks fail outside of what they were trained for."""

import streamlit as st

from core.autoencoder.maps import PRESETS, TESTED, row
from pages.components import heat
from pages.components.server import recording
from pages.components.text import _
from pages.vision.denoising import names
from pages.vision.denoising.asked import HASH, Asked, say


def draw(network: Asked) -> None:
    """Draw the tab."""
    say(network)
    st.markdown(
        _(
            "**A network repairs what it was trained on.** Each row is a quick network that was trained with one "
            "thing, each column what it was then tested with: the PSNR in dB, of {count:,} test pictures. The rings "
            "mark what each was trained for. The last rows: the network that is asked, and doing nothing."
        ).format(count=TESTED)
    )
    noise, kind = st.columns([1.5, 1], gap="large")
    with noise:
        st.markdown(_("**Levels of Gaussian noise**: too little in training, and noise is taken for ink"))
        _draw_map(network, "noise", _("σ in training"), _("σ in the test"))
    with kind:
        st.markdown(_("**Kinds of corruption**: who only knows noise does not see a mosaic"))
        _draw_map(network, "kind", _("in training"), _("in the test"))
    st.caption(
        _(
            "The networks of the rows are recordings: the preset “Quick”, each time with other pictures. Where the "
            "numbers of a column are below those of “nothing”, the network does harm."
        )
    )


def _draw_map(network: Asked, over: str, row_title: str, column_title: str) -> None:
    config, recorded = PRESETS[over], recording(f"denoising_maps-{over}").metrics
    words = names.corruptions() if over == "kind" else {}
    columns = {name: words.get(name, name) for name in config.columns}
    own, nothing = _("asked"), _("nothing")
    values = {
        (words.get(name, name), label): recorded[f"{name}/{column}"]
        for name in config.rows
        for column, label in columns.items()
    }
    values |= {(own, columns[name]): value for name, value in _row_of(network, over).items()}
    values |= {(nothing, columns[name]): value for name, value in _row_of_nothing(network.config.data, over).items()}
    heat.draw(
        values,
        rows=[*(words.get(name, name) for name in config.rows), own, nothing],
        columns=list(columns.values()),
        row_title=row_title,
        column_title=column_title,
        value=_("PSNR in dB"),
        infinite=_("identical"),
        key=f"autoencoder.map.{over}",
        alt=_("Table of PSNR: what networks were trained with against what they were tested with"),
        ringed=[(words.get(name, name), columns[name]) for name in config.rows if name in columns],
    )


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=HASH)
def _row_of(network: Asked, over: str) -> dict[str, float]:
    return row(PRESETS[over].columns, network.config.data, network.restore)


@st.cache_data(show_spinner=False)
def _row_of_nothing(data: str, over: str) -> dict[str, float]:
    return row(PRESETS[over].columns, data, lambda corrupted: corrupted)
