"""Bar charts as Vega-Lite specs: fractions, amounts, grouped values, and histograms."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from pages.components.charts import vega


def columns(
    shares: Mapping[Any, float], *, titles: Mapping[Any, str] = {}, y: str, key: str, alt: str, height: int = 300
) -> None:
    """Draw the fractions (0..1) in ``shares`` as vertical bars, and highlight the highest bar.

    ``shares`` maps names to fractions. ``titles`` maps names to short labels. ``y`` is the title of the vertical axis.
    """
    highest = max(shares, key=shares.__getitem__)
    values = [
        {"name": name, "title": titles.get(name, name), "share": share, "highest": name == highest}
        for name, share in shares.items()
    ]
    axes = {
        "y": {
            "field": "share",
            "type": "quantitative",
            "title": y,
            "scale": {"domain": [0, 1]},
            "axis": {"format": "%"},
        },
        "x": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "sort": None,
            "axis": {"labelAngle": 0, "labelFontSize": 14, "labelExpr": vega.label(titles)},
        },
        "tooltip": [{"field": "title", "title": " "}, {"field": "share", "title": y, "format": ".2%"}],
    }
    # The other bars are paler, but low bars must stay visible
    full, pale = ("#56B4E9", "#56B4E980") if st.context.theme.type == "dark" else ("#0072B2", "#0072B266")
    colour = {"condition": {"test": "datum.highest", "value": full}, "value": pale}
    layers = [
        {"mark": {"type": "bar", "cornerRadius": 3}, "encoding": axes | {"color": colour}},
        {
            "transform": [{"filter": "datum.share >= 0.01"}],
            "mark": {"type": "text", "dy": -7, "fontSize": 11, "color": "#888888"},
            "encoding": axes | {"text": {"field": "share", "format": ".0%"}},
        },
    ]
    vega.draw({"data": {"values": values}, "layer": layers, "height": height}, key=key, alt=alt)


def amounts(
    values: Mapping[str, float], *, titles: Mapping[Any, str] = {}, y: str, key: str, alt: str, height: int = 220
) -> None:
    """Draw positive numbers as vertical bars, with each number above its bar.

    ``values`` maps names to numbers. ``titles`` maps names to labels. ``y`` is the title of the vertical axis.
    """
    rows = [{"name": name, "title": titles.get(name, name), "value": value} for name, value in values.items()]
    axes = {
        "x": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "sort": None,
            "axis": {"labelAngle": 0, "labelOverlap": False, "labelExpr": f"split({vega.label(titles)}, '\\n')"},
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": y,
            "axis": {"tickCount": 4, "format": "~s"},
        },
        "tooltip": [{"field": "title", "title": " "}, {"field": "value", "title": y, "format": ",.0f"}],
    }
    colour = "#56B4E9" if st.context.theme.type == "dark" else "#0072B2"
    number = {"text": {"field": "value", "type": "quantitative", "format": ",.0f"}}
    layers = [
        {"mark": {"type": "bar", "cornerRadius": 3, "color": colour}, "encoding": axes},
        {"mark": {"type": "text", "dy": -7, "fontSize": 12, "color": "#888888"}, "encoding": axes | number},
    ]
    vega.draw({"data": {"values": rows}, "layer": layers, "height": height}, key=key, alt=alt)


def grouped(
    groups: Mapping[str, Mapping[str, float]],
    *,
    titles: Mapping[Any, str] = {},
    y: str,
    colours: Mapping[str, str],
    key: str,
    alt: str,
    height: int = 260,
) -> None:
    """Draw the values of each group as bars side by side.

    ``groups`` maps the name of each group to a mapping from value names to values. The values are fractions, which are
    displayed as percentages. ``colours`` maps value names to colors. ``titles`` maps group names and value names to
    labels. ``y`` is the title of the vertical axis.
    """
    data = [
        {"group": group, "name": name, "value": value}
        | {"group_title": titles.get(group, group), "title": titles.get(name, name)}
        for group, values in groups.items()
        for name, value in values.items()
    ]
    shades = {"domain": list(colours), "range": list(colours.values())}
    axis = {"labelAngle": 0, "labelOverlap": False, "labelExpr": f"split({vega.label(titles)}, ' ')"}
    encoding = {
        "x": {"field": "group", "type": "nominal", "title": None, "sort": None, "axis": axis},
        "xOffset": {"field": "name", "sort": list(colours)},
        "y": {"field": "value", "type": "quantitative", "title": y, "axis": {"tickCount": 5, "format": "%"}},
        "color": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "scale": shades,
            "legend": {"orient": "bottom", "columns": 2, "labelLimit": 300, "labelExpr": vega.label(titles)},
        },
        "tooltip": [
            {"field": "group_title", "title": " "},
            {"field": "title", "title": " "},
            {"field": "value", "title": y, "format": ".1%"},
        ],
    }
    mark = {"type": "bar", "cornerRadius": 3}
    vega.draw({"data": {"values": data}, "mark": mark, "encoding": encoding, "height": height}, key=key, alt=alt)


def histogram(counts: np.ndarray, edges: np.ndarray, *, x: str, key: str, alt: str, height: int = 160) -> None:
    """Draw a histogram with N bins, given their ``counts`` (N,) and ``edges`` (N + 1,).

    ``x`` is the title of the horizontal axis.
    """
    values = [
        {"from": float(low), "to": float(high), "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    encoding = {
        "x": {"field": "from", "type": "quantitative", "title": x, "bin": "binned", "axis": {"tickCount": 4}},
        "x2": {"field": "to"},
        "y": {"field": "count", "type": "quantitative", "title": None, "axis": None},
        "tooltip": [
            {"field": "from", "format": ".3~g"},
            {"field": "to", "format": ".3~g"},
            {"field": "count", "format": ","},
        ],
    }
    vega.draw({"data": {"values": values}, "mark": "bar", "encoding": encoding, "height": height}, key=key, alt=alt)
