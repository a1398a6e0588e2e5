"""Helpers of the tests of the pages: find elements on a page that AppTest has drawn, and send browser messages."""

import json
import re

import pyarrow
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core.engine import Engine, Run
from tests.waiting import wait_for


def text(app: AppTest) -> str:
    elements = [*app.title, *app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(element.value for element in elements)


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label == label)


def widget(app: AppTest, key: str):
    """Return the widget of a setting. Its key ends in a number once all settings have changed at once."""
    kinds = (app.slider, app.select_slider, app.button_group, app.selectbox, app.multiselect, app.toggle)
    keys = re.compile(re.escape(key) + r"(\.\d+)?")
    (match,) = (widget for kind in kinds for widget in kind if keys.fullmatch(widget.key or ""))
    return match


def run_of(app: AppTest, engine: Engine) -> Run:
    return engine.find(app.query_params["run"])


def open_tab(app: AppTest, page: str, tab: str) -> AppTest:
    """Open a tab of a page."""
    app.session_state[f"{page}.tab"] = tab
    app.run()
    assert not app.exception
    return app


def trained(app: AppTest, engine: Engine) -> Run:
    """Start a run, wait for its end, and return it."""
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.status.state.final)
    assert run.error is None
    app.run()
    assert not app.exception
    return run


def progress(app: AppTest) -> str:
    """Return the state of the run, as the run bar says it."""
    return app.container("run-state").markdown[0].value


def component(app: AppTest, name: str | None = None) -> dict:
    """Return the data of the component of that name, or of the only one besides line charts and those of the layout."""
    return json.loads(_component(app, name).json)


def components(app: AppTest) -> list:
    """Return the protobuf messages of the components of a page, without line charts and those of its layout."""
    others = ("line_chart", "scrubber", "settings_button", "parts_switch")
    return [each.proto for each in app.get("bidi_component") if each.proto.component_name not in others]


def _component(app: AppTest, name: str | None = None):
    (drawn,) = (each for each in components(app) if name in (None, each.component_name))
    return drawn


def send(app: AppTest, drawn: object, name: str | None = None) -> AppTest:
    """Send what was drawn on the component of that name, or on the only one of a page, as the browser does."""
    return _send_state(app, _component(app, name).id, json_value=json.dumps({"drawn": drawn}))


def send_state(app: AppTest, component_id: str, **state: object) -> AppTest:
    """Send the state of a component, as the browser does."""
    return _send_state(app, component_id, json_value=json.dumps(state))


def trigger(app: AppTest, component_id: str, event: str, value: object) -> AppTest:
    """Send an event of a component, as the browser does."""
    message = json.dumps([{"event": event, "value": value}])
    return _send_state(app, _make_trigger_id(component_id, "events"), json_trigger_value=message)


def select(app: AppTest, chart_id: str, parameter: str, **fields: object) -> AppTest:
    """Select a mark of a chart by its fields, as a click in the browser does."""
    return _send_state(app, chart_id, string_value=json.dumps({"selection": {parameter: [fields]}}))


def _send_state(app: AppTest, widget_id: str, **value: str) -> AppTest:
    """Run a page with the state of one more widget.

    AppTest has no public way to send the state of components and charts: the private parts of Streamlit that the tests
    need are here and in conftest.py.
    """
    states = app._tree.get_widget_states()
    states.widgets.add(id=widget_id, **value)
    app._run(states)
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict]:
    """Return the Vega-Lite specs of a page with the data of their layers, without their own (see `points_of`)."""
    return [spec_of(chart.proto) for chart in app.get("vega_lite_chart")]


def spec_of(chart) -> dict:
    """Return the Vega-Lite spec of a chart with the data of its layers, from its protobuf message."""
    spec = json.loads(chart.spec)
    for layer in spec.get("layer", ()):
        if name := layer.get("data", {}).get("name"):
            layer["data"] = {"values": rows(chart, name)}
    return spec


def line_charts(app: AppTest) -> list[dict]:
    """Return the data of the line charts of a page, with their columns as lists, but not those of its findings."""
    drawn = [each.proto.json for each in app.get("bidi_component") if each.proto.component_name == "line_chart"]
    charts = [json.loads(data, parse_constant=_refuse)[0] for data in drawn]
    charts = [chart for chart in charts if ".findings." not in chart["id"]]
    for chart in charts:
        for part in (*chart["lines"], *chart["bands"], *chart["dots"]):
            columns = {name: text for name, text in part.items() if name not in ("name", "title", "dashed")}
            part.update((name, json.loads(text, parse_constant=_refuse)) for name, text in columns.items())
    return charts


def _refuse(constant: str) -> None:
    raise ValueError(f"A browser cannot read {constant}")


def lines_of(chart: dict) -> dict[str, str]:
    """Return the names of the lines of a line chart, each with its title."""
    return {line["name"]: line["title"] for line in chart["lines"]}


def points_of(app: AppTest, y: str) -> list[dict]:
    """Return the points of the first line chart whose vertical axis has the title ``y``, without gaps."""
    chart = next(chart for chart in line_charts(app) if chart["y"]["title"] == y)
    return [
        {"x": x, "y": value, "line": line["name"]}
        for line in chart["lines"]
        for x, value in zip(line["x"], line["y"], strict=True)
        if value is not None
    ]


def cells_of(app: AppTest) -> list[dict]:
    """Return the cells of the only heat map of a page."""
    (grid,) = (
        element.proto for element in app.get("vega_lite_chart") if '"row"' in element.proto.spec.replace("'", '"')
    )
    return rows(grid)


def table(app: AppTest) -> list[dict[str, str]]:
    """Return the first Markdown table of a page, a dictionary for each row."""
    written = next(element.value for element in app.markdown if element.value.startswith("| "))
    header, _line, *rows = ([cell.strip() for cell in row.split("|")[1:-1]] for row in written.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def rows(chart, name: str = "rows") -> list[dict]:
    """Return the data of a chart, or those of the name, from its protobuf message."""
    (data,) = (dataset.data.data for dataset in chart.datasets if dataset.name == name)
    return pyarrow.ipc.open_stream(data).read_all().to_pylist()
