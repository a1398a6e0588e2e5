"""The tab with the misclassified digits: the confusion matrix, and the most confident errors."""

import streamlit as st
import torch

from core.data import datasets
from core.evaluation.metrics import confusion_cell, confusion_matrix, misclassified
from pages.components.charts import heatmap, images
from pages.components.run.panel import RunPanel
from pages.components.text import _
from pages.mnist_cnn.selected_model import current_model, describe

_MAX_DIGITS = 36
"""Digits of a cell that are shown, at most."""
_WORST = 24
# In the session
_CELL = ("mnist_cnn.cell.label", "mnist_cnn.cell.answer")
_CLEARED = "mnist_cnn.cleared"  # how often a click was cleared, by a chart of another name


def draw(panel: RunPanel) -> None:
    """Draw the tab."""
    model = current_model(panel)
    describe(model)
    with st.spinner(_("Asking 10,000 test digits…"), show_time=False):
        probabilities = model.test_probabilities()
    labels, predictions = datasets.load("mnist", "test").labels, probabilities.argmax(dim=1)
    table, digits = st.columns([1, 1.1], gap="large")
    with table:
        wrong = int((labels != predictions).sum())
        st.markdown(
            _("**{wrong:,} of {count:,} test digits are read wrong.** Click on a cell, or choose it below.").format(
                wrong=wrong, count=len(labels)
            )
        )
        clicked = heatmap.draw_confusion_matrix(
            confusion_matrix(labels, predictions).numpy(),
            classes=tuple("0123456789"),
            key=f"mnist_cnn.confusion.{st.session_state.setdefault(_CLEARED, 0)}",
            alt=_("Confusion matrix: how often each digit (rows) was read as which (columns)"),
        )
        label, prediction = _choose_cell(clicked)
    with digits:
        if label is None or prediction is None:
            _draw_worst(probabilities)
        else:
            _draw_cell((label, prediction), probabilities)


def _choose_cell(clicked: tuple[int, int] | None) -> tuple[int | None, int | None]:
    """Draw the choice of a cell by label and prediction, which keyboards can use; a click chooses both."""
    if clicked:
        st.session_state.update(zip(_CELL, clicked, strict=True))
    titles = (_("A digit that is a"), _("and was read as"))
    label, prediction = (
        column.selectbox(title, range(10), index=None, placeholder="–", key=key, on_change=_clear_click)
        for column, title, key in zip(st.columns(2), titles, _CELL, strict=True)
    )
    return label, prediction


def _draw_cell(cell: tuple[int, int], probabilities: torch.Tensor) -> None:
    """Draw the digits of a cell: on the diagonal the least confident first, elsewhere the most confident."""
    label, prediction = cell
    indices = confusion_cell(datasets.load("mnist", "test").labels, probabilities.argmax(dim=1), label, prediction)
    order = indices[probabilities[indices, prediction].argsort(descending=label != prediction)]
    if label == prediction:
        title = _("**{count:,} times a {label} was read as what it is**; first those of which the network was unsurest")
    else:
        title = _("**{count:,} times a {label} was read as {answer}**; first those of which it was surest")
    st.markdown(title.format(count=len(indices), label=label, answer=prediction))
    if len(indices):
        _draw_digits(order[:_MAX_DIGITS], probabilities)
    st.button(_("Back to the worst mistakes"), key="mnist_cnn.worst", icon=":material/arrow_back:", on_click=_clear)


def _clear() -> None:
    st.session_state.update(dict.fromkeys(_CELL))
    _clear_click()


def _clear_click() -> None:
    st.session_state[_CLEARED] += 1


def _draw_worst(probabilities: torch.Tensor) -> None:
    labels = datasets.load("mnist", "test").labels
    worst = misclassified(probabilities, labels)[:_WORST]
    st.markdown(_("**The worst mistakes**: wrong, and sure of it. Could you read them?"))
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
        alt=_("Test digits with the network's answers: {answers}").format(
            answers=", ".join(
                _("a {label} read as {answer}").format(label=label, answer=prediction)
                for label, prediction in zip(labels, predictions, strict=True)
            )
        ),
    )
    st.caption(_("Below each digit the answer, in brackets what it is if that is wrong, and how sure the network was."))
