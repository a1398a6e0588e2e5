"""What the tests look for on the charts of functions and losses."""

import json

from streamlit.testing.v1 import AppTest

from tests.pages.helpers import spec_of


def chart_of(app: AppTest, y: str):
    """The chart whose vertical axis is called ``y``, as its protobuf message."""
    (chart,) = (chart.proto for chart in app.get("vega_lite_chart") if f'"title": "{y}"' in _spec(chart.proto))
    return chart


def dots_of(app: AppTest, y: str) -> dict[str, tuple[float, float]]:
    """The places (x, y) that a chart reads off, by the names of their curves."""
    layers = spec_of(chart_of(app, y))["layer"]
    places = [dot for layer in layers for dot in layer.get("data", {}).get("values", []) if "curve" in dot]
    return {dot["curve"]: (dot["x"], dot["y"]) for dot in places}


def _spec(chart) -> str:
    return json.dumps(json.loads(chart.spec), ensure_ascii=False)
