"""The "Robustness" tab: accuracy on noisy, rotated, and shifted digits."""

import numpy as np
import streamlit as st
import torch

from core.data import datasets
from core.evaluation.inspection import probabilities
from core.evaluation.robustness import Corruption, corrupted, robustness
from core.topics.mnist_cnn.model import summary
from core.topics.mnist_cnn.transforms import largest_trained_level
from pages.components.charts import images, line_chart
from pages.components.run.panel import RunPanel
from pages.components.text import _, ngettext
from pages.mnist_cnn.selected_model import SelectedModel, current_model, describe

_LEVELS: dict[Corruption, tuple[float, ...]] = {
    "noise": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    "rotation": (0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0),
    "shift": (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
}
_MAX_WORK = 60_000_000_000
"""Limit on the multiply-adds of the evaluation, summed over all corruptions and levels."""
_SEED = 0
_SHOWN = 6


def draw(panel: RunPanel) -> None:
    """Draw the "Robustness" tab."""
    model = current_model(panel)
    describe(model)
    st.markdown(
        _(
            "MNIST digits are clean, upright, and centered. **How much does the accuracy fall on noisy, rotated, or "
            "shifted digits**? Train with more noise (“Pixel noise” setting) or with larger rotations (“Data” tab), "
            "and return to this tab. The accuracy then falls only at higher noise levels or at larger rotation angles."
        )
    )
    curves = {}
    for kind, column in zip(_LEVELS, st.columns(3, gap="large"), strict=True):
        with column:
            curves[kind] = st.container()
            _draw_level(model, kind)
    for kind, container in curves.items():  # the slow part comes last
        with container:
            _draw_curve(model, kind)


def _draw_curve(model: SelectedModel, kind: Corruption) -> None:
    trained = largest_trained_level(model.config, kind)
    with st.spinner(_("Evaluating the network…"), show_time=False):
        accuracies, count = _curve(model, kind)
    line, axis, alt, title = _texts(kind, count)
    st.markdown(title.format(count=count))
    line_chart.draw(
        {kind: list(zip(_LEVELS[kind], accuracies, strict=True))},
        titles={kind: line},
        x=axis,
        y=_("accuracy"),
        key=f"mnist_cnn.robust.{kind}",
        alt=alt.format(values=", ".join(f"{accuracy:.0%}" for accuracy in accuracies)),
        percent=True,
        height=240,
        y_from=0.0,
        marks=[] if trained is None else [(trained, _("training level"))],
        marks_from=0.45,
    )


def _texts(kind: Corruption, count: int) -> tuple[str, str, str, str]:
    """Return four texts of a chart: the line's name, the title of the x axis, the alternative text, and the title."""
    if kind == "noise":
        return (
            _("noise"),
            _("standard deviation of the noise"),
            _("Accuracy versus standard deviation of the noise: {values}"),
            ngettext("**Noise** ({count:,} test digit)", "**Noise** ({count:,} test digits)", count),
        )
    if kind == "rotation":
        return (
            _("rotation"),
            _("rotation angle in degrees"),
            _("Accuracy versus rotation angle in degrees: {values}"),
            ngettext("**Rotation** ({count:,} test digit)", "**Rotation** ({count:,} test digits)", count),
        )
    return (
        _("shift"),
        _("shift in pixels"),
        _("Accuracy versus shift in pixels: {values}"),
        ngettext("**Shift** ({count:,} test digit)", "**Shift** ({count:,} test digits)", count),
    )


def _draw_level(model: SelectedModel, kind: Corruption) -> None:
    levels = _LEVELS[kind]
    level = st.select_slider(_("Level for the examples"), levels[1:], value=levels[4], key=f"mnist_cnn.level.{kind}")
    _draw_examples(model, kind, float(level))


def _draw_examples(model: SelectedModel, kind: Corruption, level: float) -> None:
    digits, labels = datasets.load("mnist", "test").batch(torch.arange(_SHOWN))
    digits = corrupted(digits, kind, level, seed=_SEED)
    predictions = probabilities(model.network, model.prepare(digits)).argmax(dim=1)
    images.show(
        images.classified_digits(digits[:, 0].numpy(), predictions.numpy(), labels.numpy(), columns=_SHOWN),
        alt=_("Test digits at the selected level, with the network's predictions: {predictions}").format(
            predictions=", ".join(map(str, predictions.tolist()))
        ),
    )


def _curve(model: SelectedModel, kind: Corruption) -> tuple[list[float], int]:
    cost = sum(layer.multiply_adds for layer in summary(model.config))
    count = int(np.clip(_MAX_WORK / (cost * sum(map(len, _LEVELS.values()))), 50, 1_000))
    return _accuracies(model, kind, count), count


@st.cache_data(max_entries=30, show_spinner=False, hash_funcs={SelectedModel: lambda model: model.key})
def _accuracies(model: SelectedModel, kind: Corruption, count: int) -> list[float]:
    digits, labels = datasets.load("mnist", "test").batch(torch.arange(count))
    return robustness(model.network, digits, labels, model.prepare, kind, _LEVELS[kind], seed=_SEED)
