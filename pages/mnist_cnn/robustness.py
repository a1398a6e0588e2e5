"""The tab that shows how a network fails when digits become noisy, turned or moved."""

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
from pages.components.text import _
from pages.mnist_cnn.selected_model import SelectedModel, current_model, describe

_LEVELS: dict[Corruption, tuple[float, ...]] = {
    "noise": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    "rotation": (0.0, 10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0),
    "shift": (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
}
_MAX_WORK = 60_000_000_000
"""Multiply-adds that all levels together may take."""
_SEED = 0
_SHOWN = 6


def draw(panel: RunPanel) -> None:
    """Draw the tab."""
    model = current_model(panel)
    describe(model)
    st.markdown(
        _(
            "The network was trained on clean, upright digits in the middle, unless you chose otherwise. **How fast "
            "does it fail when they are not?** Train with noise, or with rotations (tab “Data”), and come back: "
            "the curve becomes flat where the training was hard."
        )
    )
    names: dict[Corruption, str] = {"noise": _("noise"), "rotation": _("rotation"), "shift": _("shift")}
    curves = {}
    for kind, column in zip(_LEVELS, st.columns(3, gap="large"), strict=True):
        with column:
            curves[kind] = st.container()
            _draw_level(model, kind)
    for kind, container in curves.items():  # the slow part comes last
        with container:
            _draw_curve(model, kind, names[kind])


def _draw_curve(model: SelectedModel, kind: Corruption, name: str) -> None:
    trained = largest_trained_level(model.config, kind)
    axes: dict[Corruption, str] = {
        "noise": _("standard deviation of the noise"),
        "rotation": _("rotation in degrees"),
        "shift": _("shift in pixels"),
    }
    with st.spinner(_("Asking the network…"), show_time=False):
        accuracies, count = _curve(model, kind)
    st.markdown(_("**{name}**, on {count:,} test digits").format(name=name.capitalize(), count=count))
    line_chart.draw(
        {name: list(zip(_LEVELS[kind], accuracies, strict=True))},
        x=axes[kind],
        y=_("accuracy"),
        key=f"mnist_cnn.robust.{kind}",
        alt=_("Accuracy over the {level}: {values}").format(
            level=axes[kind], values=", ".join(f"{accuracy:.0%}" for accuracy in accuracies)
        ),
        percent=True,
        height=240,
        y_from=0.0,
        marks=[] if trained is None else [(trained, _("in training"))],
        marks_from=0.45,
    )


def _draw_level(model: SelectedModel, kind: Corruption) -> None:
    level = st.select_slider(_("Look at"), _LEVELS[kind][1:], value=_LEVELS[kind][4], key=f"mnist_cnn.level.{kind}")
    _draw_examples(model, kind, float(level))


def _draw_examples(model: SelectedModel, kind: Corruption, level: float) -> None:
    pictures, labels = datasets.load("mnist", "test").batch(torch.arange(_SHOWN))
    changed = corrupted(pictures, kind, level, seed=_SEED)
    predictions = probabilities(model.network, model.prepare(changed)).argmax(dim=1)
    images.show(
        images.classified_digits(changed[:, 0].numpy(), predictions.numpy(), labels.numpy(), columns=_SHOWN),
        alt=_("Test digits at that level with the network's answers: {answers}").format(
            answers=", ".join(map(str, predictions.tolist()))
        ),
    )


def _curve(model: SelectedModel, kind: Corruption) -> tuple[list[float], int]:
    cost = sum(layer.multiply_adds for layer in summary(model.config))
    count = int(np.clip(_MAX_WORK / (cost * sum(map(len, _LEVELS.values()))), 50, 1_000))
    return _accuracies(model, kind, count), count


@st.cache_data(max_entries=30, show_spinner=False, hash_funcs={SelectedModel: lambda model: model.key})
def _accuracies(model: SelectedModel, kind: Corruption, count: int) -> list[float]:
    pictures, labels = datasets.load("mnist", "test").batch(torch.arange(count))
    return robustness(model.network, pictures, labels, model.prepare, kind, _LEVELS[kind], seed=_SEED)
