"""A line chart, as a Vega-Lite spec. It costs the server well under a millisecond."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pages.components.charts import vega

Points = Sequence[tuple[float, float | None]]
Bands = Sequence[tuple[float, float, float]]
Mark = tuple[float, str]
MAX_POINTS = 150  # of one line: as many as a screen shows

_LABEL, _LABEL_ROWS = 14, 6  # height of a mark's label in pixels, and rows of labels

# Numbers on an axis: as they are, or as 2e9 and 2e-9 where they are very large or small
SHORT_NUMBERS = (
    "datum.value == 0 || (abs(datum.value) >= 1e-3 && abs(datum.value) < 1e5) ? format(datum.value, '~g') "
    ": replace(format(datum.value, '.0~e'), '+', '')"
)


def thin(points: Sequence, limit: int = MAX_POINTS) -> Sequence:
    """Return about ``limit`` of the points at most, with the first and the last."""
    spacing = -(-len(points) // limit)
    return points if spacing <= 1 else [*points[:-1:spacing], points[-1]]


def draw(
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
    marks: Sequence[Mark] = (),
    marks_from: float = 0.0,
) -> None:
    """Draw named lines over x, with the numbers of all lines on hover. Values of None leave a gap.

    ``dashed`` names the lines of comparison. ``domain`` holds all names that the chart may get later, so that colours
    stay the same; or ``colours`` gives a colour for each name. ``bands`` are areas around lines, ``dots`` rings in the
    colours of lines. A logarithmic axis leaves out values at or below ``floor``. ``y_from`` is the lower end of the
    vertical axis. ``marks`` are vertical lines, each an x with its label; the first label stands at the share
    ``marks_from`` of the height, counted from above.
    """
    values = [
        {"x": x_value, "y": value, "line": name}
        for name, points in series.items()
        for x_value, value in thin(points)
        if value is not None and math.isfinite(value) and (value > floor or not log)
    ]
    band_values = [
        {"x": x_value, "low": low, "high": high, "line": name}
        for name, points in (bands or {}).items()
        for x_value, low, high in thin(points)
        if math.isfinite(low) and math.isfinite(high) and (low > floor or not log)
    ]
    dot_values = [
        {"x": x_value, "y": value, "line": name}
        for name, points in (dots or {}).items()
        for x_value, value in points
        if value is not None and math.isfinite(value)
    ]
    middle = max((point["x"] for point in values), default=0.0) / 2
    few_points = max(map(len, series.values()), default=0) < 3  # then the lines alone are hardly visible
    names = list(colours or domain or series)
    scale: dict[str, object] = {"type": "log", "nice": False} if log else {"zero": False}
    scale |= {} if y_from is None else {"domainMin": y_from} | ({"domainMax": 1} if percent else {})
    colour_scale = {"domain": names} | ({"range": list(colours.values())} if colours else {})
    colour = {"field": "line", "type": "nominal", "title": None, "sort": None, "scale": colour_scale}
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
    encoding: dict[str, Any] = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "title": x,
            "scale": {"type": "log", "nice": False} if x_log else {"nice": False, "zero": False},
            "axis": {"labelExpr": SHORT_NUMBERS} | _decades([point["x"] for point in values], log=True)
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
            else {"labelExpr": SHORT_NUMBERS} | _decades([point["y"] for point in values], log=log),
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
        "data": {"values": band_values},
        "mark": {"type": "area", "opacity": 0.18, "clip": True},
        "encoding": {
            "x": encoding["x"],
            "y": encoding["y"] | {"field": "low"},
            "y2": {"field": "high"},
            "color": encoding["color"],
        },
    }
    position = {axis: encoding[axis] for axis in ("x", "y", "color")}
    ring = {
        "data": {"values": dot_values},
        "mark": {"type": "point", "size": 110, "strokeWidth": 2.5, "filled": False, "clip": True},
        "encoding": position | {"tooltip": tooltip},
    }
    layers = [
        {"mark": {"type": "line", "clip": True}, "encoding": encoding},
        *([band] if band_values else []),
        *(_mark_layers(marks, x, marks_from * height, middle) if marks else []),
        *([ring] if dot_values else []),
        {
            "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
            "params": [hover],
            "encoding": position
            | {
                "tooltip": tooltip,
                "opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": int(few_points)},
            },
        },
    ]
    vega.draw({"data": {"values": values}, "layer": layers, "height": height}, key=key, alt=alt)


def _mark_layers(marks: Sequence[Mark], x: str, top: float, middle: float) -> list[dict]:
    """Return the layers of vertical lines with their labels, one below the other so that each can be read.

    A label stands on the side of its line where there is more room: left of it beyond the ``middle``.
    """
    rows = [top + _LABEL * (0.5 + number % _LABEL_ROWS) for number in range(len(marks))]
    values: list[dict[str, Any]] = [
        {"x": position, "name": name, "row": row} for (position, name), row in zip(marks, rows, strict=True)
    ]
    axis = {"x": {"field": "x", "type": "quantitative", "title": x}}
    rule = {"type": "rule", "color": "#888888", "strokeDash": [4, 3], "clip": True}
    text = {"type": "text", "color": "#888888", "fontSize": 11, "clip": True}
    encoding = axis | {"text": {"field": "name"}, "y": {"field": "row", "type": "quantitative", "scale": None}}
    labels = (
        ([value for value in values if value["x"] <= middle], {"align": "left", "dx": 4}),
        ([value for value in values if value["x"] > middle], {"align": "right", "dx": -4}),
    )
    return [
        {"data": {"values": values}, "mark": rule, "encoding": axis},
        *({"data": {"values": part}, "mark": text | side, "encoding": encoding} for part, side in labels if part),
    ]


def _decades(values: Sequence[float], *, log: bool) -> dict[str, object]:
    """Return the ticks of an axis: on a logarithmic one powers of ten, or 1, 2 and 5 times those."""
    if log and values:
        low, high = (math.log10(bound(values)) for bound in (min, max))
        spacing = 1 + math.floor((high - low) / 5)
        powers = range(math.floor(low), math.ceil(high) + 1, spacing)
        if high - low > 1.9:
            return {"values": [10.0**power for power in powers]}
        if high - low > 0.4:
            return {"values": [digit * 10.0**power for power in powers for digit in (1, 2, 5)]}
    return {"tickCount": 5}
