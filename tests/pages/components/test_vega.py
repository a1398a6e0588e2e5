"""Charts as sent to the browser: specs with separate data."""

import json

import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.charts import vega
from tests.pages.helpers import rows, spec_of


def drawn(points: list[dict], band: list[dict]):
    """Draw a line with a band and return the chart's protobuf message."""

    def page(points: list[dict], band: list[dict]) -> None:
        from pages.components.charts import vega

        layers = [
            {"mark": "line"},
            {"mark": "area", "data": {"values": band}},
            {"mark": "rule", "data": {"values": []}},
        ]
        vega.draw({"data": {"values": points}, "layer": layers, "height": 100}, key="chart", alt="a line")

    (chart,) = AppTest.from_function(page, args=(points, band)).run().get("vega_lite_chart")
    return chart.proto


def test_rows_arrive_as_they_were_drawn_also_where_some_lack_a_column():
    points = [{"x": 1, "y": 0.5}, {"x": 2.5, "y": None}, {"x": 3, "line": "a"}]
    chart = drawn(points, [{"x": 1, "low": -1.0, "high": 1.0}])

    names = ("x", "y", "line")
    assert rows(chart) == [{name: row.get(name) for name in names} for row in points]
    layers = spec_of(chart)["layer"]
    assert layers[1]["data"]["values"] == [{"x": 1, "low": -1.0, "high": 1.0}]
    assert layers[2]["data"]["values"] == []
    assert "data" not in layers[0]


def test_the_spec_stays_the_same_while_the_data_change():
    first = drawn([{"x": 1, "y": 2}], [{"x": 1, "low": 1, "high": 3}])
    second = drawn([{"x": 1, "y": 2}, {"x": 2, "y": 4}], [{"x": 1, "low": 1, "high": 3}, {"x": 2, "low": 2, "high": 5}])

    assert first.spec == second.spec
    assert rows(first) != rows(second)


def test_the_spec_of_the_caller_is_not_changed(monkeypatch):
    monkeypatch.setattr(st, "vega_lite_chart", lambda spec, **options: options)
    spec = {"data": {"values": [{"x": 1}]}, "layer": [{"mark": "line", "data": {"values": [{"x": 2}]}}]}
    before = json.dumps(spec)

    assert vega.draw(spec, key="chart", alt="a line", on_select="rerun") == {
        "key": "chart",
        "alt": "a line",
        "on_select": "rerun",
    }
    assert json.dumps(spec) == before
