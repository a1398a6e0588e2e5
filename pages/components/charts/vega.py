"""Vega-Lite charts whose data are sent separately, so that the browser keeps a chart while its data change."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

# A Vega expression for the numbers on an axis, with scientific notation for very large or small numbers (2e9, 2e-9)
SHORT_NUMBERS = (
    "datum.value == 0 || (abs(datum.value) >= 1e-3 && abs(datum.value) < 1e5) ? format(datum.value, '~g') "
    ": replace(format(datum.value, '.0~e'), '+', '')"
)


def draw(spec: Mapping[str, Any], *, key: str, alt: str, **options: Any) -> Any:
    """Draw a Vega-Lite chart. ``options`` are passed to ``st.vega_lite_chart``, whose result is returned.

    In ``spec``, the data of the chart and of its layers are lists of rows (``{"values": rows}``). Each row maps column
    names to numbers or strings.
    """
    layers, datasets = [], {"rows": _table(spec["data"]["values"])}
    for number, layer in enumerate(spec.get("layer", ())):
        if rows := layer.get("data", {}).get("values"):
            name = f"layer {number}"
            datasets[name] = _table(rows)
            layer = layer | {"data": {"name": name}}
        layers.append(layer)
    named = dict(spec) | {"data": {"name": "rows"}, "datasets": datasets} | ({"layer": layers} if layers else {})
    return st.vega_lite_chart(named, key=key, alt=alt, **options)


def label(titles: Mapping[Any, str]) -> str:
    """Return a Vega expression for the labels of an axis or legend. A name without a title is its own label."""
    return f"({json.dumps(titles, ensure_ascii=False)}[datum.value] || datum.label)"


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as an Arrow table. For up to a few thousand rows, this is several times as fast as with pandas."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})
