"""The "Transferred features" tab: filters, changes in the layers, and features of test images."""

import numpy as np
import streamlit as st
from torch import nn

from core.topics.transfer_learning.analysis import (
    initial_network,
    layer_distances,
    project_features,
    trained_network,
)
from core.topics.transfer_learning.config import Strategy
from core.topics.transfer_learning.data import held_out_samples, load
from pages.components.charts import bars, image_scatter, images
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.transfer_learning import labels

_N_IMAGES = 300  # number of test images in each scatter plot
_STRATEGIES: tuple[Strategy, ...] = ("fine_tuned", "scratch")


def draw(run_view: RunView) -> None:
    """Draw the "Transferred features" tab for the first seed of a run."""
    config, result = run_view.config, run_view.run.result
    if not (run_view.complete and result):
        st.info(_("Finish a run to compare its networks before and after training."), icon=":material/hourglass:")
        return
    before = {strategy: initial_network(config, strategy) for strategy in _STRATEGIES}
    after = {strategy: trained_network(config, strategy, result.weights) for strategy in _STRATEGIES}
    filters, distances = st.columns([1.55, 1], gap="large")
    with filters:
        _draw_filters(before, after)
    with distances:
        _draw_layer_distances(before, after)
    st.markdown(
        _(
            "#### Hidden-layer features of {count} test images\nEach point is an image. The axes are the first two "
            "principal components (PCA) of the features. Well-separated classes are easy for the head (the last "
            "layer) to classify."
        ).format(count=_N_IMAGES)
    )
    titles = {
        ("fine_tuned", False): _("**Transferred**, before training"),
        ("fine_tuned", True): _("**Transferred**, then fine-tuned"),
        ("scratch", False): _("**Random**, before training"),
        ("scratch", True): _("**From scratch**, after training"),
    }
    for strategy in _STRATEGIES:
        networks = {False: before[strategy], True: after[strategy]}
        for column, (trained, network) in zip(st.columns(2, gap="large"), networks.items(), strict=True):
            with column:
                st.markdown(titles[strategy, trained])
                _draw_features(network, run_view, key=f"transfer_learning.plane.{strategy}.{trained}")


def _draw_filters(before: dict[Strategy, nn.Sequential], after: dict[Strategy, nn.Sequential]) -> None:
    st.markdown(_("#### Filters of the first convolution"))
    rows = (
        (_("Pretrained"), before["fine_tuned"]),
        (_("Fine-tuned"), after["fine_tuned"]),
        (_("Random"), before["scratch"]),
        (_("From scratch"), after["scratch"]),
    )
    for label, network in rows:
        weights = network.get_parameter("conv1.0.weight")[:, 0].detach().numpy()
        words, tiles = st.columns([1, 5], gap="small", vertical_alignment="center")
        words.markdown(label)
        with tiles:
            filters = images.diverging(weights, float(np.abs(weights).max()) or None)
            images.show(
                images.tile(filters, columns=16, scale=8, gap=1),
                alt=_("The weights of the 16 filters: {label}").format(label=label),
            )
    st.caption(
        _(
            "Blue: positive weight. Orange: negative weight. Each row has its own color scale. Do the filters trained "
            "from scratch become similar to the pretrained filters?"
        )
    )


def _draw_layer_distances(before: dict[Strategy, nn.Sequential], after: dict[Strategy, nn.Sequential]) -> None:
    st.markdown(_("#### How much each layer changed"))
    layers = {
        "conv1": _("first convolution"),
        "conv2": _("second convolution"),
        "fc1": _("hidden layer"),
        "head": _("head"),
    }
    distances = {strategy: layer_distances(before[strategy], after[strategy]) for strategy in _STRATEGIES}
    bars.grouped(
        {layer: {strategy: distances[strategy][layer] for strategy in _STRATEGIES} for layer in layers},
        titles=layers | labels.strategies(),
        y=_("relative change"),
        colours={strategy: labels.COLOURS[strategy] for strategy in _STRATEGIES},
        key="transfer_learning.layer_distances",
        alt=_("Relative change in each layer, for fine-tuning and for training from scratch"),
    )
    st.caption(_("Norm of the change in a layer's parameters, divided by the norm of the parameters before training."))


def _draw_features(network: nn.Sequential, run_view: RunView, *, key: str) -> None:
    config = run_view.config
    x, classes = held_out_samples(config.target, _N_IMAGES, noise=config.noise)
    points = project_features(network, x).numpy()
    if not np.isfinite(points).all():
        st.warning(_("Some features are not finite, so they cannot be plotted."))
        return
    reach = np.abs(points).max(axis=0) * 1.05
    image_scatter.draw(
        points,
        image_scatter.data_urls((x[:, 0].numpy() * 255).astype(np.uint8)),
        classes.numpy(),
        classes=[_(name) for name in load(config.target, "test").classes],
        low=-reach,
        high=reach,
        x=None,
        y=None,
        key=key,
        alt=_("{count} images as points in a plane, colored by class").format(count=_N_IMAGES),
        height=320,
    )
