"""The effect of outliers: draggable points, and the lines of best fit for three losses."""

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.topics.losses.line_fits import Line, fit_lines
from pages.components.charts import function_plot, vega
from pages.components.errors import explain
from pages.components.inputs import canvas
from pages.components.inputs.canvas import Point
from pages.components.text import _
from pages.foundations.losses.main_view import COLOURS, KEY

BOUNDS = (0.0, 12.0, 0.0, 10.0)
MAX_POINTS = 30  # the MAE fit tries all pairs of points
_X = (0.6, 1.1, 1.7, 2.2, 2.7, 3.2, 3.7, 4.2, 4.8)
_Y = (1.6, 2.2, 2.3, 3.3, 3.3, 4.3, 4.2, 5.1, 5.3)
CLEAN = tuple(Point(x, y) for x, y in zip(_X, _Y, strict=True))
UP = (*CLEAN[:7], Point(4.2, 9.5), CLEAN[8])
ASIDE = (Point(11.4, 1.6), *CLEAN[1:])


def draw(delta: float) -> None:
    """Draw draggable points, the line of best fit for each loss, and a chart of how far outliers have moved each line.

    ``delta`` is the δ of the Huber loss.
    """
    st.markdown(_("##### Outliers: drag one point up and another sideways"))
    left, right = st.columns([1.7, 1], gap="large")
    key, problem = f"{KEY}.points", None
    clean_lines, lines = _fit(CLEAN, delta), {}
    try:
        lines = _fit(canvas.current(key, UP), delta)
    except CoreError as error:
        problem = explain(error)
    distances = {name: line.mean_distance(clean_lines[name], *BOUNDS[:2]) for name, line in lines.items()}
    with left:
        canvas.draw(
            UP,
            key=key,
            label=_("Points and the line of best fit for each of three losses"),
            bounds=BOUNDS,
            lines=[*(_line(name, clean_lines[name]) for name in lines), *_lines_with_equations(lines, distances)],
            most=MAX_POINTS,
            size=(680, 430),
        )
    with right:
        st.markdown(_("Start with"))
        with st.container(horizontal=True):
            for title, points in ((_("No outlier"), CLEAN), (_("Outlier in y"), UP), (_("Outlier in x"), ASIDE)):
                st.button(title, on_click=canvas.put, args=(key, points))
        if problem:
            st.info(problem)
        else:
            _draw_distances(distances)
            st.caption(
                _(
                    "Faint lines: the fits without an outlier. Bars: the mean vertical distance between each line "
                    "and the faint line of the same color. **Outlier in y**: the MSE line follows the outlier, but "
                    "the MAE line hardly moves. **Outlier in x**: the outlier has high leverage, and all lines "
                    "follow it."
                )
            )


def _names() -> dict[str, str]:
    return {"mse": _("MSE, RMSE"), "huber": _("Huber"), "mae": _("MAE")}


def _line(name: str, line: Line, note: str | None = None) -> canvas.Line:
    ends = [(x, line(x)) for x in BOUNDS[:2]]
    if note is None:
        return canvas.Line(ends, COLOURS[name])
    return canvas.Line(ends, COLOURS[name], _names()[name], note)


def _lines_with_equations(lines: dict[str, Line], distances: dict[str, float]) -> list[canvas.Line]:
    """Return the fitted lines with their equations."""
    notes = {}
    for name, line in lines.items():
        slope = f"{line.slope:.2f}".replace("-", "−")
        equation = f"y = {slope} x {'+' if line.intercept >= 0 else '−'} {abs(line.intercept):.2f}"
        notes[name] = (
            _("{equation}, moved by {distance:.2f} (other lines fit equally well)")
            if line.tied
            else _("{equation}, moved by {distance:.2f}")
        ).format(equation=equation, distance=distances[name])
    return [_line(name, line, notes[name]) for name, line in lines.items()]


def _draw_distances(distances: dict[str, float]) -> None:
    """Draw a bar chart that shows how far each line has moved."""
    names = _names()
    values = [{"loss": loss, "name": names[loss], "moved": distance} for loss, distance in distances.items()]
    axes = {
        "x": {
            "field": "moved",
            "type": "quantitative",
            "title": _("how far the line has moved"),
            "scale": {"domain": [0, max(5, *distances.values()) * 1.15], "nice": False},
            "axis": {"tickCount": 5},
        },
        "y": {
            "field": "loss",
            "type": "nominal",
            "title": None,
            "sort": [*distances],
            "axis": {"labelFontSize": 13, "labelExpr": vega.label(names)},
        },
    }
    scale = {"domain": [*distances], "range": [function_plot.colour(COLOURS[name]) for name in distances]}
    colour = {"field": "loss", "type": "nominal", "legend": None, "scale": scale}
    tooltip = [{"field": "name", "title": " "}, {"field": "moved", "title": _("moved by"), "format": ".2f"}]
    layers = [
        {
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": axes | {"color": colour, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 13, "color": "#888888"},
            "encoding": axes | {"text": {"field": "moved", "format": ".2f"}},
        },
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": 220},
        key=f"{KEY}.moved",
        alt=_(
            "How far the MSE, Huber, and MAE lines have moved: the mean vertical distance across the width of the plot"
        ),
    )


def _fit(points: tuple[Point, ...], delta: float) -> dict[str, Line]:
    x, y = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2).T
    return fit_lines(x, y, delta=delta)
