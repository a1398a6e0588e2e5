"""The pages as a server draws them, without a browser: what they show, and what they do with bad input."""

import re
from collections.abc import Callable
from importlib import import_module

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from core.engine import Engine, Run, State
from core.engine.durations import preset_seconds
from core.errors import CoreError
from core.topics.manual_mlp.config import PRESETS
from core.training import timing
from core.training.device import hardware
from pages.components import server
from pages.components.run import panel
from pages.components.run.buttons import Buttons
from pages.components.run.panel import RunPanel
from pages.components.text import duration
from tests.pages.helpers import (
    button,
    line_charts,
    open_tab,
    progress,
    run_of,
    text,
    widget,
)
from tests.waiting import wait_for


def config(app: AppTest):
    return app.session_state["manual_mlp.settings"].config


def test_start_trains_with_the_settings(open_page, engine):
    app = open_page(preset="tutorial")
    app.select_slider(key="manual_mlp.field.epochs").set_value(30).run()
    button(app, "Train").click().run()
    run = run_of(app, engine)
    assert run.config == PRESETS["tutorial"].model_copy(update={"epochs": 30})
    wait_for(lambda: run.status.state.final)
    app.run()
    assert progress(app) == f"Done · 30 updates · trained on {hardware(run.config)}"
    button(app, "Continue").click().run()  # as many epochs again
    assert run_of(app, engine) is run
    wait_for(lambda: run.status.state.final)
    app.run()
    assert progress(app).startswith("Done · 60 updates")
    assert config(app).epochs == 60
    assert "Settings changed" not in progress(app)
    button(app, "Step").click().run()  # goes on as well
    assert run_of(app, engine) is run
    wait_for(lambda: run.latest.step == 61)
    app.run()
    assert progress(app) == "Paused · update 61 of 90"
    widget(app, "manual_mlp.field.epochs.2").set_value(50).run()  # it has trained for longer
    button(app, "Continue").click().run()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert progress(app).startswith("Done · 61 updates")


def test_what_resume_trains_is_what_the_screen_shows(open_page, engine, monkeypatch):
    toasts = []  # a page that is drawn twice at once has them only once
    monkeypatch.setattr(st, "toast", lambda text, **_options: toasts.append(text))
    app = open_page(preset="tutorial", epochs="2000")
    button(app, "Reset").click().run()
    first = run_of(app, engine)
    wait_for(lambda: first.latest)
    widget(app, "manual_mlp.field.learning_rate").set_value(5e-7).run()
    assert run_of(app, engine) is first
    assert first.settings.learning_rate == 5e-7
    button(app, "New seed").click().run()
    second = run_of(app, engine)
    assert second is not first
    assert (second.config.seed, second.config.learning_rate) == (config(app).seed, 5e-7)
    assert "a new run has started" in toasts[-1]
    assert "Settings changed" not in progress(app)
    wait_for(lambda: second.latest)
    assert second.status.state.value == "paused"
    app.run()
    button(app, "Train").click().run()
    wait_for(lambda: second.latest.step > 3)
    widget(app, "manual_mlp.field.learning_rate").set_value(1e-6).run()
    wait_for(lambda: second.changes)
    app.run()
    assert [change.name for change in second.changes] == ["learning_rate"]
    assert line_charts(app)[0]["marks"][0]["label"] == "Learning rate: 1e-6"
    second.stop()


def test_earlier_runs_of_a_person_are_offered_to_nobody_else(open_page, engine):
    app = open_page(preset="tutorial")
    runs = []
    for rate in (1e-6, 5e-7):
        widget(app, "manual_mlp.field.learning_rate").set_value(rate).run()
        button(app, "Train").click().run()
        runs.append(run := run_of(app, engine))
        wait_for(lambda run=run: run.status.state.final)
    open_tab(app, "manual_mlp", "Export")
    (own,) = (box for box in app.selectbox if "Your runs" in box.label)
    assert len(own.options) == 2
    assert own.value == runs[1].id
    own.set_value(runs[0].id).run()
    assert run_of(app, engine).id == runs[0].id
    assert config(app).learning_rate == 1e-6
    assert "Settings changed" not in progress(app)
    other = open_tab(open_page(), "manual_mlp", "Export")
    assert not [box for box in other.selectbox if "Your runs" in box.label]


def test_the_time_to_train_is_known_without_a_measurement(open_page, engine, monkeypatch):
    def measure(*_arguments):
        raise AssertionError("a page measures")

    monkeypatch.setattr(timing, "background", timing.BackgroundMeasuring(lambda: False))
    monkeypatch.setattr(timing, "seconds", measure)
    for name in ("core.training.timing", "core.training.cpu_optimizations", "core.topics.mnist_cnn.training_step"):
        for function in vars(import_module(name)).values():
            if hasattr(function, "kept"):  # by another test
                function.cache_clear()
    app = open_page("mnist_cnn")
    expected = preset_seconds("mnist_cnn-digits")
    assert f"Training time: {duration(expected)}" in text(app)
    button(app, "Train").click().run()
    run = run_of(app, engine)
    assert run.estimated_seconds == pytest.approx(expected)
    assert "automatic" not in run.config.cpu_optimizations
    run.stop()


def test_the_run_of_another_person_is_watched_not_changed(open_page, engine):
    first = open_page(preset="tutorial", epochs="10000")
    button(first, "Train").click().run()
    run = run_of(first, engine)
    wait_for(lambda: run.latest)
    second = open_page(preset="tutorial", epochs="10000", run=run.id)
    second.select_slider(key="manual_mlp.field.learning_rate").set_value(5e-7).run()
    assert run.settings == run.config
    assert "Settings changed" in progress(second)
    run.stop()


def test_a_click_is_handled_whole(open_page, engine, monkeypatch):
    """While a click is handled, Streamlit never gets to cut it short for another message of the browser."""
    handled, cut = [], []
    handle, yield_ = SessionState._run_callback_and_record_rerun, ScriptRunner._maybe_handle_execution_control_request

    def noted(*arguments):
        handled.append(True)
        try:
            handle(*arguments)
        finally:
            handled.append(False)

    def seen(runner):
        if handled and handled[-1]:
            cut.append(len(handled))
        yield_(runner)

    monkeypatch.setattr(SessionState, "_run_callback_and_record_rerun", noted)
    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", seen)
    app = open_page(preset="tutorial", epochs="10000")
    for name in ("start", "pause", "step", "resume", "seed", "pause", "reset"):
        before = len(handled)
        app.button(key=f"manual_mlp.button.{name}").click().run()
        assert len(handled) == before + 2
        assert not cut, name
    assert run_of(app, engine).status.state in (State.QUEUED, State.PAUSED)
    run_of(app, engine).stop()


def test_a_run_that_ends_while_the_page_is_drawn_leaves_no_buttons_of_its_own(open_page, engine, monkeypatch):
    app = open_page(preset="tutorial", epochs="10000")
    button(app, "Train").click().run()
    run, draw = run_of(app, engine), Buttons.draw

    def draw_and_stop(buttons, **options):
        draw(buttons, **options)
        run.stop()
        wait_for(lambda: run.status.state.final)

    monkeypatch.setattr(Buttons, "draw", draw_and_stop)
    app.run()
    assert progress(app).startswith("Stopped")
    assert not button(app, "Train").disabled


def test_a_run_that_has_told_nothing_yet_starts(open_page, engine, monkeypatch):
    app, run = train_for_long(open_page, engine)
    with monkeypatch.context() as slow:  # as if the worker were still importing what it needs
        slow.setattr(Run, "history", lambda _run: [])
        app.run()
        assert progress(app) == "Starting"
        button(app, "Pause").click().run()
        assert progress(app) == "Starting · then paused"
    app.run()
    assert progress(app).startswith("Paused · update")
    run.stop()


def train_for_long(open_page: Callable[..., AppTest], engine: Engine) -> tuple[AppTest, Run]:
    """Start a run that a test does not wait for, in a session of its own. It has begun."""
    app = open_page(preset="tutorial", epochs="10000")
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest and run.latest.step)
    return app, run


def test_pause_continue_step_reset(open_page, engine):
    app, run = train_for_long(open_page, engine)
    button(app, "Pause").click().run()
    assert progress(app).startswith("Paused")
    button(app, "Continue").click().run()
    assert progress(app).startswith("Training")
    button(app, "Reset").click().run()
    wait_for(lambda: run.status.state.final)
    button(app, "Step").click().run()
    stepped = run_of(app, engine)
    assert stepped is not run
    wait_for(lambda: stepped.latest and stepped.latest.step == 1)
    button(app, "Step").click().run()
    wait_for(lambda: stepped.latest.step == 2)
    button(app, "Reset").click().run()
    reset = run_of(app, engine)
    wait_for(lambda: reset.latest)
    assert reset.latest.step == 0
    assert reset.latest.metrics["loss"] == stepped.history()[0].metrics["loss"]


def test_a_paused_run_lets_others_train_and_goes_on_when_they_have(open_page, engine):
    app, run = train_for_long(open_page, engine)
    button(app, "Pause").click().run()
    other, _training = train_for_long(open_page, engine)
    app.run()
    assert re.match(r"Paused · update [\d,]+ of 10,000", progress(app))
    before = run.latest.step
    button(app, "Continue").click().run()
    assert progress(app).startswith("Waiting: 1 run ahead, about ")
    button(other, "Pause").click().run()
    wait_for(lambda: run.latest.step > before)
    app.run()
    assert progress(app).startswith("Training")
    run.stop()


def test_a_poll_of_a_run_that_waits_draws_its_state_alone(open_page, engine, monkeypatch):
    pictures, with_polls, picture = [], [], RunPanel.picture

    def redraw(draw, *, is_live=None, **options):
        before = len(pictures)
        draw()
        if is_live and "_draw_live" in draw.__qualname__:
            with_polls.append(len(pictures) - before)

    monkeypatch.setattr(RunPanel, "picture", lambda panel: pictures.append(panel) or picture(panel))
    monkeypatch.setattr(panel, "redraw", redraw)
    app, run = train_for_long(open_page, engine)
    assert (with_polls[-1], len(pictures)) == (1, len(with_polls))
    button(app, "Pause").click().run()
    _other, other_run = train_for_long(open_page, engine)
    button(app, "Continue").click().run()
    assert progress(app).startswith("Waiting: 1 run ahead, about ")
    assert (with_polls[-1], len(pictures)) == (0, len(with_polls))
    run.stop()
    other_run.stop()


def test_a_new_seed_gives_other_weights_and_is_in_the_address(open_page):
    app = open_page()
    button(app, "New seed").click().run()
    assert config(app).seed != 0
    assert app.query_params["seed"] == str(config(app).seed)


def test_changed_settings_are_marked(open_page, engine):
    app = open_page(preset="tutorial")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    assert "Settings changed" not in progress(app)
    app.toggle(key="manual_mlp.field.tutorials_gradient").set_value(True).run()
    assert "Settings changed" in progress(app)


def test_the_run_before_or_the_recording_stays_for_comparison_until_it_is_hidden(open_page, engine, monkeypatch):
    compared, find = [], RunPanel.previous
    monkeypatch.setattr(RunPanel, "previous", lambda panel: compared.append(find(panel)) or compared[-1])
    app = open_page(preset="tutorial")
    recording = server.recording("manual_mlp-tutorial")
    runs = []
    for rate in (1e-6, 5e-7):
        app.select_slider(key="manual_mlp.field.learning_rate").set_value(rate).run()
        button(app, "Train").click().run()
        runs.append(run_of(app, engine))
        wait_for(lambda: runs[-1].status.state.final)
        app.run()
        assert compared[-1] is (recording if len(runs) == 1 else runs[0])
    button(app, "Hide the previous run").click().run()
    assert compared[-1] is None
    assert button(app, "Hide the previous run").disabled


@pytest.mark.parametrize(
    "told",
    [
        {
            ("learning_rate", "1e9"): "“learning_rate = 1e9” cannot be used: it must be at most 100",
            ("epochs", "many"): "“epochs = many” cannot be used: it must be a whole number",
            ("noise", ""): "“noise = ” cannot be used",
            ("data", "<script>alert(1)</script>"): "it must be one of",
            ("tutorials_gradient", "perhaps"): "it must be true or false",
            ("run", "0123456789abcdef"): "There is no run “0123456789abcdef”",
        },
        {
            ("learning_rate", "nan"): "“learning_rate = nan” cannot be used",
            ("epochs", "-3"): "it must be at least 1",
            ("run", "../../etc/passwd"): "There is no run",
        },
        {
            ("learning_rate", "inf"): "“learning_rate = inf” cannot be used",
            ("epochs", "99999999999999999999999999"): "“epochs = 99999999999999999999999999” cannot be used",
        },
        {
            ("preset", "best"): "There is no preset “best”",
        },
        {
            ("hidden_size", "1e3"): "“hidden_size = 1e3” cannot be used: it must be a whole number",
            ("epochs", "2.5"): "“epochs = 2.5” cannot be used: it must be a whole number",
        },
    ],
)
def test_a_bad_address_is_told_and_the_page_goes_on(open_page, told):
    app = open_page(**dict(list(told)))
    for words in told.values():
        assert words in text(app)
    assert progress(app)
    app.run()
    assert all(words in text(app) for words in told.values())  # until they are closed
    button(app, "Close").click().run()
    for words in told.values():
        assert words not in text(app)
    assert not app.exception


def test_good_values_of_a_partly_bad_address_are_used(open_page):
    app = open_page(learning_rate="0.1", epochs="many", samples="5000", stranger="1")
    assert (config(app).learning_rate, config(app).epochs, config(app).samples) == (0.1, 2, 5000)
    assert app.query_params["learning_rate"] == "0.1"


def test_an_address_that_is_right_as_a_whole_is_taken_as_a_whole(open_page):
    app = open_page(preset="teacher", epochs="10000", samples="2000", batch_size="2000")
    assert (config(app).epochs, config(app).samples, config(app).batch_size) == (10_000, 2000, 2000)
    assert not app.warning


def test_the_threads_of_the_machine_are_not_in_the_address(open_page):
    assert config(open_page(threads="64")).threads == 1


def test_a_value_between_the_steps_of_a_slider_is_kept(open_page):
    app = open_page(learning_rate="0.123")
    assert config(app).learning_rate == 0.123
    assert app.select_slider(key="manual_mlp.field.learning_rate").value == 0.123


def test_settings_that_belong_together_come_together(open_page):
    app = open_page(preset="teacher", output_size="3", samples="100")
    assert (config(app).data, config(app).output_size, config(app).samples) == ("teacher", 3, 100)


def test_a_change_that_the_other_settings_forbid_is_told(open_page):
    app = open_page()
    app.selectbox(key="manual_mlp.field.loss").set_value("sum_of_squares").run()
    app.select_slider(key="manual_mlp.field.batch_size").set_value(1).run()
    assert "Use larger batches or fewer epochs." in text(app)
    assert config(app).batch_size == 128
    assert widget(app, "manual_mlp.field.batch_size").value == 128


def test_a_removed_run_is_told(open_page, engine, tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "removed.json").write_text('["0123456789abcdef"]')
    assert "was removed to make room" in text(open_page(run="0123456789abcdef"))


def test_a_damaged_run_is_told(open_page, tmp_path):
    folder = tmp_path / "runs" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    assert "are damaged" in text(open_page(run="0123456789abcdef"))


def test_a_full_disk_is_told_and_the_run_stays_on_the_screen(open_page, engine, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.engine.run_files.tempfile.mkdtemp", refuse)
    app = open_page(preset="tutorial")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    assert "The disk is full" in text(app)
    assert progress(app).startswith("Done")


def test_a_full_queue_is_told(open_page, engine, monkeypatch):
    monkeypatch.setattr(engine, "max_runs", 0)
    app = open_page()
    button(app, "Train").click().run()
    assert ["This server is full" in toast.value for toast in app.toast] == [True]
    assert "run" not in app.query_params


def test_the_run_in_the_address_is_found_with_its_settings(open_page, engine):
    first = open_page(preset="tutorial", epochs="7")
    button(first, "Train").click().run()
    run = run_of(first, engine)
    wait_for(lambda: run.status.state.final)
    second = open_page(run=run.id)
    assert progress(second).startswith("Done · 7 updates")


def test_a_new_run_stops_the_one_that_was_found_by_its_address(open_page, engine):
    first = open_page(preset="tutorial", epochs="10000")
    button(first, "Train").click().run()
    run = run_of(first, engine)
    wait_for(lambda: run.latest)
    second = open_page(run=run.id)
    button(second, "Reset").click().run()
    wait_for(lambda: run.status.state.final)
    assert run_of(second, engine) is not run


def test_a_missing_data_file_is_told_with_what_restores_it(open_page, engine, monkeypatch):
    def missing(*_arguments, **_options):
        file = "mnist/train-images-idx3-ubyte.gz"
        raise CoreError("data_missing", file=file, restore=f"git checkout -- data/{file}")

    monkeypatch.setattr("core.data.datasets.load", missing)
    for module, name in (("core.training.timing", "measure_once"), ("pages.manual_mlp.live", "_samples")):
        getattr(import_module(module), name).cache_clear()
    app = open_page("manual_mlp")
    told = "data/mnist/train-images-idx3-ubyte.gz is missing. Restore it with: git checkout"
    assert told in text(app)
    button(app, "Train").click().run()
    assert not app.exception
    assert told in text(app)
