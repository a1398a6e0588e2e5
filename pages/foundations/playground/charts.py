"""The charts of a run: its losses, its accuracies and the gradient norms of its layers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.engine import Run
from core.topics.playground.comparison import has_comparable_losses
from core.topics.playground.config import PlaygroundConfig
from core.training.progress import Progress
from pages.components.charts import line_chart
from pages.components.run.run_view import points
from pages.components.text import _
from pages.foundations.chart_style import colour

# On light and dark ground; blue and orange are the colours of the classes
_LAYER_COLOURS = ("#7E57C2", "#2E9E5B", "#C2559B", "#8A8D0F", "#00897B", "#8D5B4C", "#7F8A94")


def draw(
    config: PlaygroundConfig,
    history: Sequence[Progress],
    previous: Run | None,
    *,
    dimmed: bool,
    marks: Sequence[line_chart.Mark],
    run: str,
) -> None:
    """Draw losses, accuracies and gradient norms; ``dimmed`` if the settings have changed since.

    ``marks`` are the updates at which a setting was changed, ``run`` is the id of the run.
    """
    draw_lines = partial(_draw_lines, x_end=history[-1].total, run=run)
    columns = iter(st.columns(2 if config.regression else 3, gap="medium"))
    earlier = _("test, earlier run")
    losses = {"train_loss": _("training"), "test_loss": _("test"), "validation_loss": _("validation")}
    colours = {label: colour(metric.removesuffix("_loss")) for metric, label in losses.items()}
    colours = _dimmed(colours | {earlier: colour("noise")}, dimmed)
    with next(columns):
        st.markdown(_("**Loss**"))
        series = {label: points(history, metric) for metric, label in losses.items()}
        if previous and has_comparable_losses(config, previous.config):
            series[earlier] = points(previous.history(), "test_loss")
        alt = _("Loss over the updates")
        draw_lines(series, y=_("loss"), key="loss", alt=alt, dashed=[earlier], colours=colours, marks=marks)
    if not config.regression:
        with next(columns):
            st.markdown(_("**Points on the right side**"))
            accuracies = {"train_accuracy": _("training"), "test_accuracy": _("test")}
            series = {label: points(history, metric) for metric, label in accuracies.items()}
            alt = _("Share of the points on the right side, over the updates")
            draw_lines(series, y=_("accuracy"), key="accuracy", alt=alt, percent=True, colours=colours)
    with next(columns):
        st.markdown(_("**Length of each layer's gradient**"))
        series = {
            _("layer {layer}").format(layer=layer): points(history, f"gradient_norm/{layer}")
            for layer in range(1, len(config.layer_sizes))
        }
        alt = _("Length of the gradient of each layer's weights over the updates, on a logarithmic axis")
        draw_lines(
            series,
            y=_("gradient"),
            key="gradients",
            alt=alt,
            log=True,
            colours=_dimmed(dict(zip(series, _LAYER_COLOURS, strict=False)), dimmed),
        )


def _dimmed(colours: Mapping[str, str], dimmed: bool) -> dict[str, str]:
    return {name: f"{shade}59" if dimmed else shade for name, shade in colours.items()}  # 35% opaque


def _draw_lines(series: Mapping[str, line_chart.Points], *, key: str, **options: Any) -> None:
    non_empty = {name: line for name, line in series.items() if line}
    line_chart.draw(non_empty, x=_("update"), key=f"playground.{key}", height=220, **options)
