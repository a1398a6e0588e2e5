"""The view of losses: what an outlier does to a line, and why; below, what a confident mistake costs."""

import numpy as np
import streamlit as st
import torch

from core.errors import CoreError
from core.topics.losses import functions, line_fits
from core.topics.losses.functions import CLASSIFICATION, REGRESSION
from core.topics.losses.line_fits import FITS, Line
from pages.components import source
from pages.components.charts import function_plot
from pages.components.charts.function_plot import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Curve,
)
from pages.components.errors import explain
from pages.components.inputs import canvas
from pages.components.inputs.canvas import Point
from pages.components.run.fragments import redraw, tabs
from pages.components.text import _, lesson
from pages.foundations.losses import cross_entropy_vs_mse

KEY = "losses"
BOUNDS = (0.0, 12.0, 0.0, 10.0)
MOST = 30  # points, since all pairs of them are tried
_X = (0.6, 1.1, 1.7, 2.2, 2.7, 3.2, 3.7, 4.2, 4.8)
_Y = (1.6, 2.2, 2.3, 3.3, 3.3, 4.3, 4.2, 5.1, 5.3)
CLEAN = tuple(Point(x, y) for x, y in zip(_X, _Y, strict=True))
UP = (*CLEAN[:7], Point(4.2, 9.5), CLEAN[8])
ASIDE = (Point(11.4, 1.6), *CLEAN[1:])
_COLOURS = {"mse": BLUE, "huber": GREEN, "mae": ORANGE, "rmse": GREY}
_ERRORS = torch.arange(-240, 241, dtype=torch.float64) / 40


def draw() -> None:
    """Draw the view."""
    redraw(_draw_outlier)
    _draw_errors()
    redraw(cross_entropy_vs_mse.draw)
    tabs({_("Lesson"): lambda: lesson("foundations/losses"), _("As code"): _draw_code}, key=f"{KEY}.tab")


def _delta() -> float:
    """From where on Huber's loss is straight; its slider comes further down."""
    return st.session_state.get(f"{KEY}.delta", 1.0)


def _fits(points: tuple[Point, ...]) -> dict[str, Line]:
    """The best line by each loss. MSE and RMSE have the same."""
    x, y = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2).T
    settings = {"huber": {"delta": _delta()}}
    return {name: FITS[name](x, y, **settings.get(name, {})) for name in ("mse", "huber", "mae")}


def _draw_outlier() -> None:
    st.markdown(_("##### What an outlier does: drag a point up, and drag one sideways"))
    left, right = st.columns([1.7, 1], gap="large")
    key, problem = f"{KEY}.points", None
    before, lines = _fits(CLEAN), {}
    try:
        lines = _fits(canvas.current(key, UP))
    except CoreError as error:
        problem = explain(error)
    moved = {name: line.distance(before[name], *BOUNDS[:2]) for name, line in lines.items()}
    with left:
        canvas.draw(
            UP,
            key=key,
            label=_("Points, and the lines that fit them best by three losses"),
            bounds=BOUNDS,
            lines=[*(_line(name, before[name]) for name in lines), *_named(lines, moved)],
            most=MOST,
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
            _draw_moved(moved)
            st.caption(
                _(
                    "Faint: the lines without the outlier. Bars: the mean distance from them, over the width of the "
                    "plane. **Up**: MSE follows the point, MAE hardly at all. **Sideways**, far from the others, it "
                    "pulls like a lever, and all follow."
                )
            )


def _names() -> dict[str, str]:
    return {"mse": _("MSE, RMSE"), "huber": _("Huber"), "mae": _("MAE")}


def _line(name: str, line: Line, note: str | None = None) -> canvas.Line:
    ends = [(x, line(x)) for x in BOUNDS[:2]]
    return canvas.Line(ends, _COLOURS[name], *([] if note is None else [_names()[name], note]))


def _named(lines: dict[str, Line], moved: dict[str, float]) -> list[canvas.Line]:
    """The lines as they are now, with their equations."""
    notes = {}
    for name, line in lines.items():
        equation = (
            _("y = {slope} x + {intercept:.2f}, moved by {moved:.2f}")
            if line.intercept >= 0
            else _("y = {slope} x − {intercept:.2f}, moved by {moved:.2f}")
        )
        slope = f"{line.slope:.2f}".replace("-", "−")
        notes[name] = equation.format(slope=slope, intercept=abs(line.intercept), moved=moved[name])
        if line.tied:
            notes[name] = _("{equation} (other lines are equally good)").format(equation=notes[name])
    return [_line(name, line, notes[name]) for name, line in lines.items()]


def _draw_moved(moved: dict[str, float]) -> None:
    """How far each line has moved, as bars."""
    names = [_names()[name] for name in moved]
    values = [{"name": name, "moved": far} for name, far in zip(names, moved.values(), strict=True)]
    axes = {
        "x": {
            "field": "moved",
            "type": "quantitative",
            "title": _("how far the line has moved"),
            "scale": {"domain": [0, max(5, *moved.values()) * 1.15], "nice": False},
            "axis": {"tickCount": 5},
        },
        "y": {"field": "name", "type": "nominal", "title": None, "sort": names, "axis": {"labelFontSize": 13}},
    }
    shades = {"domain": names, "range": [function_plot.colour(_COLOURS[name]) for name in moved]}
    tooltip = [{"field": "name", "title": " "}, {"field": "moved", "title": _("moved by"), "format": ".2f"}]
    layers = [
        {
            "mark": {"type": "bar", "cornerRadius": 3},
            "encoding": axes
            | {"color": {"field": "name", "legend": None, "sort": names, "scale": shades}, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 13, "color": "#888888"},
            "encoding": axes | {"text": {"field": "moved", "format": ".2f"}},
        },
    ]
    st.vega_lite_chart(
        {"data": {"values": values}, "layer": layers, "height": 220},
        key=f"{KEY}.moved",
        alt=_("How far the lines of MSE, Huber and MAE have moved: their mean distance over the width of the plane"),
    )


def _draw_errors() -> None:
    st.markdown(_("##### Why: what an error costs, and how hard it pulls"))
    delta = st.slider(
        _("Huber's δ: squares up to here, straight from here"), 0.2, 5.0, 1.0, 0.1, key=f"{KEY}.delta",
        persist_state="session",
    )  # fmt: skip
    titles = {"mse": _("MSE"), "huber": _("Huber"), "mae": _("MAE"), "rmse": _("RMSE")}
    made = {name: REGRESSION[name].curve(_ERRORS, **({"delta": delta} if name == "huber" else {})) for name in titles}
    parts = (
        (_("what one point costs"), (0.0, 8.0), _("Loss of one point over its error, by four losses")),
        (_("how hard it pulls"), (-6.0, 6.0), _("Gradient of the loss of one point over its error, by four losses")),
    )
    for part, (column, (title, (low, high), alt)) in enumerate(zip(st.columns(2, gap="large"), parts, strict=True)):
        with column:
            function_plot.draw(
                [
                    Curve(titles[name], _ERRORS, made[name][part], _COLOURS[name], dashed=name == "rmse")
                    for name in titles
                ],
                x=_("error: prediction − target"),
                y=title,
                low=low,
                high=high,
                key=f"{KEY}.errors.{part}",
                alt=alt,
            )
    st.caption(
        _(
            "The pull is the gradient. **MSE**: twice as far, twice as hard; one far point outweighs many near ones. "
            "**MAE**: all pull alike. **Huber**: as MSE near by, as MAE far off. **RMSE** is the root of MSE: for one "
            "point that is |error|, as MAE; over many its gradient is MSE's divided by 2 RMSE, and its best line MSE's."
        )
    )


def _draw_code() -> None:
    st.caption(_("The very functions that this page computes with. Tests hold them to torch's own, and to autograd."))
    left, right = st.columns(2)
    with left:
        for loss in (*REGRESSION.values(), *CLASSIFICATION.values()):
            source.show("\n\n\n".join(source.source(function) for function in (loss.value, loss.gradient)))
    with right:
        for fit in (line_fits.least_squares, line_fits.least_absolute, line_fits.least_huber):
            source.show(source.source(fit))
        for function in (functions.mistake_by_cross_entropy, functions.mistake_by_squares):
            source.show(source.source(function))
