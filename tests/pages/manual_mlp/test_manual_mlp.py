"""The page "A network by hand" as a server draws it: its recordings, its tabs, and what mistakes do."""

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.manual_mlp.config import PRESETS, MLPConfig
from tests.pages.helpers import (
    button,
    charts,
    line_charts,
    open_tab,
    progress,
    run_of,
    text,
)
from tests.waiting import wait_for


def config(app: AppTest) -> MLPConfig:
    return app.session_state["manual_mlp.settings"].config


def test_nothing_starts_empty(open_page):
    app = open_page()
    assert "Recording of “Digits”" in progress(app)
    assert "of new digits right" in text(app)
    assert app.get("image")
    assert len(line_charts(app)) == 3
    assert "run" not in app.query_params
    assert "The backward pass: the chain rule" in text(app)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_recording(open_page, preset):
    app = open_page(preset=preset)
    assert config(app) == PRESETS[preset]
    assert progress(app).startswith("Recording")
    app.run()
    assert not app.exception


def test_the_tutorials_gradient_is_shown_to_be_wrong(open_page, engine):
    app = open_page(preset="tutorial", tutorials_gradient="true")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    table = next(element.value for element in app.markdown if element.value.startswith("| way"))
    rows = table.splitlines()[2:]
    assert "wrong" in rows[0]
    assert not any("wrong" in row for row in rows[1:])


def test_divergence_is_explained_and_healed(open_page, engine):
    app = open_page(preset="break")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    assert "Diverged at update 6" in text(app)
    button(app, "Learning rate ÷ 10, and start").click().run()
    assert config(app).learning_rate == pytest.approx(3e-7)
    run = run_of(app, engine)
    assert run.config.learning_rate == pytest.approx(3e-7)
    wait_for(lambda: run.status.state.final)
    assert "diverged_at/tensors" not in run.metrics


TABS = {
    "One step under the microscope": "Forward",
    "What the tutorial gets wrong": "The tutorial writes ReLU's gradient",
    "The code, side by side": "Marked: the lines that differ",
    "Take it away": "**Link** to this page with these settings:",
}


def test_every_tab_opens(open_page):
    app = open_page(preset="tutorial")
    for tab, words in TABS.items():
        assert words in text(open_tab(app, "manual_mlp", tab)), tab


def test_the_step_trace_shows_a_run_that_has_diverged(open_page, monkeypatch):
    app = open_page(preset="break")
    assert "Diverged at update 6" in text(app)
    open_tab(app, "manual_mlp", "One step under the microscope")
    app.slider(key="manual_mlp.step_trace.step").set_value(6).run()
    names = ["x", "z", "h", "y_pred", "loss", "grad_y_pred", "grad_W2", "grad_h", "grad_z", "grad_W1"]
    for stage in ("x", "z", "loss", "grad_z", "grad_W1"):
        app.select_slider(key="manual_mlp.step_trace.stage").set_value(names.index(stage)).run()
        assert not app.exception
        assert f"`{stage}`" in text(app)


MISTAKES = {
    "A wrong gradient can have a falling loss": (1, "Over 20 seeds at this rate the **wrong** gradient ends with the"),
    "“The loss keeps falling”": (1, "the very first update makes things worse"),
    "Forgetting zero_grad()": (2, "a momentum that never fades"),
    "Weights that start too large": (4, "Now: deviations **1** and **1**"),
    "Sum or mean of squares": (1, "outputs = 1,000, and so is its gradient"),
    "A small error that means nothing": (0, "The run on the screen, 1 · by hand, after 20 updates"),
    "“Autograd gives a better result”": (1, "every dot has its twin at the same height"),
    "“Adam wins”": (1, "Compare optimizers each at its own rate"),
    "What does nothing at all": (0, "**Overriding `nn.Module.backward`** does not replace"),
}
"""Title -> number of its charts and a part of its text."""


def test_every_mistake_can_be_played(open_page, monkeypatch):
    app = open_page(preset="tutorial")
    charts_of_the_run = len(charts(app) + line_charts(app))
    open_tab(app, "manual_mlp", "What the tutorial gets wrong")
    assert app.get("button_group")[-1].options == list(MISTAKES)
    for title, (number_of_charts, words) in MISTAKES.items():
        app.session_state["manual_mlp.mistake"] = title
        app.run()
        assert not app.exception
        assert words in text(app), title
        assert len(charts(app) + line_charts(app)) == charts_of_the_run + number_of_charts, title


def test_old_addresses_set_the_renamed_settings(open_page):
    app = open_page(preset="tutorial", way="optim", initialisation="0.5", own_weights="true")
    expected = {"implementation": "optim", "initialization": 0.5, "different_initial_weights": True}
    assert config(app) == PRESETS["tutorial"].changed(**expected)
    assert not app.warning
