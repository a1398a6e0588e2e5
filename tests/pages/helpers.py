"""What the tests of the pages look for on a page that AppTest has drawn."""

import json
import re

import pyarrow
from streamlit.testing.v1 import AppTest

from core.engine import Engine, Run
from tests.waiting import wait_for


def text(app: AppTest) -> str:
    elements = [*app.title, *app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(element.value for element in elements)


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label == label)


def widget(app: AppTest, key: str):
    """The widget of a setting; after all settings have changed at once that is a new one, with a number at its key."""
    kinds = (app.slider, app.select_slider, app.button_group, app.selectbox, app.multiselect, app.toggle)
    keys = re.compile(re.escape(key) + r"(\.\d+)?")
    (found,) = (widget for kind in kinds for widget in kind if keys.fullmatch(widget.key or ""))
    return found


def run_of(app: AppTest, engine: Engine) -> Run:
    return engine.find(app.query_params["run"])


def open_tab(app: AppTest, page: str, tab: str) -> AppTest:
    """Open a tab of a page, that the settings of its widgets begin with."""
    app.session_state[f"{page}.tab"] = tab
    app.run()
    assert not app.exception
    return app


def trained(app: AppTest, engine: Engine) -> Run:
    """Start a run and wait for its end."""
    button(app, "Start").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.status.state.final)
    assert run.error is None
    app.run()
    assert not app.exception
    return run


def progress(app: AppTest) -> str:
    return app.get("progress")[0].proto.text


def component(app: AppTest) -> dict:
    """What the browser is given for the only component of a page."""
    (drawn,) = app.get("bidi_component")
    return json.loads(drawn.proto.json)


def send(app: AppTest, drawn: object) -> AppTest:
    """Send what was drawn on the only component of a page, as the browser does."""
    (component,) = app.get("bidi_component")
    states = app._tree.get_widget_states()
    states.widgets.add(id=component.proto.id, json_value=json.dumps({"drawn": drawn}))
    app._run(states)
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict]:
    """The Vega-Lite specs; the numbers of a chart are not among them, see `points_of`."""
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def lines_of(chart: dict) -> list[str]:
    return (chart["layer"][0]["encoding"]["color"].get("legend") or {}).get("values", [])


def points_of(app: AppTest, y: str) -> list[dict]:
    """The numbers of the chart whose vertical axis is called ``y``, one dictionary for each point."""
    titles = [chart["layer"][0]["encoding"]["y"]["title"] for chart in charts(app)]
    return rows(app.get("vega_lite_chart")[titles.index(y)].proto)


def cells_of(app: AppTest) -> list[dict]:
    """The cells of the heat map."""
    (grid,) = (
        element.proto for element in app.get("vega_lite_chart") if '"row"' in element.proto.spec.replace("'", '"')
    )
    return rows(grid)


def table(app: AppTest) -> list[dict[str, str]]:
    """The first table of the page: a dictionary by its header for each row."""
    written = next(element.value for element in app.markdown if element.value.startswith("| "))
    header, _line, *rows = ([cell.strip() for cell in row.split("|")[1:-1]] for row in written.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def rows(chart) -> list[dict]:
    """The numbers of a chart, from its protobuf message."""
    return pyarrow.ipc.open_stream(chart.data.data).read_all().to_pylist()
