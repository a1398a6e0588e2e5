"""Arrays to Vega-Lite specs: lines and points. A chart costs the server well under a millisecond."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

Points = Sequence[tuple[float, float | None]]
Bands = Sequence[tuple[float, float, float]]
MOST_POINTS = 150  # of one line: what a screen shows

# Numbers on an axis: as they are, or as 2e9 and 2e-9 where they are very large or small
_SHORT = (
    "datum.value == 0 || (abs(datum.value) >= 1e-3 && abs(datum.value) < 1e5) ? format(datum.value, '~g') "
    ": replace(format(datum.value, '.0~e'), '+', '')"
)


def thin(points: Sequence, most: int = MOST_POINTS) -> Sequence:
    """At most about ``most`` of the points, the first and the last among them."""
    spacing = -(-len(points) // most)
    return points if spacing <= 1 else [*points[:-1:spacing], points[-1]]


def lines(
    series: Mapping[str, Points],
    *,
    x: str,
    y: str,
    key: str,
    alt: str,
    log: bool = False,
    height: int = 310,
    dashed: Sequence[str] = (),
    domain: Sequence[str] = (),
    x_log: bool = False,
    percent: bool = False,
    bands: Mapping[str, Bands] | None = None,
    dots: Mapping[str, Points] | None = None,
    colours: Mapping[str, str] | None = None,
    floor: float = 0.0,
    y_from: float | None = None,
    marked: float | None = None,
    marked_name: str = "",
) -> None:
    """Draw named lines over x, with the numbers of all lines on hover. Values of None leave a gap.

    ``dashed`` names the lines of comparison, ``domain`` all names that the chart may come to have, so that
    colours stay; or ``colours`` gives them. ``bands`` are drawn around lines, ``dots`` beside them in their colours. On
    a logarithmic axis nothing at or below ``floor`` is drawn, and nothing below ``y_from`` anywhere. ``marked`` is a
    place on the horizontal axis, and ``marked_name`` what is said of it.
    """
    values = [
        {"x": at, "y": value, "line": name}
        for name, points in series.items()
        for at, value in thin(points)
        if value is not None and math.isfinite(value) and (value > floor or not log)
    ]
    around = [
        {"x": at, "low": low, "high": high, "line": name}
        for name, points in (bands or {}).items()
        for at, low, high in thin(points)
        if math.isfinite(low) and math.isfinite(high) and (low > floor or not log)
    ]
    beside = [
        {"x": at, "y": value, "line": name}
        for name, points in (dots or {}).items()
        for at, value in points
        if math.isfinite(value)
    ]
    short = max(map(len, series.values()), default=0) < 3  # then the lines alone could hardly be seen
    names = list(colours or domain or series)
    scale = {"type": "log", "nice": False} if log else {"zero": False}
    scale |= {} if y_from is None else {"domainMin": y_from} | ({"domainMax": 1} if percent else {})
    shades = {"domain": names} | ({"range": list(colours.values())} if colours else {})
    colour = {"field": "line", "type": "nominal", "title": None, "sort": None, "scale": shades}
    height += 20 * max(0, -(-len(series) // 2) - 3)  # what a long legend takes of it
    hover = {
        "name": "hover",
        "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"},
    }
    tooltip = [
        {"field": "line", "title": " "},
        {"field": "x", "type": "quantitative", "title": x, "format": ".4~g"},
        {"field": "y", "type": "quantitative", "title": y, "format": ".1%" if percent else ".3~g"},
    ]
    encoding = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "title": x,
            "scale": {"type": "log", "nice": False} if x_log else {"nice": False, "zero": False},
            "axis": {"labelExpr": _SHORT} | _decades([point["x"] for point in values], log=True)
            if x_log
            else {"tickMinStep": 1, "format": ",d"}
            if all(point["x"] == int(point["x"]) for point in values)
            else {"format": "~g"},
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "title": y,
            "scale": scale,
            "axis": {"format": ".0%"}
            if percent
            else {"labelExpr": _SHORT} | _decades([point["y"] for point in values], log=log),
        },
        "color": colour
        | {
            "legend": {
                "orient": "bottom",
                "columns": 2,
                "values": list(series),
                "rowPadding": 0,
                "symbolSize": 60,
                "symbolOpacity": 1,
                "labelLimit": 300,
                "offset": 4,
            }
            if len(series) > 1
            else None
        },
        "strokeDash": {
            "condition": {"test": {"field": "line", "oneOf": list(dashed)}, "value": [4, 3]},
            "value": [1, 0],
        },
        "strokeWidth": {  # what a dashed line lies on shows between its dashes and beside them
            "condition": {"test": {"field": "line", "oneOf": list(dashed)}, "value": 2},
            "value": 3.5 if dashed else 2,
        },
    }
    band = {
        "data": {"values": around},
        "mark": {"type": "area", "opacity": 0.18, "clip": True},
        "encoding": {
            "x": encoding["x"],
            "y": encoding["y"] | {"field": "low"},
            "y2": {"field": "high"},
            "color": encoding["color"],
        },
    }
    places = {axis: encoding[axis] for axis in ("x", "y", "color")}
    ring = {
        "data": {"values": beside},
        "mark": {"type": "point", "size": 110, "strokeWidth": 2.5, "filled": False, "clip": True},
        "encoding": places | {"tooltip": tooltip},
    }
    layers = [
        {"mark": {"type": "line", "clip": True}, "encoding": encoding},
        *([band] if around else []),
        *([] if marked is None else _mark(marked, marked_name, x, height)),
        *([ring] if beside else []),
        {
            "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
            "params": [hover],
            "encoding": places
            | {
                "tooltip": tooltip,
                "opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": int(short)},
            },
        },
    ]
    st.vega_lite_chart({"data": {"values": values}, "layer": layers, "height": height}, key=key, alt=alt)


def _mark(at: float, name: str, x: str, height: int) -> list[dict]:
    """A vertical line with its name."""
    data = {"data": {"values": [{"x": at, "name": name}]}}
    place = {"x": {"field": "x", "type": "quantitative", "title": x}}
    text = {"type": "text", "align": "left", "dx": 4, "y": height / 2, "color": "#888888", "fontSize": 11}
    return [
        data | {"mark": {"type": "rule", "color": "#888888", "strokeDash": [4, 3]}, "encoding": place},
        data | {"mark": text, "encoding": place | {"text": {"field": "name"}}},
    ]


def _decades(values: Sequence[float], *, log: bool) -> dict[str, object]:
    """Where an axis has its ticks: on a logarithmic one at powers of ten, or at 1, 2 and 5 times those."""
    if log and values:
        low, high = (math.log10(bound(values)) for bound in (min, max))
        spacing = 1 + math.floor((high - low) / 5)
        powers = range(math.floor(low), math.ceil(high) + 1, spacing)
        if high - low > 1.9:
            return {"values": [10.0**power for power in powers]}
        if high - low > 0.4:
            return {"values": [digit * 10.0**power for power in powers for digit in (1, 2, 5)]}
    return {"tickCount": 5}


def scatter(groups: Mapping[str, np.ndarray], *, x: str, y: str, key: str, alt: str, height: int = 330) -> None:
    """Draw groups of points (N, 2) with the diagonal on which y equals x."""
    values = [
        {"x": float(at), "y": float(value), "group": name} for name, group in groups.items() for at, value in group
    ]
    finite = [point for point in values if abs(point["y"]) < 1e30]
    low = min((min(point["x"] for point in finite), -1)) if finite else -1
    high = max((max(point["x"] for point in finite), 1)) if finite else 1
    axes = {
        "x": {"field": "x", "type": "quantitative", "title": x},
        "y": {"field": "y", "type": "quantitative", "title": y, "axis": {"labelExpr": _SHORT}},
    }
    colour = {
        "field": "group",
        "type": "nominal",
        "title": None,
        "sort": None,
        "legend": {"orient": "bottom"},
    }
    layers = [
        {
            "data": {"values": [{"x": low, "y": low}, {"x": high, "y": high}]},
            "mark": {"type": "line", "strokeDash": [4, 3], "color": "#888888"},
            "encoding": axes,
        },
        {
            "mark": {"type": "circle", "opacity": 0.6, "size": 22},
            "encoding": axes
            | {
                "color": colour,
                "tooltip": [
                    {"field": "group", "title": " "},
                    {"field": "x", "title": x, "format": ".3~g"},
                    {"field": "y", "title": y, "format": ".3~g"},
                ],
            },
        },
    ]
    st.vega_lite_chart({"data": {"values": finite}, "layer": layers, "height": height}, key=key, alt=alt)


def strip(values: Sequence[tuple[str, float]], *, y: str, key: str, alt: str, height: int = 280) -> None:
    """Draw one dot for each (group, value), the groups side by side."""
    encoding = {
        "x": {
            "field": "group",
            "type": "nominal",
            "title": None,
            "sort": None,
            "axis": {"labelAngle": 0, "labelLimit": 220},
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": y,
            "scale": {"type": "log", "nice": False, "padding": 12},
            "axis": {"labelExpr": _SHORT, "tickCount": 4},
        },
        "color": {"field": "group", "type": "nominal", "legend": None, "sort": None},
        "tooltip": [{"field": "group", "title": " "}, {"field": "value", "title": y, "format": ".4~g"}],
    }
    data = [{"group": group, "value": value} for group, value in values if np.isfinite(value)]
    st.vega_lite_chart(
        {
            "data": {"values": data},
            "mark": {"type": "point", "size": 60},
            "encoding": encoding,
            "height": height,
        },
        key=key,
        alt=alt,
    )
