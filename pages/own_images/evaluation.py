"""The tab "How sure can one be?": leave-one-out cross-validation, and a comparison with two baselines."""

import streamlit as st
import torch

from core.evaluation.metrics import accuracy, confusion_matrix, wilson_interval
from core.topics.own_images.baselines import LEARNING_RATE, N_FOLDS, N_UPDATES, Method, compare, feature_gain
from core.topics.own_images.labelled_images import all_images, inputs
from core.topics.own_images.trained_head import TrainedHead
from pages.components.charts import bars, heatmap
from pages.components.text import _
from pages.own_images.session_dataset import class_titles
from pages.own_images.trained_head import cached

_COMPARED = "own_images.compared"


def draw(trained: TrainedHead) -> None:
    """Draw the tab."""
    _warn(trained)
    if not trained.can_be_evaluated:
        st.info(_("All pictures look like one photo: there is nothing to leave out."))
        return
    left, right = st.columns(2, gap="large")
    probabilities, labels = left_out(trained), trained.data.labels
    classes = class_titles(trained.dataset)
    with left:
        st.markdown(
            _(
                "**{right:.0%} right** of its own pictures, each asked of a head that has not seen it, nor another "
                "picture of the same photo"
            ).format(right=accuracy(probabilities, labels))
        )
        heatmap.draw_confusion_matrix(
            confusion_matrix(labels, probabilities.argmax(dim=1), len(classes)).numpy(),
            classes=tuple(classes),
            key="own_images.confusion",
            alt=_("How often each class got each answer, of pictures left out"),
        )
    with right:
        _draw_comparison(trained)


def left_out(trained: TrainedHead) -> torch.Tensor:
    """Return for each image the probabilities (N, classes) by a head trained without its photo; computed once."""
    with st.spinner(_("Leaving out one photo after the other…"), show_time=False):
        return cached("own_images.left_out", trained.key, trained.cross_validate)


def _warn(trained: TrainedHead) -> None:
    for size, name in zip(trained.class_sizes, class_titles(trained.dataset), strict=True):
        if size.is_small:
            st.warning(
                _("“{name}” has only {count} pictures: what is measured here may be luck.").format(
                    name=name, count=size.images
                )
            )
        elif size.is_repetitive:
            st.warning(
                _("The {count} pictures of “{name}” are nearly the same: they look like {photos} photos.").format(
                    name=name, count=size.images, photos=size.photos
                )
            )


def _draw_comparison(trained: TrainedHead) -> None:
    st.markdown(
        _("**The same pictures, learnt in three ways**, {folds} times with a fifth left out").format(folds=N_FOLDS)
    )
    accuracies = _compare(trained)
    if accuracies is None:
        return
    titles: dict[Method, str] = {
        "features": _("ImageNet"),
        "pixels": _("raw pixels"),
        "scratch": _("from scratch"),
    }
    bars.columns(
        {titles[method]: value for method, value in accuracies.items()},
        y=_("right answers"),
        key="own_images.compared.bars",
        alt=_("Share of right answers with ImageNet's features, from raw pixels and from scratch"),
    )
    st.caption(
        _("ImageNet's features are worth {gain:+.0f} points here; guessing would reach {guess:.0%}.").format(
            gain=100 * feature_gain(accuracies), guess=1 / len(trained.dataset)
        )
    )
    count = len(trained.data.labels)
    low, high = wilson_interval(accuracies["features"], count)
    st.caption(
        _(
            "Here a fifth is left out at once, not one photo after the other: so the share need not be that of the "
            "matrix. Nor is either exact: {share:.0%} of {count} pictures means that it lies between {low:.0%} and "
            "{high:.0%}, with 95 % certainty."
        ).format(share=accuracies["features"], count=count, low=low, high=high)
    )
    st.caption(
        _(
            "The head learns as its sliders say, from pixels too; the network from scratch has {updates} updates and "
            "a learning rate of {rate} of its own."
        ).format(updates=N_UPDATES, rate=LEARNING_RATE)
    )


def _compare(trained: TrainedHead) -> dict[Method, float] | None:
    """Return the accuracy of each method; None until somebody asks for the comparison."""
    key, accuracies = st.session_state.get(_COMPARED, (None, None))
    if accuracies is not None and key == trained.key:
        return accuracies
    st.caption(
        _(
            "The same head on raw pixels, and a small network that begins at random, learn from the same pictures. "
            "This takes some seconds."
        )
    )
    button = st.empty()
    if not button.button(_("Compare"), key="own_images.compare", icon=":material/balance:", type="primary"):
        return None
    with button, st.spinner(_("Training fifteen networks…")):
        x = inputs(all_images(trained.dataset))
        accuracies = dict(compare(x, trained.data, len(trained.dataset), trained.config))
    st.session_state[_COMPARED] = trained.key, accuracies
    button.empty()
    return accuracies
