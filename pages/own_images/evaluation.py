"""The "Confusion matrix" tab: cross-validated predictions, and a comparison with two baselines."""

from collections.abc import Mapping, Sequence

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
    """Draw the "Confusion matrix" tab."""
    state = session.current()
    trained = state.trained
    if trained is None:
        st.info(_("No network has been trained yet."))
        return
    if trained.held_out is None:
        st.info(_("All images look like copies of one photo, so none can be held out. Add different photos."))
        return
    if (label := trained.class_of_one_photo) is not None:
        text = _(
            "All images of “{name}” look like copies of one photo. They are held out together, so the head that "
            "classifies them was trained without this class. Add different photos."
        )
        st.info(text.format(name=class_titles(trained.dataset)[label]))
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        _draw_matrix(state, trained)
    with right:
        _draw_comparison(trained)


def _draw_matrix(state: session.PageSession, trained: TrainedHead) -> None:
    labels, classes = trained.data.labels, [each.name for each in trained.dataset]
    titles = dict(zip(classes, class_titles(trained.dataset), strict=True))
    headline, slot = st.empty(), st.empty()
    key, left_out = st.session_state.get(_LEFT_OUT, (None, None))
    if key != trained.key:
        left_out = None
        if slot.button(_("Run leave-one-out cross-validation"), key="own_images.leave_one_out"):
            with slot, st.spinner(_("Leave-one-out cross-validation…"), show_time=False):
                left_out = exchange.compute(trained.cross_validate)
            slot.empty()
            st.session_state[_LEFT_OUT] = trained.key, left_out
    probabilities = trained.held_out if left_out is None else left_out
    assert probabilities is not None
    predictions = probabilities.argmax(dim=1)
    text = (
        _("**Accuracy {accuracy:.0%}** ({folds}-fold cross-validation, grouped by photo)")
        if left_out is None
        else _(
            "**Accuracy {accuracy:.0%}** (leave-one-out: the head that classifies a photo was trained without "
            "this photo)"
        )
    )
    headline.markdown(text.format(accuracy=accuracy(probabilities, labels), folds=min(N_FOLDS, trained.n_photos)))
    counts = confusion_matrix(labels, predictions, len(classes)).numpy()
    clicked = _draw_cells(counts, titles)
    if clicked is None:
        st.caption(_("The color of a cell shows its share of the images in the row. Click a cell to see its images."))
        return
    row, column = clicked
    mask = (labels == row) & (predictions == column)
    images = [image for image, chosen in zip(all_images(trained.dataset), mask.tolist(), strict=True) if chosen]
    st.markdown(
        ngettext(
            "{count} image of “{label}”, predicted as “{prediction}”",
            "{count} images of “{label}”, predicted as “{prediction}”",
            len(images),
        ).format(count=len(images), label=titles[classes[row]], prediction=titles[classes[column]])
    )
    if images:
        _draw_images(state, trained, images, row)


def _draw_cells(counts: np.ndarray, titles: Mapping[str, str]) -> tuple[int, int] | None:
    """Draw the confusion matrix. The color of a cell is blue on the diagonal and orange for misclassified images.

    ``counts`` is an integer array (classes, classes). ``titles`` maps the names of the classes to labels. Return the
    (row, column) of the clicked cell, or None.
    """
    classes = list(titles)
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
        titles=titles,
        row_title=_("label"),
        column_title=_("prediction"),
        value_title=_("images"),
        scale={"domain": [-1, -0.5, 0, 0.5, 1], "range": ["#a63d00", "#f0a473", "#8881", "#6baed6", "#08519c"]},
        height=max(300, 90 + 26 * len(classes)),
        key="own_images.confusion",
        alt=_("Confusion matrix: labels in the rows, predictions for held-out images in the columns"),
        axis={"domain": False, "ticks": False, "labelOverlap": False, "labelLimit": 130},
        column_axis={"labelAngle": -40 if len(classes) > 5 else 0},
        text_colour="#E6ECF2" if st.context.theme.type == "dark" else "#1C2733",
        selectable=True,
    )
    if clicked is None or not set(clicked) <= set(classes):  # the class may have been removed
        return None
    return classes.index(clicked[0]), classes.index(clicked[1])


def _draw_images(state: session.PageSession, trained: TrainedHead, images: Sequence, row: int) -> None:
    """Draw the images in a cell. The user can move the selected image, or all images, to another class."""
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
        label=_("Images in this cell"),
        size=56,
    )
    names = [each.name for index, each in enumerate(trained.dataset) if index != row]
    titles = dict(zip([each.name for each in trained.dataset], class_titles(trained.dataset), strict=True))
    moved = [chosen] if chosen else keys
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.selectbox(
            _("Move the selected image to") if chosen else _("Move all images to"),
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
    folds = min(N_FOLDS, trained.n_photos)
    st.markdown(_("**Three methods on the same images** ({folds}-fold cross-validation)").format(folds=folds))
    accuracies = _compare(trained)
    if accuracies is None:
        return
    titles: dict[Method, str] = {
        "features": _("ImageNet"),
        "pixels": _("raw pixels"),
        "scratch": _("from scratch"),
    }
    bars.columns(
        accuracies,
        titles=titles,
        y=_("accuracy"),
        key="own_images.compared.bars",
        alt=_("Accuracy with ImageNet features, with raw pixels, and with a network trained from scratch"),
    )
    st.caption(
        _(
            "Accuracy gain of ImageNet features over the better baseline: {gain:+.0f} percentage "
            "points. Random guessing has an expected accuracy of {guess:.0%}."
        ).format(gain=100 * feature_gain(accuracies), guess=1 / len(trained.dataset))
    )
    count = len(trained.data.labels)
    low, high = wilson_interval(accuracies["features"], count)
    st.caption(
        ngettext(
            "Accuracy with ImageNet features: {accuracy:.0%} of {count} image (95% confidence interval {low:.0%} to "
            "{high:.0%}). The interval assumes independent predictions. The heads share training images, so the "
            "interval is only a rough guide.",
            "Accuracy with ImageNet features: {accuracy:.0%} of {count} images (95% confidence interval {low:.0%} to "
            "{high:.0%}). The interval assumes independent predictions. The heads share training images, so the "
            "interval is only a rough guide.",
            count,
        ).format(accuracy=accuracies["features"], count=count, low=low, high=high)
    )
    st.caption(
        ngettext(
            "Both heads (for ImageNet features and for raw pixels) are trained with the settings above. The small "
            "network is trained from scratch for {updates} update with a learning rate of {learning_rate}.",
            "Both heads (for ImageNet features and for raw pixels) are trained with the settings above. The small "
            "network is trained from scratch for {updates} updates with a learning rate of {learning_rate}.",
            N_UPDATES,
        ).format(updates=N_UPDATES, learning_rate=LEARNING_RATE)
    )


def _compare(trained: TrainedHead) -> dict[Method, float] | None:
    """Return the accuracy of each method, or None until the user starts the comparison."""
    key, accuracies = st.session_state.get(_COMPARED, (None, None))
    if accuracies is not None and key == trained.key:
        return accuracies
    st.caption(
        _(
            "Train a linear head on raw pixels, and train a small network from scratch. Both use the same images. "
            "This takes a few seconds."
        )
    )
    button = st.empty()
    if not button.button(_("Compare"), key="own_images.compare", icon=":material/balance:", type="primary"):
        return None
    with button, st.spinner(_("Cross-validating all three methods…")):
        x = inputs(all_images(trained.dataset))
        accuracies = exchange.compute(lambda: dict(compare(x, trained.data, len(trained.dataset), trained.config)))
    st.session_state[_COMPARED] = trained.key, accuracies
    button.empty()
    return accuracies
