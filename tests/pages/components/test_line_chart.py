"""The data that a line chart sends to the browser."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.charts.line_chart import MAX_POINTS
from tests.pages.helpers import line_charts


def draw(series: dict, **options: object) -> dict:
    """Draw a chart and return its data."""

    def page(series: dict, options: dict) -> None:
        from pages.components.charts import line_chart

        line_chart.draw(series, **{"x": "update", "y": "loss", "key": "chart", "alt": "a line"} | options)

    app = AppTest.from_function(page, args=(series, options), default_timeout=60).run()
    assert not app.exception
    (chart,) = line_charts(app)
    return chart


def test_lines_travel_as_columns_of_numbers():
    series = {"train": [(0, 0.1), (10, 2e-9)], "test": [(5, 12345.678)]}
    chart = draw(series, titles={"test": "Test digits"}, dashed=["test"], percent=True)
    assert chart["lines"] == [
        {"name": "train", "title": "train", "dashed": False, "x": [0, 10], "y": [0.1, 2e-9]},
        {"name": "test", "title": "Test digits", "dashed": True, "x": [5], "y": [pytest.approx(12345.678)]},
    ]
    assert chart["x"] == {"title": "update", "log": False, "end": None}
    assert chart["y"] == {"title": "loss", "log": False, "percent": True, "from": None}
    assert (chart["alt"], chart["run"]) == ("a line", None)


def test_large_updates_keep_all_their_digits():
    assert draw({"loss": [(123_456_789, 1.0)]})["lines"][0]["x"] == [123_456_789]


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
def test_a_missing_value_is_a_gap(missing):
    chart = draw({"loss": [(0, 1.0), (1, missing), (2, 3.0)]})
    assert chart["lines"][0]["y"] == [1, None, 3]


def test_a_logarithmic_axis_has_gaps_at_or_below_its_floor():
    points = [(0, 1.0), (1, 0.0), (2, -1.0), (3, 1e-13)]
    assert draw({"loss": points})["lines"][0]["y"] == [1, 0, -1, 1e-13]
    assert draw({"loss": points}, log=True)["lines"][0]["y"] == [1, None, None, 1e-13]
    assert draw({"loss": points}, log=True, floor=1e-12)["lines"][0]["y"] == [1, None, None, None]


def test_a_long_line_is_thinned_and_keeps_both_ends():
    x = draw({"loss": [(step, 1.0) for step in range(1000)]})["lines"][0]["x"]
    assert len(x) <= MAX_POINTS
    assert (x[0], x[-1]) == (0, 999)


def test_a_chart_without_points_has_its_lines():
    assert draw({"loss": []})["lines"] == [{"name": "loss", "title": "loss", "dashed": False, "x": [], "y": []}]
    assert draw({})["lines"] == []


def test_lines_with_the_same_title_are_two_lines():
    chart = draw({"a": [(0, 1.0)], "b": [(0, 2.0)]}, titles={"a": "line", "b": "line"}, dashed=["b"])
    assert [(line["name"], line["title"], line["dashed"]) for line in chart["lines"]] == [
        ("a", "line", False),
        ("b", "line", True),
    ]
    assert len(set(chart["shades"].values())) == 2


def test_bands_and_dots_belong_to_lines():
    chart = draw(
        {"loss": [(1, 2.0)]},
        log=True,
        bands={"loss": [(1, 1.0, 3.0), (2, 0.0, 3.0), (3, math.nan, 3.0)]},
        dots={"loss": [(1, 2.5)]},
    )
    assert chart["bands"] == [{"name": "loss", "x": [1, 2, 3], "low": [1, None, None], "high": [3, 3, 3]}]
    assert chart["dots"] == [{"name": "loss", "x": [1], "y": [2.5]}]


def test_a_name_keeps_its_colour_when_others_are_missing():
    names = ["by hand", "autograd", "earlier run"]
    whole = draw({name: [(0, 1.0)] for name in names}, domain=names)["shades"]
    part = draw({"earlier run": [(0, 1.0)]}, domain=names)["shades"]
    assert part["earlier run"] == whole["earlier run"] == 2
    assert len(set(whole.values())) == 3
    assert draw({"a": [], "b": []}, colours={"a": "#123456"})["shades"] == {"a": "#123456", "b": 1}
    grey = {"previous run": "#888888"}
    assert draw({"previous run": [], "a": []}, domain=["a"], colours=grey)["shades"] == {"a": 0} | grey


def test_marks_run_and_end_of_the_axis_travel():
    chart = draw({"loss": [(0, 1.0)]}, marks=[(10, "rate 0.1")], marks_from=0.5, run="abc", x_end=500)
    assert chart["marks"] == [{"x": 10, "label": "rate 0.1"}]
    assert (chart["marksFrom"], chart["run"], chart["x"]["end"]) == (0.5, "abc", 500)
    assert chart["id"] != draw({"loss": [(0, 1.0)]}, run="another")["id"]
