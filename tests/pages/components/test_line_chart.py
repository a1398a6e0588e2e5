"""The chart of lines, as Vega-Lite gets it."""

from pages.components.charts import line_chart, vega


def test_the_label_of_a_mark_stands_where_there_is_room(monkeypatch):
    drawn = []
    monkeypatch.setattr(vega, "draw", lambda spec, **_options: drawn.append(spec))
    points = [(step, 1.0) for step in range(101)]
    line_chart.draw({"loss": points}, x="update", y="loss", key="chart", alt="", marks=[(10, "early"), (99, "late")])
    texts = [layer for layer in drawn[0]["layer"] if layer["mark"]["type"] == "text"]
    sides = {value["name"]: layer["mark"]["align"] for layer in texts for value in layer["data"]["values"]}
    assert sides == {"early": "left", "late": "right"}
