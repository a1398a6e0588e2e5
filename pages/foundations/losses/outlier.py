"""What an outlier does to the lines of best fit: points that can be dragged, and the lines of three losses."""

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
MAX_POINTS = 30  # the fit of MAE tries all pairs of them
_X = (0.6, 1.1, 1.7, 2.2, 2.7, 3.2, 3.7, 4.2, 4.8)
_Y = (1.6, 2.2, 2.3, 3.3, 3.3, 4.3, 4.2, 5.1, 5.3)
CLEAN = tuple(Point(x, y) for x, y in zip(_X, _Y, strict=True))
UP = (*CLEAN[:7], Point(4.2, 9.5), CLEAN[8])
ASIDE = (Point(11.4, 1.6), *CLEAN[1:])


def draw(delta: float) -> None:
    """Draw the plane with the points and the lines, and beside it how far each line has moved.

    ``delta`` is that of the Huber loss.
    """
    st.markdown(_("##### What an outlier does: drag a point up, and drag one sideways"))
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
            label=_("Points, and the lines that fit them best by three losses"),
            bounds=BOUNDS,
            lines=[*(_line(name, clean_lines[name]) for name in lines), *_lines_with_equations(lines, distances)],
            most=MAX_POINTS,
            size=(680, 430),
        )
    with right:
        st.markdown(_("Begin with"))
        with st.container(horizontal=True):
            for title, points in ((_("No outlier"), CLEAN), (_("One up"), UP), (_("One sideways"), ASIDE)):
                st.button(title, on_click=canvas.put, args=(key, points))
        if problem:
            st.info(problem)
        else:
            _draw_distances(distances)
            st.caption(
                _(
                    "Faint: the lines without the outlier. Bars: the mean distance from them, over the width of the "
                    "plane. **Up**: MSE follows the point, MAE hardly at all. **Sideways**: a point far from the "
                    "others acts like a lever, and all lines follow."
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
        equation = (
            _("y = {slope} x + {intercept:.2f}, moved by {moved:.2f}")
            if line.intercept >= 0
            else _("y = {slope} x − {intercept:.2f}, moved by {moved:.2f}")
        )
        slope = f"{line.slope:.2f}".replace("-", "−")
        notes[name] = equation.format(slope=slope, intercept=abs(line.intercept), moved=distances[name])
        if line.tied:
            notes[name] = _("{equation} (other lines are equally good)").format(equation=notes[name])
    return [_line(name, line, notes[name]) for name, line in lines.items()]


def _draw_distances(distances: dict[str, float]) -> None:
    """Draw the distance that each line has moved, as bars."""
    names = [_names()[name] for name in distances]
    values = [{"name": name, "moved": distance} for name, distance in zip(names, distances.values(), strict=True)]
    axes = {
        "x": {
            "field": "moved",
            "type": "quantitative",
            "title": _("how far the line has moved"),
            "scale": {"domain": [0, max(5, *distances.values()) * 1.15], "nice": False},
            "axis": {"tickCount": 5},
        },
        "y": {"field": "name", "type": "nominal", "title": None, "sort": names, "axis": {"labelFontSize": 13}},
    }
    colour_scale = {"domain": names, "range": [function_plot.colour(COLOURS[name]) for name in distances]}
    tooltip = [{"field": "name", "title": " "}, {"field": "moved", "title": _("moved by"), "format": ".2f"}]
    layers = [
        {
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": axes
            | {"color": {"field": "name", "legend": None, "sort": names, "scale": colour_scale}, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 13, "color": "#888888"},
            "encoding": axes | {"text": {"field": "moved", "format": ".2f"}},
        },
    ]
    vega.draw(
        {"data": {"values": values}, "layer": layers, "height": 220},
        key=f"{KEY}.moved",
        alt=_("How far the lines of MSE, Huber and MAE have moved: their mean distance over the width of the plane"),
    )


def _fit(points: tuple[Point, ...], delta: float) -> dict[str, Line]:
    x, y = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2).T
    return fit_lines(x, y, delta=delta)
