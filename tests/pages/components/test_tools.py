"""The tools in the menu of the run bar."""

from streamlit.testing.v1 import AppTest

from core.engine import Engine, Run
from tests.pages.helpers import button, line_charts, progress, text
from tests.waiting import wait_for


def open_tool(app: AppTest, title: str) -> AppTest:
    button(app, title).click().run()
    assert not app.exception
    return app


def finished(app: AppTest, engine: Engine, page: str) -> Run:
    """Wait for the end of the open tool's run, and draw its results."""
    run = engine.find(app.session_state[f"{page}.runs"].tool_run)
    wait_for(lambda: run.status.state.final)
    assert run.error is None
    app.run()
    assert not app.exception
    return run


QUICK = {"layers": "0", "batch_size": "200", "epochs": "20"}


def test_the_found_learning_rate_can_be_used(open_page, engine):
    app = open_page("foundations", view="playground", **QUICK)
    before, charts = progress(app), len(line_charts(app))
    run = finished(open_tool(app, "Learning-rate finder"), engine, "playground")
    assert len(line_charts(app)) == charts + 2
    assert progress(app) == before
    assert "https://arxiv.org/abs/1506.01186" in text(app)
    button(app, "Use this learning rate").click().run()
    assert app.session_state["playground.settings"].config.learning_rate == run.metrics["recommendation"]
    assert app.session_state["playground.runs"].tool is None


def test_a_run_in_training_gets_the_found_learning_rate(open_page, engine):
    app = open_page("foundations", view="playground", data="spiral", batch_size="1", epochs="900")
    button(app, "Train").click().run()
    run = engine.find(app.query_params["run"])
    finished(open_tool(app, "Learning-rate finder"), engine, "playground")
    assert not run.status.state.final
    button(app, "Use this learning rate").click().run()
    app.run()
    wait_for(lambda: [change.name for change in run.changes] == ["learning_rate"])
    assert app.query_params["run"] == [run.id] or app.query_params["run"] == run.id
    run.stop()


def test_a_batch_is_memorized_or_not(open_page, engine):
    app = open_page("manual_mlp", preset="teacher")
    finished(open_tool(app, "Overfit one batch"), engine, "manual_mlp")
    assert "memorized the batch" in app.success[0].value
    app = open_page("manual_mlp", preset="teacher", learning_rate="1e-9")
    finished(open_tool(app, "Overfit one batch"), engine, "manual_mlp")
    assert "cannot memorize" in text(app)


def test_a_dry_run_shows_layers_and_parameters(open_page, engine):
    app = open_page("foundations", view="playground")
    finished(open_tool(app, "Dry run"), engine, "playground")
    tables = "".join(html.proto.body for html in app.get("html"))
    assert "0 · Linear" in tables
    assert "10 × 2" in tables
    assert "0.weight" in tables
    assert "Time of an update" in text(app)


def test_a_tool_is_canceled(open_page, engine):
    app = open_page("foundations", view="playground", batch_size="1")
    open_tool(app, "Learning-rate finder")
    run = engine.find(app.session_state["playground.runs"].tool_run)
    run.pause()
    button(app, "Cancel").click().run()
    wait_for(lambda: run.status.state.final)
    assert app.session_state["playground.runs"].tool is None


def test_a_page_with_many_learning_rates_says_why_it_needs_no_finder(open_page):
    app = open_tool(open_page("optimizers", view="optimizer_race"), "Learning-rate finder")
    assert "compare the learning rates there" in text(app)
