"""The tab that shows what was transferred: filters, how far the layers have moved, and where the pictures lie."""

import numpy as np
import streamlit as st
from torch import nn

from core.topics.transfer_learning.analysis import (
    begun,
    learnt,
    moved,
    plane,
)
from core.topics.transfer_learning.config import Way
from core.topics.transfer_learning.data import load, unseen
from pages.components.charts import bars, images
from pages.components.charts import image_scatter as planes
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.transfer_learning import labels as names

_PICTURES = 300  # test pictures in the plane
_WAYS: tuple[Way, ...] = ("fine_tuned", "scratch")


def draw(run_view: RunView) -> None:
    """Draw the tab, for the first seed of the run on the screen."""
    if not (run_view.complete and run_view.run.weights):
        st.info(_("When the run has reached its end, there is something to be compared."), icon=":material/hourglass:")
        return
    config, weights = run_view.run.config, run_view.run.result.weights
    before = {way: begun(config, way) for way in _WAYS}
    after = {way: learnt(config, way, weights) for way in _WAYS}
    filters, lengths = st.columns([1.55, 1], gap="large")
    with filters:
        _draw_filters(before, after)
    with lengths:
        _draw_moved(before, after)
    st.markdown(
        _(
            "#### Where {count} new pictures lie for the hidden layer\nEach is a point, in the plane in which what the "
            "layer makes of them varies most (PCA). What lies in a group of its own is easy for the head to tell."
        ).format(count=_PICTURES)
    )
    titles = {
        ("fine_tuned", False): _("**Transferred**, before it has seen a label"),
        ("fine_tuned", True): _("**Transferred**, then fine-tuned"),
        ("scratch", False): _("**Random**, before it has seen a label"),
        ("scratch", True): _("**From scratch**, when it has learnt"),
    }
    for way in _WAYS:
        for column, network, late in zip(
            st.columns(2, gap="large"), (before[way], after[way]), (False, True), strict=True
        ):
            with column:
                st.markdown(titles[way, late])
                _draw_plane(network, run_view, key=f"transfer_learning.plane.{way}.{late}")


def _draw_filters(before: dict[Way, nn.Module], after: dict[Way, nn.Module]) -> None:
    st.markdown(_("#### The filters of the first layer"))
    rows = {
        _("Of the source"): before["fine_tuned"],
        _("Fine-tuned"): after["fine_tuned"],
        _("At random"): before["scratch"],
        _("From scratch"): after["scratch"],
    }
    for label, network in rows.items():
        weights = network.get_submodule("conv1")[0].weight[:, 0].detach().numpy()
        words, tiles = st.columns([1, 5], gap="small", vertical_alignment="center")
        words.markdown(label)
        with tiles:
            pictures = images.diverging(weights, float(np.abs(weights).max()) or None)
            images.show(
                images.tile(pictures, columns=16, scale=8, gap=1),
                alt=_("The weights of the 16 filters: {label}").format(label=label),
            )
    st.caption(
        _(
            "Blue: ink speaks for it; orange: against; each row by its own largest weight. Do those from scratch "
            "become like those of the source, which has had so many more labels?"
        )
    )


def _draw_moved(before: dict[Way, nn.Module], after: dict[Way, nn.Module]) -> None:
    st.markdown(_("#### How far each layer has moved"))
    layers = {
        "conv1": _("first convolution"),
        "conv2": _("second convolution"),
        "fc1": _("hidden layer"),
        "head": _("head"),
    }
    ways = {way: names.ways()[way] for way in _WAYS}
    lengths = {way: moved(before[way], after[way]) for way in _WAYS}
    bars.grouped(
        {title: {ways[way]: lengths[way][layer] for way in _WAYS} for layer, title in layers.items()},
        y=_("of its length"),
        colours={name: names.COLOURS[way] for way, name in ways.items()},
        key="transfer_learning.moved",
        alt=_("How far the weights of each layer have moved, fine-tuned and from scratch"),
    )
    st.caption(_("The length of the change of all weights of a layer, as a share of their length before."))


def _draw_plane(network: nn.Sequential, run_view: RunView, *, key: str) -> None:
    config = run_view.run.config
    x, labels = unseen(config.target, _PICTURES, noise=config.noise)
    points = plane(network, x).numpy()
    if not np.isfinite(points).all():
        st.warning(_("Some of its numbers are not finite: there is nothing to be drawn."))
        return
    reach = np.abs(points).max(axis=0) * 1.05
    planes.draw(
        points,
        planes.data_urls((x[:, 0].numpy() * 255).astype(np.uint8)),
        labels.numpy(),
        classes=[_(name) for name in load(config.target, "test").classes],
        low=-reach,
        high=reach,
        x=None,
        y=None,
        key=key,
        alt=_("{count} pictures as points in a plane, coloured by class").format(count=_PICTURES),
        height=320,
        clickable=False,
    )
