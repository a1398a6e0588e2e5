"""The "Misclassified" tab: the confusion matrix, and the most confident errors."""

import streamlit as st
import torch

from core.data import datasets
from core.evaluation.metrics import confusion_cell, confusion_matrix, misclassified
from pages.components.charts import heatmap, images
from pages.components.run.panel import RunPanel
from pages.components.text import _, ngettext
from pages.mnist_cnn.selected_model import current_model, describe

_MAX_DIGITS = 36
"""Maximum number of digits that are shown for a cell."""
_WORST = 24
# Keys of the session state
_CELL = ("mnist_cnn.cell.label", "mnist_cnn.cell.answer")
_CLEARED = (
    "mnist_cnn.cleared"  # number of cleared clicks; as part of the chart's key, it makes the chart forget a click
)


def draw(panel: RunPanel) -> None:
    """Draw the "Misclassified" tab."""
    model = current_model(panel)
    describe(model)
    with st.spinner(_("Evaluating 10,000 test digits…"), show_time=False):
        probabilities = model.test_probabilities()
    labels, predictions = datasets.load("mnist", "test").labels, probabilities.argmax(dim=1)
    table, digits = st.columns([1, 1.1], gap="large")
    with table:
        wrong = int((labels != predictions).sum())
        st.markdown(
            ngettext(
                "**{wrong:,} of {count:,} test digits is misclassified**. Click a cell, or choose a cell below.",
                "**{wrong:,} of {count:,} test digits are misclassified**. Click a cell, or choose a cell below.",
                wrong,
            ).format(wrong=wrong, count=len(labels))
        )
        clicked = heatmap.draw_confusion_matrix(
            confusion_matrix(labels, predictions).numpy(),
            classes=tuple("0123456789"),
            key=f"mnist_cnn.confusion.{st.session_state.setdefault(_CLEARED, 0)}",
            alt=_("Confusion matrix: number of test digits by label (rows) and prediction (columns)"),
        )
        label, prediction = _choose_cell(clicked)
    with digits:
        if label is None or prediction is None:
            _draw_worst(probabilities)
        else:
            _draw_cell((label, prediction), probabilities)


def _choose_cell(clicked: tuple[int, int] | None) -> tuple[int | None, int | None]:
    """Draw widgets for choosing a cell with the keyboard. Return the chosen label and the chosen prediction.

    Each of these is None if it has not been chosen. If ``clicked`` is a (label, prediction) cell, both widgets are set
    to this cell.
    """
    if clicked:
        st.session_state.update(zip(_CELL, clicked, strict=True))
    titles = (_("Label"), _("Prediction"))
    label, prediction = (
        column.selectbox(title, range(10), index=None, placeholder="–", key=key, on_change=_clear_click)
        for column, title, key in zip(st.columns(2), titles, _CELL, strict=True)
    )
    return label, prediction


def _draw_cell(cell: tuple[int, int], probabilities: torch.Tensor) -> None:
    """Draw the digits in a (label, prediction) cell: most confident first or, if correct, least confident first."""
    label, prediction = cell
    indices = confusion_cell(datasets.load("mnist", "test").labels, probabilities.argmax(dim=1), label, prediction)
    order = indices[probabilities[indices, prediction].argsort(descending=label != prediction)]
    if label == prediction:
        title = ngettext(
            "**{count:,} image with label {label}, classified correctly**, least confident first",
            "**{count:,} images with label {label}, classified correctly**, least confident first",
            len(indices),
        )
    else:
        title = ngettext(
            "**{count:,} image with label {label}, classified as {prediction}**, most confident first",
            "**{count:,} images with label {label}, classified as {prediction}**, most confident first",
            len(indices),
        )
    st.markdown(title.format(count=len(indices), label=label, prediction=prediction))
    if len(indices):
        _draw_digits(order[:_MAX_DIGITS], probabilities)
    st.button(
        _("Back to the most confident errors"), key="mnist_cnn.worst", icon=":material/arrow_back:", on_click=_clear
    )


def _clear() -> None:
    st.session_state.update(dict.fromkeys(_CELL))
    _clear_click()


def _clear_click() -> None:
    st.session_state[_CLEARED] += 1


def _draw_worst(probabilities: torch.Tensor) -> None:
    labels = datasets.load("mnist", "test").labels
    worst = misclassified(probabilities, labels)[:_WORST]
    st.markdown(
        _("**The most confident errors**: digits misclassified with high confidence. Can you read these digits?")
    )
    _draw_digits(worst, probabilities)


def _draw_digits(indices: torch.Tensor, probabilities: torch.Tensor) -> None:
    data = datasets.load("mnist", "test")
    chosen = probabilities[indices]
    labels, predictions = data.labels[indices].numpy(), chosen.argmax(dim=1).numpy()
    captions = [
        (f"{prediction}{'' if correct else f' ({label})'} · {probability:.0%}", correct)
        for prediction, probability, label in zip(predictions, chosen.max(dim=1).values.tolist(), labels, strict=True)
        for correct in [bool(prediction == label)]
    ]
    images.show(
        images.captioned(data.images[indices].numpy() / 255, captions, columns=6, scale=3),
        alt=_("Test digits with the network's predictions: {predictions}").format(
            predictions=", ".join(
                _("{label} classified as {prediction}").format(label=label, prediction=prediction)
                for label, prediction in zip(labels, predictions, strict=True)
            )
        ),
    )
    st.caption(
        _(
            "Below each digit: the prediction and its probability. If the prediction is wrong, the label follows in "
            "parentheses."
        )
    )
