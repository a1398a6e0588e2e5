"""The page "Network from scratch" as the server draws it: recordings, tabs, and the effects of mistakes."""

import base64
import html
import json
import math
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.manual_mlp.config import PRESETS, MLPConfig
from core.training.progress import Progress
from pages.manual_mlp.live import _agree
from pages.manual_mlp.step_trace import signed_bytes
from tests.pages.helpers import button, charts, line_charts, lines_of, open_tab, progress, run_of, text
from tests.waiting import wait_for


def config(app: AppTest) -> MLPConfig:
    return app.session_state["manual_mlp.settings"].config


def step_trace(app: AppTest) -> dict:
    """Return the data of the main view."""
    (drawn,) = (drawn for drawn in app.get("bidi_component") if drawn.proto.component_name == "step_trace")
    return json.loads(drawn.proto.json)


def test_nothing_starts_empty(open_page):
    app = open_page()
    assert app.title[0].value == "Network from scratch"
    assert "Recording of “Digits”" in progress(app)
    assert "accuracy on test digits" in text(app)
    assert app.get("image")
    assert len(line_charts(app)) == 3
    assert "run" not in app.query_params
    assert "The backward pass: the chain rule" in text(app)


LESSONS = {
    "digits": "Digits: a small network that classifies images",
    "tutorial": "As in the tutorial: a falling loss proves little",
    "teacher": "Teacher network: targets that a network can learn",
    "break": "Diverges: a learning rate that is too large",
}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_recording_and_its_part_of_the_lesson(open_page, preset):
    app = open_page(preset=preset)
    assert config(app) == PRESETS[preset]
    assert progress(app).startswith("Recording")
    own, common = text(app).index(LESSONS[preset]), text(app).index("The backward pass: the chain rule")
    assert own < common
    assert not [title for other, title in LESSONS.items() if other != preset and title in text(app)]
    app.run()
    assert not app.exception


def test_the_main_view_traces_a_recording_at_several_updates(open_page):
    app = open_page()
    data = step_trace(app)
    assert [trace["step"] for trace in data["traces"]] == [0, 234, 469, 704, 938]
    computed = [line["results"][0] for line in data["lines"]]
    backward = ["grad_y_pred", "grad_W2", "grad_h", "grad_z", "grad_W1", "updated W1", "updated W2"]
    assert computed == ["x", "z", "h", "y_pred", "loss", *backward]
    line = data["lines"][1]
    assert "x @ W1" in "".join(map(str.strip, app_code(data, line["line"])))
    assert line["parts"] == [["value", "x"], ["text", "@"], ["value", "W1"]]
    values = data["traces"][0]["values"]
    assert values["x"]["shape"] == [128, 784]
    assert values["x"]["size"] == [43, 56]  # every third image; the means of half its rows
    assert values["W1"]["size"] == [47, 32]  # blocks of 17 rows and 2 columns
    assert values["grad_W1"]["shape"] == [784, 64]
    assert values["loss"]["number"].startswith("2.")
    assert values["x"]["images"]["count"] == 6
    (skipped,) = data["skipped"]
    assert "grad_h.clamp(min=0)" in "".join(app_code(data, skipped))


def app_code(data: dict, line: int) -> list[str]:
    """Return a line of the code on the screen as text, without its colors."""
    return re.sub("<[^>]*>", "", html.unescape(data["code"][line])).splitlines()


def test_the_test_digits_have_the_predictions_of_every_keyframe(open_page):
    data = step_trace(open_page())["digits"]
    assert len(data["labels"]) == 16
    shares = [np.mean(np.equal(frame["predictions"], data["labels"])) for frame in data["frames"]]
    assert len(shares) > 40
    assert shares[0] < 0.5 < 0.9 < shares[-1]
    assert step_trace(open_page(preset="teacher"))["digits"] is None


def test_a_run_that_trains_is_traced_at_its_newest_update(open_page, engine):
    app = open_page(preset="tutorial", epochs="2000", tutorials_gradient="true")
    button(app, "Reset").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest)
    for step in range(1, 3):
        button(app, "Step").click().run()
        wait_for(lambda step=step: run.latest.step == step)
        app.run()
        data = step_trace(app)
        assert [trace["step"] for trace in data["traces"]] == [step]
    (skipped,) = data["skipped"]
    assert "grad_h * (h > 0)" in "".join(app_code(data, skipped))
    run.stop()


def test_five_implementations_are_one_curve_unless_a_setting_lets_them_differ(open_page, engine):
    app = open_page(preset="tutorial")
    assert lines_of(line_charts(app)[0]) == {"tensors": "all five implementations"}
    app = open_page(preset="tutorial", tutorials_gradient="true")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    titles = {"tensors": "1 · by hand", "autograd": "2–5", "previous": "previous run"}
    assert lines_of(line_charts(app)[0]) == titles


def test_the_tutorials_gradient_is_shown_to_be_wrong(open_page, engine):
    app = open_page(preset="tutorial", tutorials_gradient="true")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    table = next(element.value for element in app.markdown if element.value.startswith("| update 20"))
    rows = table.splitlines()[2:]
    assert "wrong" in rows[0]
    assert all("correct" in row or "identical" in row for row in rows[1:])


def test_divergence_is_explained_and_healed(open_page, engine):
    app = open_page(preset="break")
    button(app, "Train").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    app.run()
    assert "Diverged at update 5" in text(app)
    button(app, "Train with learning rate ÷ 10").click().run()
    assert config(app).learning_rate == pytest.approx(3e-7)
    run = run_of(app, engine)
    assert run.config.learning_rate == pytest.approx(3e-7)
    wait_for(lambda: run.status.state.final)
    assert "diverged_at/tensors" not in run.metrics


TABS = {
    "What the tutorial gets wrong": "The tutorial computes ReLU's gradient",
    "Code": "Lines that differ are marked",
    "Export": "**Link** to this page with these settings:",
}


def test_every_tab_opens(open_page):
    app = open_page(preset="tutorial")
    for tab, words in TABS.items():
        assert words in text(open_tab(app, "manual_mlp", tab)), tab


def test_the_trace_shows_a_run_that_has_diverged(open_page):
    app = open_page(preset="break")
    assert "Diverged at update 5" in text(app)
    data = step_trace(app)
    assert [trace["step"] for trace in data["traces"]] == [0, 1, 2, 4, 5]
    last = data["traces"][-1]["values"]
    assert last["loss"]["number"] == "not finite"
    first = data["traces"][0]["values"]
    (growth,) = {exponent(last["z"]["range"]) - exponent(first["z"]["range"])}
    assert growth >= 8  # "by many powers of ten", says the lesson


def exponent(text: str) -> int:
    """Return the power of ten of the largest number in "from -1.2e12 to 3.4e12, ..."."""
    return int(
        math.log10(max(abs(float(number.replace(",", ""))) for number in text.split()[1:4:2] if number[-1] != "%"))
    )


def test_heat_maps_travel_as_bytes():
    packed = signed_bytes(np.array([[0, 1, np.nan], [-2, np.inf, 2]]))
    assert np.frombuffer(base64.b64decode(packed), np.int8).tolist() == [0, 64, -128, -127, -128, 127]
    assert np.frombuffer(base64.b64decode(signed_bytes(np.array([np.nan, 0]))), np.int8).tolist() == [-128, 0]


MISTAKES = {
    "gradient": (1, "Seeds compared at this learning rate: 20. "),
    "rising_loss": (1, "the first update increases the loss"),
    "zero_grad": (2, "like momentum with μ = 1"),
    "initialization": (4, "standard deviation **1** in the first layer and **1** in the second layer"),
    "sum_or_mean": (1, "outputs = 1,000, so the gradient of the mean is smaller by the same factor"),
    "fresh_data": (0, "The run on the screen (1 · by hand), at update 20"),
    "other_weights": (1, "autograd give the same losses"),
    "learning_rates": (1, "Tune each optimizer's learning rate"),
    "no_effect": (0, "**A `backward` method in an `nn.Module`** does not replace"),
}
"""Name -> number of its charts and a part of its text."""


def test_every_mistake_can_be_played(open_page, monkeypatch):
    app = open_page(preset="tutorial")
    charts_of_the_run = len(charts(app) + line_charts(app))
    open_tab(app, "manual_mlp", "What the tutorial gets wrong")
    (mistakes,) = (group for group in app.get("button_group") if group.key == "manual_mlp.mistake")
    assert len(mistakes.options) == len(MISTAKES)
    assert not set(mistakes.options) & set(MISTAKES)
    for name, (number_of_charts, words) in MISTAKES.items():
        app.session_state["manual_mlp.mistake"] = name
        app.run()
        assert not app.exception
        assert words in text(app), name
        assert len(charts(app) + line_charts(app)) == charts_of_the_run + number_of_charts, name


def test_old_addresses_set_the_renamed_settings(open_page):
    app = open_page(preset="tutorial", way="optim", initialisation="0.5", own_weights="true")
    expected = {"implementation": "optim", "initialization": 0.5, "different_initial_weights": True}
    assert config(app) == PRESETS["tutorial"].changed(**expected)
    assert not app.warning


def test_implementations_without_losses_share_a_curve():
    assert _agree([], ("tensors", "autograd"))
    assert _agree([Progress(1, 2, {"loss/tensors": None, "loss/autograd": None})], ("tensors", "autograd"))
    assert not _agree([Progress(1, 2, {"loss/tensors": 1.0, "loss/autograd": None})], ("tensors", "autograd"))
    assert not _agree([Progress(1, 2, {"loss/tensors": 1.0, "loss/autograd": 1.02})], ("tensors", "autograd"))
    assert _agree([Progress(1, 2, {"loss/tensors": 1.0, "loss/autograd": 1.005})], ("tensors", "autograd"))
