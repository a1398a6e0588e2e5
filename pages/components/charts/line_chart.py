"""A line chart that the browser draws with uPlot. The server needs well under a millisecond per chart."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pages.components import browser_component

_ASSETS = Path(__file__).parent / "line_chart_assets"
_SCRIPTS = (
    "uplot.js",
    "numbers.js",
    "ticks.js",
    "ranges.js",
    "lines.js",
    "axes.js",
    "annotations.js",
    "legend.js",
    "readout.js",
    "end_labels.js",
    "overlay.js",
    "chart.js",
)
_HTML = """
<section class="line-chart">
  <div class="title" aria-hidden="true"></div>
  <div class="plot"><div class="drawing" role="img" tabindex="0"></div><div class="readout" role="status"></div>
    <div class="ends" aria-hidden="true"></div></div>
  <div class="legend" role="group"></div>
</section>
"""

Points = Sequence[tuple[float, float | None]]
Bands = Sequence[tuple[float, float, float]]
Mark = tuple[float, str]
Colour = str | tuple[str, str]
# Mappings by name have keys of type Any, because Mapping is invariant in its keys, which may be literals
MAX_POINTS = 150  # maximum number of points per line: as many as a screen shows


def thin(points: Sequence, limit: int = MAX_POINTS) -> Sequence:
    """Return at most ``limit`` + 1 of the points: the first point, evenly spaced points, and the last point."""
    spacing = -(-len(points) // limit)
    return points if spacing <= 1 else [*points[:-1:spacing], points[-1]]


def draw(
    series: Mapping[Any, Points],
    *,
    titles: Mapping[Any, str] = {},
    x: str,
    y: str,
    key: str,
    alt: str,
    log: bool = False,
    height: int | None = 310,
    dashed: Sequence[str] = (),
    domain: Sequence[str] = (),
    x_log: bool = False,
    x_end: float | None = None,
    percent: bool = False,
    bands: Mapping[str, Bands] | None = None,
    dots: Mapping[str, Points] | None = None,
    colours: Mapping[Any, Colour] | None = None,
    floor: float = 0.0,
    y_from: float | None = None,
    marks: Sequence[Mark] = (),
    marks_from: float = 0.0,
    run: str | None = None,
    group: str | None = None,
    legend: bool = True,
    end_labels: bool = False,
    axis: str = "",
) -> None:
    """Draw lines, and show their values on hover. ``series`` maps the name of each line to its points (x, y).

    A y of None leaves a gap. ``titles`` maps names to the titles that the chart displays; a name without a title is its
    own title. ``dashed`` contains the names of the dashed lines. ``domain`` contains all names that may be added later;
    their colors are reserved, so the colors of existing lines stay the same. ``colours`` maps some or all names to
    colors. A color is a string, or a pair of strings for the light and the dark theme. ``bands`` maps names to areas
    around lines, as (x, low, high) triples. ``dots`` maps names to points that are drawn as rings.

    ``x`` and ``y`` are the titles of the axes. With ``log``, the vertical axis is logarithmic, and values at or below
    ``floor`` are omitted. With ``x_log``, the horizontal axis is logarithmic. A linear vertical axis starts at
    ``y_from``, and the horizontal axis extends at least to ``x_end``. During a run, the range of the vertical axis
    changes only if a value lies outside it. The range is reset when ``axis`` changes. With ``percent``, the vertical
    axis shows percentages and ends at 100%. ``marks`` are vertical lines, each given by its x and its label. The first
    label is at the fraction ``marks_from`` of the height, measured from the top.

    If ``run`` is the id of a run or a recording, the chart follows the page's playhead, the thumb of the update slider.
    If the user selects one line, all charts with the same ``group`` show only this line, so one chart with a legend
    is enough for the group. With ``end_labels``, titles and values are shown to the right of the lines, without
    overlap. There is then no legend, and no table of the values at the playhead. ``height`` is in pixels; if it is
    None, the page's style sets the height with ``--chart-height``.
    """
    shades = _shades(dict.fromkeys([*domain, *(colours or {}), *series]), colours)
    least = floor if log else -math.inf
    legend = legend and not end_labels
    if height is not None and legend:
        height += 22 * max(0, -(-len(series) // 2) - 3)  # space for a long legend
    data = {
        "lines": [
            {"name": name, "title": titles.get(name, name), "dashed": name in dashed}
            | _columns(thin(points), ("x", "y"), least)
            for name, points in series.items()
        ],
        "bands": [
            {"name": name, **_columns(thin(points), ("x", "low", "high"), least)}
            for name, points in (bands or {}).items()
        ],
        "dots": [{"name": name, **_columns(points, ("x", "y"), least)} for name, points in (dots or {}).items()],
        "marks": [{"x": float(position), "label": label} for position, label in marks],
        "marksFrom": marks_from,
        "shades": shades,
        "x": {"title": x, "log": x_log, "end": x_end},
        "y": {"title": y, "log": log, "percent": percent, "from": y_from},
        "id": f"{key} {run} {axis}",
        "run": run,
        "alt": alt,
        "height": height,
        "group": group,
        "legend": legend,
        "endLabels": end_labels,
    }
    render = browser_component.register("line_chart", _ASSETS, _SCRIPTS, _HTML)
    render(key=key, data=[data], height=height or "content")


def _shades(names: Iterable[str], colours: Mapping[str, Colour] | None) -> dict[str, Colour | int]:
    """Return the color of each name or, if ``colours`` has none, the index of a color of the theme."""
    return {name: (colours or {}).get(name, number) for number, name in enumerate(names)}


def _columns(points: Sequence[Sequence[float | None]], names: Sequence[str], least: float) -> dict[str, str]:
    """Return points as columns, by name. Each column is the text of a JSON array, with null for values to omit.

    Values to omit are None, not finite, or at most ``least``. Streamlit encodes the data of a component twice. Strings
    are fast to encode, and ``%`` formats numbers five times as fast as json.
    """
    first, *others = zip(*points, strict=True) if points else ((),) * len(names)
    columns = {names[0]: _positions(first)}
    for name, values in zip(names[1:], others, strict=True):
        finite = [math.nan if value is None or not least < value < math.inf else value for value in values]
        columns[name] = _json(tuple(finite), "%.7g").replace("nan", "null")
    return columns


@lru_cache(maxsize=64)
def _positions(values: tuple) -> str:
    """Return x values as the text of a JSON array. Lines of a chart, and charts of a run, share the cached result."""
    return _json(values, "%.10g")


def _json(values: tuple, number: str) -> str:
    return f"[{','.join([number] * len(values)) % values}]"
