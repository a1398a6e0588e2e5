"""Bar charts as Vega-Lite specs: shares, grouped values, and histograms."""

import json
import textwrap
from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.components.charts import vega

_WRAPPED = 16  # characters per line of a name beside its bar


def rows(shares: Mapping[str, float], *, x: str, key: str, alt: str) -> None:
    """Draw shares (0..1) by name as horizontal bars, with the highest in full color. Long names are wrapped."""
    wrapped = {name: textwrap.wrap(name, _WRAPPED) for name in shares}
    axes = {
        "x": {
            "field": "share",
            "type": "quantitative",
            "title": x,
            "scale": {"domain": [0, 1.12]},  # leaves room for "100%"
            "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
        },
        "y": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "sort": None,
            "axis": {"labelExpr": f"{json.dumps(wrapped)}[datum.label]", "labelOverlap": False, "labelLimit": 0},
        },
    }
    label = {"mark": {"type": "text", "dx": 5, "align": "left"}}
    height = (12 + 14 * max(map(len, wrapped.values()))) * len(shares) + 50
    _draw(shares, axes, label, title=x, key=key, alt=alt, height=height)


def columns(shares: Mapping[str, float], *, y: str, key: str, alt: str, height: int = 300) -> None:
    """Draw shares (0..1) by short names as vertical bars, with the highest in full color."""
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
            "axis": {"labelAngle": 0, "labelFontSize": 14},
        },
    }
    label = {"transform": [{"filter": "datum.share >= 0.01"}], "mark": {"type": "text", "dy": -7}}
    _draw(shares, axes, label, title=y, key=key, alt=alt, height=height)


def _draw(shares: Mapping[str, float], axes: dict, label: dict, *, title: str, key: str, alt: str, height: int) -> None:
    """Draw bars, each with its share as a label."""
    highest = max(shares, key=shares.__getitem__)
    values = [{"name": name, "share": share, "highest": name == highest} for name, share in shares.items()]
    axes |= {"tooltip": [{"field": "name", "title": " "}, {"field": "share", "title": title, "format": ".2%"}]}
    # Paler for the others, but low bars must stay visible
    full, pale = ("#56B4E9", "#56B4E980") if st.context.theme.type == "dark" else ("#0072B2", "#0072B266")
    colour = {"condition": {"test": "datum.highest", "value": full}, "value": pale}
    layers = [
        {"mark": {"type": "bar", "cornerRadius": 3}, "encoding": axes | {"color": colour}},
        label
        | {
            "mark": label["mark"] | {"fontSize": 11, "color": "#888888"},
            "encoding": axes | {"text": {"field": "share", "format": ".0%"}},
        },
    ]
    vega.draw({"data": {"values": values}, "layer": layers, "height": height}, key=key, alt=alt)


def grouped(
    groups: Mapping[str, Mapping[str, float]],
    *,
    y: str,
    colours: Mapping[str, str],
    key: str,
    alt: str,
    height: int = 260,
) -> None:
    """Draw values by name for each group as bars side by side. ``colours`` are by name."""
    data = [
        {"group": group, "name": name, "value": value}
        for group, values in groups.items()
        for name, value in values.items()
    ]
    shades = {"domain": list(colours), "range": list(colours.values())}
    axis = {"labelAngle": 0, "labelOverlap": False, "labelExpr": "split(datum.label, ' ')"}
    encoding = {
        "x": {"field": "group", "type": "nominal", "title": None, "sort": None, "axis": axis},
        "xOffset": {"field": "name", "sort": list(colours)},
        "y": {"field": "value", "type": "quantitative", "title": y, "axis": {"tickCount": 5, "format": "%"}},
        "color": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "scale": shades,
            "legend": {"orient": "bottom", "columns": 2, "labelLimit": 300},
        },
        "tooltip": [
            {"field": "group", "title": " "},
            {"field": "name", "title": " "},
            {"field": "value", "title": y, "format": ".1%"},
        ],
    }
    mark = {"type": "bar", "cornerRadius": 3}
    vega.draw({"data": {"values": data}, "mark": mark, "encoding": encoding, "height": height}, key=key, alt=alt)


def histogram(counts: np.ndarray, edges: np.ndarray, *, x: str, key: str, alt: str, height: int = 160) -> None:
    """Draw a histogram of counts (N,) between edges (N + 1,)."""
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
