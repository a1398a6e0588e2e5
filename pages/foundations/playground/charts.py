"""Charts below the main view: gradient norms of the layers, and accuracies."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.topics.playground.config import PlaygroundConfig
from core.training.progress import Progress
from pages.components.charts import line_chart
from pages.components.run.run_view import points
from pages.components.text import _, pgettext
from pages.foundations.chart_style import colour

# For light and dark themes. Blue and orange are excluded, because they are the class colors.
_LAYER_COLOURS = ("#7E57C2", "#2E9E5B", "#C2559B", "#8A8D0F", "#00897B", "#8D5B4C", "#7F8A94")


def draw_note(text: str) -> None:
    """Draw ``text``, a note in Markdown that states which run the charts show."""
    st.markdown(text)


def draw(
    config: PlaygroundConfig,
    history: Sequence[Progress],
    *,
    dimmed: bool,
    marks: Sequence[line_chart.Mark],
    run: str,
) -> None:
    """Draw the gradient norms and, for classification, the accuracies of a run.

    If ``dimmed`` is true, the curves are faded, because the settings have changed since the run. ``marks`` contains
    (update, label) pairs for the updates at which settings or weights were changed. ``run`` is the id of the run.
    """
    draw_lines = partial(_draw_lines, history, x_end=history[-1].total, run=run)
    gradients, accuracies = (st.container(), None) if config.regression else st.columns([3, 2], gap="medium")
    with gradients:
        st.markdown(_("**Gradient norm of each layer**"))
        titles = {
            f"gradient_norm/{layer}": _("layer {layer}").format(layer=layer)
            for layer in range(1, len(config.layer_sizes))
        }
        alt = _("Gradient norm of each layer at each update, on a logarithmic axis")
        colours = _dimmed(dict(zip(titles, _LAYER_COLOURS, strict=False)), dimmed)
        draw_lines(titles, y=_("gradient norm"), key="gradients", alt=alt, log=True, colours=colours)
    if accuracies is None:
        return
    with accuracies:
        st.markdown(_("**Accuracy**"))
        titles = {"train_accuracy": pgettext("dataset", "training"), "test_accuracy": pgettext("data split", "test")}
        colours = _dimmed({metric: colour(metric.removesuffix("_accuracy")) for metric in titles}, dimmed)
        alt = _("Training accuracy and test accuracy at each update")
        draw_lines(titles, y=_("accuracy"), key="accuracy", alt=alt, percent=True, colours=colours, marks=marks)


def _dimmed(colours: Mapping[str, str], dimmed: bool) -> dict[str, str]:
    return {name: f"{shade}59" if dimmed else shade for name, shade in colours.items()}  # 35% opaque


def _draw_lines(history: Sequence[Progress], titles: Mapping[str, str], *, key: str, **options: Any) -> None:
    """Draw a line for each metric in ``titles`` that the history contains."""
    lines = {metric: line for metric in titles if (line := points(history, metric))}
    line_chart.draw(lines, titles=titles, x=_("update"), key=f"playground.{key}", height=300, **options)
