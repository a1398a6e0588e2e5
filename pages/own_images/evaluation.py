"""The tab that says how far the network can be trusted: on photos left out, and beside others."""

import streamlit as st
import torch

from core.evaluation.metrics import accuracy, confusion_matrix, wilson_interval
from core.topics.own_images.baselines import (
    FOLDS,
    RATE,
    UPDATES,
    Way,
    compare,
)
from core.topics.own_images.labelled_images import FEW, inputs, pictures
from core.topics.own_images.linear_probe import leave_one_out
from pages.components.charts import bars, heatmap
from pages.components.text import _
from pages.own_images.trained_head import Taught, once

_COMPARED = "own_images.compared"


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
        st.markdown(
            _(
                "**{right:.0%} right** of its own pictures, each asked of a head that has not seen it, nor another "
                "picture of the same photo"
            ).format(right=accuracy(shares, labels))
        )
        heatmap.draw_confusion_matrix(
            confusion_matrix(labels, shares.argmax(dim=1), len(taught.classes)).numpy(),
            classes=tuple(taught.classes),
            key="own_images.confusion",
            alt=_("How often each class got each answer, of pictures left out"),
        )
    with compared:
        _draw_compared(taught)


def left_out(taught: Taught) -> torch.Tensor:
    """The probabilities of every picture by a head that has not seen its photo, (N, classes); computed once."""
    with st.spinner(_("Leaving out one photo after the other…"), show_time=False):
        return once(
            "own_images.left_out",
            taught.key,
            lambda: leave_one_out(taught.examples, len(taught.classes), taught.config),
        )


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
    key, known = taught.key, st.session_state.get(_COMPARED)
    titles: dict[Way, str] = {
        "features": _("ImageNet"),
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
        button = st.empty()
        if not button.button(_("Compare"), key="own_images.compare", icon=":material/balance:", type="primary"):
            return
        with button, st.spinner(_("Training fifteen networks…")):
            x = inputs(pictures(taught.album))
            known = key, dict(compare(x, taught.examples, len(taught.classes), taught.config))
        st.session_state[_COMPARED] = known
        button.empty()
    bars.columns(
        {titles[way]: share for way, share in known[1].items()},
        y=_("right answers"),
        key="own_images.compared.bars",
        alt=_("Share of right answers with ImageNet's features, from raw pixels and from scratch"),
    )
    gain = 100 * (known[1]["features"] - max(known[1]["pixels"], known[1]["scratch"]))
    st.caption(
        _("ImageNet's features are worth {gain:+.0f} points here; guessing would reach {guess:.0%}.").format(
            gain=gain, guess=1 / len(taught.classes)
        )
    )
    count, share = len(taught.examples.labels), known[1]["features"]
    low, high = wilson_interval(share, count)
    st.caption(
        _(
            "Here a fifth is left out at once, not one photo after the other: so the share need not be that of the "
            "matrix. Nor is either exact: {share:.0%} of {count} pictures means that it lies between {low:.0%} and "
            "{high:.0%}, with 95 % certainty."
        ).format(share=share, count=count, low=low, high=high)
    )
    st.caption(
        _(
            "The head learns as its sliders say, from pixels too; the network from scratch has {updates} updates and "
            "a learning rate of {rate} of its own."
        ).format(updates=UPDATES, rate=RATE)
    )
