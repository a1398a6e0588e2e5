"""The tab "Confusion matrix": predictions for images that were held out, and a comparison with two baselines."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.evaluation.metrics import accuracy, confusion_matrix, wilson_interval
from core.topics.own_images.baselines import LEARNING_RATE, N_FOLDS, N_UPDATES, Method, compare, feature_gain
from core.topics.own_images.labelled_images import all_images, inputs
from core.topics.own_images.trained_head import TrainedHead
from pages.components.charts import bars, heatmap
from pages.components.inputs import exchange, thumbnails
from pages.components.text import _, ngettext
from pages.own_images import session
from pages.own_images.classes import move
from pages.own_images.labels import class_titles

_COMPARED, _LEFT_OUT, _CHOSEN = "own_images.compared", "own_images.left_out", "own_images.chosen"


def draw() -> None:
    """Draw the tab."""
    state = session.current()
    trained = state.trained
    if trained is None:
        st.info(_("There is no network yet."))
        return
    if trained.held_out is None:
        st.info(_("All images look like one photo: there is nothing to hold out."))
        return
    if (label := trained.class_of_one_photo) is not None:
        text = _(
            "All images of “{name}” look like one photo. Held out together, they are predicted by heads that have seen "
            "no image of this class. Add different photos."
        )
        st.info(text.format(name=class_titles(trained.dataset)[label]))
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        _draw_matrix(state, trained)
    with right:
        _draw_comparison(trained)


def _draw_matrix(state: session.PageSession, trained: TrainedHead) -> None:
    labels, classes = trained.data.labels, class_titles(trained.dataset)
    headline, slot = st.empty(), st.empty()
    key, left_out = st.session_state.get(_LEFT_OUT, (None, None))
    if key != trained.key:
        left_out = None
        if slot.button(_("Leave one out"), key="own_images.leave_one_out"):
            with slot, st.spinner(_("Leaving out one photo after the other…"), show_time=False):
                left_out = exchange.compute(trained.cross_validate)
            slot.empty()
            st.session_state[_LEFT_OUT] = trained.key, left_out
    probabilities = trained.held_out if left_out is None else left_out
    assert probabilities is not None
    predictions = probabilities.argmax(dim=1)
    text = (
        _("**{share:.0%} correct**, each image predicted by a head trained without a fifth of the photos")
        if left_out is None
        else _("**{share:.0%} correct**, each image predicted by a head that has not seen its photo")
    )
    headline.markdown(text.format(share=accuracy(probabilities, labels)))
    counts = confusion_matrix(labels, predictions, len(classes)).numpy()
    clicked = _draw_cells(counts, classes)
    if clicked is None:
        st.caption(_("Each row is coloured by its shares. Click on a cell to see its images."))
        return
    row, column = clicked
    mask = (labels == row) & (predictions == column)
    images = [image for image, chosen in zip(all_images(trained.dataset), mask.tolist(), strict=True) if chosen]
    st.markdown(
        ngettext(
            "{count} image of “{label}”, predicted as “{prediction}”",
            "{count} images of “{label}”, predicted as “{prediction}”",
            len(images),
        ).format(count=len(images), label=classes[row], prediction=classes[column])
    )
    if images:
        _draw_images(state, trained, images, row)


def _draw_cells(counts: np.ndarray, classes: Sequence[str]) -> tuple[int, int] | None:
    """Draw the matrix, coloured by the share of the row: correct ones blue, mistakes orange."""
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    signed = np.where(np.eye(len(classes), dtype=bool), shares, -shares)
    cells = [
        heatmap.Cell(
            classes[row],
            classes[column],
            int(count),
            float(signed[row, column]),
            f"{count}" if count else "",
            _("{count} ({share:.0%} of the row)").format(count=count, share=shares[row, column]),
            is_dark=bool(shares[row, column] > 0.6),
        )
        for (row, column), count in np.ndenumerate(counts)
    ]
    clicked = heatmap.draw(
        cells,
        rows=classes,
        columns=classes,
        row_title=_("label"),
        column_title=_("prediction"),
        value_title=_("images"),
        scale={"domain": [-1, -0.5, 0, 0.5, 1], "range": ["#a63d00", "#f0a473", "#8881", "#6baed6", "#08519c"]},
        height=max(300, 90 + 26 * len(classes)),
        key="own_images.confusion",
        alt=_("How often held-out images of each class got each prediction"),
        axis={"domain": False, "ticks": False, "labelOverlap": False, "labelLimit": 130},
        column_axis={"labelAngle": -40 if len(classes) > 5 else 0},
        text_colour="#E6ECF2" if st.context.theme.type == "dark" else "#1C2733",
        selectable=True,
    )
    if clicked is None or not set(clicked) <= set(classes):  # a class that is no longer there
        return None
    return classes.index(clicked[0]), classes.index(clicked[1])


def _draw_images(state: session.PageSession, trained: TrainedHead, images: Sequence, row: int) -> None:
    """Draw the images of a cell. A chosen one, or all of them, can be moved to another class."""
    keys = [image.key for image in images]
    chosen = st.session_state.get(_CHOSEN)
    chosen = chosen if chosen in keys else None

    def choose(key: str) -> None:
        st.session_state[_CHOSEN] = None if key == chosen else key

    thumbnails.choose(
        [thumbnails.Thumbnail(image.key, image.name, image.pixels) for image in images[:60]],
        current=chosen,
        chosen=choose,
        key="own_images.cell_images",
        label=_("Images of the cell"),
        size=56,
    )
    names = [each.name for index, each in enumerate(trained.dataset) if index != row]
    titles = dict(zip([each.name for each in trained.dataset], class_titles(trained.dataset), strict=True))
    moved = [chosen] if chosen else keys
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.selectbox(
            _("Move the chosen image to") if chosen else _("Move all of them to"),
            names,
            format_func=titles.__getitem__,
            index=None,
            key=f"own_images.move.{row}",
            placeholder=_("Choose a class"),
            width=240,
        )
        originals = [key.removesuffix("-whole") for key in moved]
        st.button(
            _("Move"),
            key="own_images.move",
            disabled=target is None,
            on_click=move,
            args=(state, originals, target or ""),
        )


def _draw_comparison(trained: TrainedHead) -> None:
    st.markdown(_("**The same images, three methods**, {folds} times with a fifth held out").format(folds=N_FOLDS))
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
        y=_("accuracy"),
        key="own_images.compared.bars",
        alt=_("Accuracy with ImageNet's features, with raw pixels and from scratch"),
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
            "No accuracy of few images is exact: {share:.0%} of {count} images means that it lies between {low:.0%} "
            "and {high:.0%}, with 95% confidence."
        ).format(share=accuracies["features"], count=count, low=low, high=high)
    )
    st.caption(
        _(
            "The head trains with the settings above, on pixels too. The network from scratch has {updates} updates "
            "and a learning rate of {rate}."
        ).format(updates=N_UPDATES, rate=LEARNING_RATE)
    )


def _compare(trained: TrainedHead) -> dict[Method, float] | None:
    """Return the accuracy of each method; None until somebody asks for the comparison."""
    key, accuracies = st.session_state.get(_COMPARED, (None, None))
    if accuracies is not None and key == trained.key:
        return accuracies
    st.caption(
        _(
            "The same head on raw pixels, and a small network with random initial weights, train on the same images. "
            "This takes some seconds."
        )
    )
    button = st.empty()
    if not button.button(_("Compare"), key="own_images.compare", icon=":material/balance:", type="primary"):
        return None
    with button, st.spinner(_("Training fifteen networks…")):
        x = inputs(all_images(trained.dataset))
        accuracies = exchange.compute(lambda: dict(compare(x, trained.data, len(trained.dataset), trained.config)))
    st.session_state[_COMPARED] = trained.key, accuracies
    button.empty()
    return accuracies
