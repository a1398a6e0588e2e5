"""The curves of a run as a figure for a report: SVG or PNG. matplotlib is imported when the first figure is drawn."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.export.curves import Curves
from core.training.progress import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B7785")
"""The colors of the app's charts. Source: Okabe and Ito, Color Universal Design, 2008."""

_STYLES = ("-", "--", "-.", ":")
_DPI = 200
_WIDTH, _HEIGHT = 5.2, 3.9  # of one chart, in inches
_MOST_WITH_MARKERS = 30  # points of a curve
_TOLERANCE = 1e-3  # relative difference of curves that coincide


def figure(
    curves: Sequence[Curves],
    history: Sequence[Progress],
    *,
    title: str,
    format: Literal["svg", "png"],
    colours: Mapping[str, str] = {},
) -> bytes:
    """Return the content of an SVG or PNG file with one chart for each of ``curves``, side by side.

    The curves differ in color and in line style, so that they can also be told apart in grayscale. ``colours`` maps
    names of curves to colors; the other curves have the `COLOURS`.
    """
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(_WIDTH * len(curves), _HEIGHT), layout="constrained")
    drawing.suptitle(title)
    for axes, chart in zip(drawing.subplots(1, len(curves), squeeze=False)[0], curves, strict=True):
        _draw(axes, chart, history, colours)
    buffer = io.BytesIO()
    drawing.savefig(buffer, format=format, dpi=_DPI)
    return buffer.getvalue()


def _draw(axes: "Axes", chart: Curves, history: Sequence[Progress], colours: Mapping[str, str]) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.set_title(chart.title, fontsize="medium")
    axes.set_xlabel(chart.x_title)
    axes.set_ylabel(chart.y_title)
    if chart.log:
        axes.set_yscale("log", nonpositive="mask")
    if chart.x_log:
        axes.set_xscale("log", nonpositive="mask")
    if chart.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    lines = list(chart.lines)
    for names, steps, values in _groups(chart, history):
        number = lines.index(names[0])
        colour = colours.get(names[0], COLOURS[number % len(COLOURS)])
        axes.plot(
            steps,
            values.mean(axis=1),
            label=", ".join(names),
            color=colour,
            linestyle=_STYLES[number % len(_STYLES)],
            linewidth=1.5,
            marker="o" if len(steps) <= _MOST_WITH_MARKERS else None,
            markersize=3,
        )
        if values.shape[1] > 1:
            axes.fill_between(steps, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.15, linewidth=0)
    axes.grid(alpha=0.3)
    if axes.has_data():
        axes.legend(fontsize="small")


def _groups(chart: Curves, history: Sequence[Progress]) -> list[tuple[list[str], list[int], np.ndarray]]:
    """Return the names, the updates, and the values (updates, metrics) of each curve.

    Curves that would hide each other, because their values are equal except for rounding, are one curve.
    """
    groups: list[tuple[list[str], list[int], np.ndarray]] = []
    for name, metrics in chart.lines.items():
        events = [event for event in history if any(metric in event.metrics for metric in metrics)]
        steps = [event.step for event in events]
        values = np.array([[event.metrics.get(metric) for metric in metrics] for event in events], dtype=float)
        for names, other_steps, other_values in groups:
            if steps == other_steps and np.allclose(values, other_values, rtol=_TOLERANCE, equal_nan=True):
                names.append(name)
                break
        else:
            if steps:
                groups.append(([name], steps, values))
    return groups
