"""The tab that says how far the network can be trusted: on photos left out, and beside others."""

import numpy as np
import streamlit as st
import torch

from core.own_pictures.album import FEW
from core.own_pictures.apply import as_input
from core.own_pictures.compared import FOLDS, Way, compare
from core.own_pictures.head import leave_one_out
from pages.components import charts, matrix
from pages.components.text import _
from pages.vision.own.taught import Taught

_COMPARED = "own_pictures.compared"


def draw(taught: Taught) -> None:
    """Draw the tab."""
    _warn(taught)
    if int(taught.examples.photos.max()) < 1:
        st.info(_("All pictures look like one photo: there is nothing to leave out."))
        return
    table, compared = st.columns(2, gap="large")
    shares = left_out(taught)
    labels = taught.examples.labels
    with table:
        right = float((shares.argmax(dim=1) == labels).double().mean())
        st.markdown(
            _(
                "**{right:.0%} right** of its own pictures, each asked of a head that has not seen it, nor another "
                "picture of the same photo"
            ).format(right=right)
        )
        counts = np.zeros((len(taught.classes),) * 2, np.int64)
        np.add.at(counts, (labels.numpy(), shares.argmax(dim=1).numpy()), 1)
        matrix.draw(
            counts,
            classes=tuple(taught.classes),
            key="own_pictures.confusion",
            alt=_("How often each class got each answer, of pictures left out"),
        )
    with compared:
        _draw_compared(taught)


def left_out(taught: Taught) -> torch.Tensor:
    """The probabilities of every picture by a head that has not seen its photo, (N, classes); computed once."""
    key, known = _key(taught), st.session_state.get("own_pictures.left_out")
    if not known or known[0] != key:
        with st.spinner(_("Leaving out one photo after the other…"), show_time=False):
            known = key, leave_one_out(taught.examples, len(taught.classes), taught.config)
        st.session_state["own_pictures.left_out"] = known
    return known[1]


def _warn(taught: Taught) -> None:
    photos = taught.examples.photos
    for label, (of, name) in enumerate(zip(taught.album, taught.classes, strict=True)):
        mine = photos[taught.examples.labels == label]
        if len(of.pictures) < FEW:
            st.warning(
                _("“{name}” has only {count} pictures: what is measured here may be luck.").format(
                    name=name, count=len(of.pictures)
                )
            )
        elif len(mine.unique()) <= len(mine) / 2:
            st.warning(
                _("The {count} pictures of “{name}” are nearly the same: they look like {photos} photos.").format(
                    name=name, count=len(mine), photos=len(mine.unique())
                )
            )


def _draw_compared(taught: Taught) -> None:
    st.markdown(
        _("**The same pictures, learnt in three ways**, {folds} times with a fifth left out").format(folds=FOLDS)
    )
    key, known = _key(taught), st.session_state.get(_COMPARED)
    titles: dict[Way, str] = {
        "features": _("ImageNet's features"),
        "pixels": _("raw pixels"),
        "scratch": _("from scratch"),
    }
    if not known or known[0] != key:
        st.caption(
            _(
                "The same head on raw pixels, and a small network that begins at random, learn from the same pictures. "
                "This takes some seconds."
            )
        )
        if not st.button(_("Compare"), key="own_pictures.compare", icon=":material/balance:", type="primary"):
            return
        x = as_input(np.stack([picture.pixels for picture in taught.pictures]))
        with st.spinner(_("Training fifteen networks…")):
            known = key, dict(compare(x, taught.examples, len(taught.classes), taught.config))
        st.session_state[_COMPARED] = known
    charts.bars(
        {titles[way]: share for way, share in known[1].items()},
        y=_("right answers"),
        key="own_pictures.compared.bars",
        alt=_("Share of right answers with ImageNet's features, from raw pixels and from scratch"),
    )
    gain = 100 * (known[1]["features"] - max(known[1]["pixels"], known[1]["scratch"]))
    st.caption(
        _("ImageNet's features are worth {gain:+.0f} points here; guessing would reach {guess:.0%}.").format(
            gain=gain, guess=1 / len(taught.classes)
        )
    )


def _key(taught: Taught) -> tuple:
    return taught.album, taught.config.changed(noise=0.0)
