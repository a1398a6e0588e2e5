"""The page "Foundations" as a server draws it: the playground, what the browser gets of it, and bad input."""

import base64
import json
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core.topics.playground import point_codec
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.model import build_network
from core.topics.playground.script import training_script
from pages.components.inputs import canvas
from pages.components.run import run_view
from pages.foundations.chart_style import colour
from pages.foundations.playground import labels, network_canvas, seed_study
from tests.pages.helpers import (
    button,
    open_tab,
    progress,
    run_of,
    text,
    trained,
    widget,
)
from tests.pages.helpers import points_of as plotted
from tests.waiting import wait_for

QUICK = {"samples": "40", "epochs": "5"}


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "foundations")


@pytest.fixture(autouse=True)
def estimated(monkeypatch) -> None:
    """No run is measured beforehand, which would take a third of a second for each of many settings."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (1e-4,))


@pytest.fixture
def played(monkeypatch) -> None:
    """Recordings that have played as soon as they are opened."""
    monkeypatch.setattr(run_view, "PLAYBACK", 1e-9)


def component(app: AppTest, part: str = "snapshots"):
    """The component that is given such data."""
    return next(one for one in app.get("bidi_component") if part in json.loads(one.proto.json))


def scene(app: AppTest) -> dict:
    """What the browser is given to compute the network."""
    return json.loads(component(app).proto.json)


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)


def weights(app: AppTest) -> np.ndarray:
    """The weights of all snapshots that travel: (snapshots, weights)."""
    snapshots = scene(app)["snapshots"]
    return numbers(snapshots["weights"]).reshape(len(snapshots["steps"]), -1)


def first_weights(config: PlaygroundConfig) -> np.ndarray:
    return np.concatenate([weight.detach().numpy().ravel() for weight in build_network(config).parameters()])


def change(app: AppTest, **settings: object) -> AppTest:
    """Change settings in the picture, as the browser tells of it."""
    states = app._tree.get_widget_states()
    told = json.dumps([{"event": "change", "value": settings}])
    states.widgets.add(id=_make_trigger_id(component(app).proto.id, "events"), json_trigger_value=told)
    app._run(states)
    assert not app.exception
    return app


def config(app: AppTest) -> PlaygroundConfig:
    return app.session_state["playground.settings"].config


# ---- What the browser gets


def test_the_page_opens_with_the_recording_of_a_circle(open_view, played):
    app = open_view()
    assert "Recording of “Circle”" in progress(app)
    data = scene(app)
    assert data["network"] == {
        "features": ["x", "y"],
        "hidden": [4],
        "activation": "tanh",
        "classes": True,
        "loss": "cross_entropy",
    }
    assert data["editable"]
    assert data["complete"]
    expected = make_dataset(PlaygroundConfig())
    for part in ("train", "test"):
        flat = numbers(data["points"][part]).reshape(-1, 3)
        np.testing.assert_array_equal(flat[:, :2], getattr(expected, f"{part}_x"))
        np.testing.assert_array_equal(flat[:, 2], getattr(expected, f"{part}_y"))
    np.testing.assert_array_equal(weights(app)[0], first_weights(PlaygroundConfig()))
    assert [choice["name"] for choice in data["sets"]] == list(labels.data())
    assert all(choice["points"] for choice in data["sets"] if choice["name"] != "own")
    assert "run" not in app.query_params


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_recording_and_its_story(open_view, played, preset):
    app = open_view(preset=preset)
    assert config(app) == PRESETS[preset]
    assert f"Recording of “{labels.presets()[preset]}”" in progress(app)
    assert labels.descriptions()[preset] in text(app)
    assert scene(app)["network"]["hidden"] == list(PRESETS[preset].hidden_sizes)
    assert len(weights(app)) > 150
    layers = {point["line"] for point in plotted(app, "gradient")}
    assert layers == {f"layer {layer}" for layer in range(1, len(PRESETS[preset].layer_sizes))}
    assert ("Dead units" in text(app)) is (preset == "dying_relu")
    assert "The settings have changed" not in progress(app)


def test_a_run_is_shown_as_it_was_told(open_view, engine):
    app = open_view(**QUICK, layers="2")
    run = trained(app, engine)
    assert run.config == PlaygroundConfig(samples=40, epochs=5, layers=2)
    data, history = scene(app), run.history()
    assert (data["run"], data["complete"], data["total"]) == (run.id, True, run.config.updates)
    assert data["snapshots"]["steps"] == [event.step for event in history]
    np.testing.assert_array_equal(weights(app), [event.arrays["weights"] for event in history])
    slopes = numbers(data["snapshots"]["gradients"]).reshape(len(history), -1)
    np.testing.assert_array_equal(slopes, [event.arrays["gradients"] for event in history])
    asked = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    assert data["snapshots"]["numbers"] == [[event.metrics[name] for name in asked] for event in history]
    drawn = [(point["x"], point["y"]) for point in plotted(app, "loss") if point["line"] == "test"]
    assert drawn == [(event.step, event.metrics["test_loss"]) for event in history]


def test_while_a_run_goes_on_only_the_newest_snapshots_travel(open_view, engine, monkeypatch):
    monkeypatch.setattr(network_canvas, "_ACTIVE_BYTES", 3 * 2 * 4 * 17)  # three of 17 weights with their gradients
    app = open_view(epochs="10000", samples="20")
    button(app, "Start").click().run()
    run = run_of(app, engine)
    wait_for(lambda: len(run.history()) > 5)
    button(app, "Pause").click().run()
    assert len(weights(app)) == 3
    assert scene(app)["snapshots"]["steps"][-1] > 4
    assert not scene(app)["editable"]
    button(app, "Stop").click().run()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert len(weights(app)) == len(run.history())


def test_a_large_network_comes_with_some_of_its_snapshots_evenly(open_view, engine, monkeypatch):
    monkeypatch.setattr(network_canvas, "_COMPLETE_BYTES", 20 * 2 * 4 * 17)
    app = open_view(**QUICK, batch_size="1")
    history = trained(app, engine).history()
    steps = scene(app)["snapshots"]["steps"]
    assert 10 < len(steps) <= 21
    assert (steps[0], steps[-1]) == (0, history[-1].step)


def test_early_stopping_says_where_it_stopped_and_shows_its_validation_points(open_view, engine):
    app = open_view(early_stopping="1", learning_rate="3", samples="60")
    run = trained(app, engine)
    assert run.metrics["stopped_at"] < run.config.updates
    told = f"After {run.metrics['stopped_at']:,.0f} updates the run went back to the weights after update"
    assert told in text(app)
    assert len(numbers(scene(app)["points"]["validation"])) == 3 * run.config.split_sizes[1] > 0
    assert "validation" in {point["line"] for point in plotted(app, "loss")}


def test_reset_goes_back_to_the_same_weights_and_a_new_seed_to_others(open_view, engine):
    app = open_view(samples="40", epochs="10000", learning_rate="0.01")
    button(app, "Start").click().run()
    first = run_of(app, engine)
    wait_for(lambda: first.latest and first.latest.step > 3)
    button(app, "Reset").click().run()
    again = run_of(app, engine)
    wait_for(lambda: again.latest)
    app.run()
    assert again is not first
    assert (scene(app)["run"], scene(app)["snapshots"]["steps"]) == (again.id, [0])
    np.testing.assert_array_equal(weights(app)[0], first.history()[0].arrays["weights"])
    button(app, "Step").click().run()
    wait_for(lambda: again.latest.step == 1)
    button(app, "Stop").click().run()
    wait_for(lambda: again.status.state.final)
    app.run()
    button(app, "New seed").click().run()
    assert scene(app)["words"]["step"] == "new settings, untrained"
    np.testing.assert_array_equal(weights(app), [first_weights(config(app))])
    assert not np.array_equal(weights(app)[0], first.history()[0].arrays["weights"])


# ---- Settings


@pytest.mark.parametrize(
    ("settings", "hidden", "features"),
    [
        ({"units_1": 6}, [6], ["x", "y"]),
        ({"layers": 3}, [4, 4, 4], ["x", "y"]),
        ({"layers": 0}, [], ["x", "y"]),
        ({"features": ["x", "x2", "sin_y"]}, [4], ["x", "x2", "sin_y"]),
    ],
)
def test_what_is_changed_in_the_picture_is_shown_at_once(open_view, played, settings, hidden, features):
    app = change(open_view(), **settings)
    assert (scene(app)["network"]["hidden"], scene(app)["network"]["features"]) == (hidden, features)
    assert scene(app)["snapshots"]["steps"] == [0]
    np.testing.assert_array_equal(weights(app), [first_weights(config(app))])
    assert "The settings have changed" in progress(app)
    name, value = next(iter(settings.items()))
    assert app.query_params[name] == (",".join(value) if isinstance(value, list) else str(value))


def test_a_training_setting_leaves_the_trained_network_on_the_screen(open_view, played):
    app = open_view()
    before = scene(app)
    widget(app, "playground.field.learning_rate").set_value(0.3).run()
    assert "The settings have changed" in progress(app)
    assert scene(app) == before


@pytest.mark.parametrize(
    "settings",
    [
        {"features": []},
        {"units_1": 17},
        {"layers": 9},
        {"layers": "many"},
        {"data": "cats"},
        {"threads": None},
        {"a": 1},
    ],
)
def test_nonsense_from_the_browser_changes_nothing(open_view, played, settings):
    app = change(open_view(), **settings)
    assert config(app) == PlaygroundConfig()
    assert app.warning


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"layers": "7"}, "it has to be at most 6"),
        ({"units_1": "0"}, "it has to be at least 1"),
        ({"noise": "nan"}, "cannot be used"),
        ({"features": ""}, "at least one has to be chosen"),
        ({"features": "x,z"}, "it has to be one of"),
        ({"data": "own"}, "These are too few points: 4 are the fewest."),
        ({"data": "own", "points": "c!!!!"}, "These points cannot be read"),
        ({"epochs": "10000", "batch_size": "1"}, "take larger batches or fewer epochs"),
        ({"view": "cats"}, "There is no view “cats”"),
    ],
)
def test_a_bad_address_is_told_and_the_page_goes_on(open_view, played, address, told):
    app = open_view(**address)
    assert told in text(app)
    app.run()
    assert told not in text(app)
    assert scene(app)


def test_divergence_is_explained_and_healed(open_view, engine):
    app = open_view(data="plane", features="x,y,x2,y2,xy", layers="0", learning_rate="10", optimizer="SGD", epochs="20")
    run = trained(app, engine)
    step = int(run.metrics["diverged_at"])
    assert f"Diverged at update {step}" in text(app)
    assert "The last gradient had length" in text(app)
    assert np.isfinite(weights(app)).all()
    button(app, "Learning rate ÷ 10, and start").click().run()
    assert config(app).learning_rate == pytest.approx(1)


def test_a_run_that_ends_far_above_guessing_is_explained_and_healed(open_view, engine):
    app = open_view(learning_rate="100", epochs="20")
    run = trained(app, engine)
    assert run.metrics["train_loss"] > 1.5 * np.log(2)
    assert "Worse than guessing" in text(app)
    assert "it would be 0.693. The last gradient had length" in text(app)
    button(app, "Learning rate ÷ 10, and start").click().run()
    assert config(app).learning_rate == pytest.approx(10)


@pytest.mark.parametrize("preset", ["dying_relu", "hills", "xor_two"])
def test_a_run_that_is_hardly_better_than_guessing_has_not_failed(open_view, played, preset):
    assert "Worse than guessing" not in text(open_view(preset=preset))


# ---- The charts


def spec(app: AppTest, title: str) -> dict:
    """The chart whose vertical axis has that title."""
    found = (json.loads(element.proto.spec) for element in app.get("vega_lite_chart"))
    return next(one for one in found if one["layer"][0]["encoding"]["y"]["title"] == title)


def shades(app: AppTest, title: str) -> dict[str, str]:
    scale = spec(app, title)["layer"][0]["encoding"]["color"]["scale"]
    return dict(zip(scale["domain"], scale["range"], strict=True))


def test_no_line_of_the_charts_has_the_colour_of_a_class(open_view, played):
    app = open_view(preset="vanishing")
    for title in ("loss", "accuracy"):
        found = shades(app, title)
        assert (found["training"], found["test"]) == (colour("train"), colour("test"))
    assert len(set(shades(app, "gradient").values())) == 7
    assert not {"#0072B2", "#D55E00"} & {
        shade for title in ("loss", "gradient") for shade in shades(app, title).values()
    }


def test_the_charts_of_other_settings_are_dimmed_and_said_to_be_of_an_earlier_run(open_view, played):
    app = open_view()
    assert "earlier run**" not in text(app)
    assert shades(app, "loss")["test"] == colour("test")
    assert "untrained" not in scene(app)["words"]["numbers"]
    change(app, units_1=6)
    assert "**Circle, earlier run**" in text(app)
    assert shades(app, "loss")["test"] == f"{colour('test')}59"
    assert all(shade.endswith("59") for shade in shades(app, "gradient").values())
    assert "untrained, test: loss {test}" in scene(app)["words"]["numbers"]


@pytest.mark.parametrize(
    ("changes", "same"),
    [({"units_1": "3"}, True), ({"data": "xor"}, False), ({"data_seed": "2"}, False), ({"noise": "0.2"}, False)],
)
def test_an_earlier_run_is_drawn_only_if_it_learnt_the_same_points(open_view, engine, changes, same):
    app = open_view(**QUICK)
    trained(app, engine)
    for name, value in changes.items():
        change(app, **{name: type(getattr(config(app), name))(value)})
    trained(app, engine)
    assert ("test, earlier run" in {point["line"] for point in plotted(app, "loss")}) is same


# ---- One's own points


def put(app: AppTest, drawn: list[tuple[float, float, int]]) -> AppTest:
    """Have the points on the canvas that a person has put there."""
    kept = canvas._CanvasState(
        app.session_state["playground.own.points"].version, tuple(canvas.Point(*one) for one in drawn)
    )
    app.session_state["playground.own.points"] = kept
    app.run()
    assert not app.exception
    return app


SQUARE = [(3.0, 3.0, 0), (-3.0, -3.0, 0), (3.0, -3.0, 1), (-3.0, 3.0, 1)]


def test_most_of_ones_own_points_are_learnt_and_the_rest_is_said_to_be_held_back(open_view, played):
    app = change(open_view(), data="own")
    assert config(app).train_share == 0.8
    assert "43 of the points are learnt; 11 are held back" in text(app)
    change(app, data="xor")
    assert config(app).train_share == 0.5
    assert "held back" not in text(app)


def test_own_points_begin_with_those_before_and_are_learnt_as_drawn(open_view, engine, played):
    app = change(open_view(epochs="5"), data="own")
    assert config(app).data == "own"
    assert point_codec.count(config(app).points) == 54
    put(app, SQUARE)
    xy, y = point_codec.unpack(config(app).points)
    np.testing.assert_allclose(xy, [point[:2] for point in SQUARE], atol=0.003)
    np.testing.assert_array_equal(y, [1, 1, 0, 0])  # blue, the canvas' first class, is class 1
    assert app.query_params["points"] == config(app).points
    run = trained(app, engine)
    assert run.config.points == config(app).points


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        (SQUARE[:3], "These are too few points: 4 are the fewest."),
        (SQUARE[:2] * 3, "two different labels are needed"),
        ([(1.0, 1.0, 0), (1.0, 1.0, 1)] * 3, "All points are on one spot"),
    ],
)
def test_own_points_that_cannot_be_learnt_are_told_and_nothing_starts(open_view, played, drawn, told):
    app = put(change(open_view(), data="own"), drawn)
    assert told in text(app)
    assert button(app, "Start").disabled
    put(app, SQUARE)
    assert told not in text(app)
    assert not button(app, "Start").disabled


def test_a_table_is_read_and_explained(open_view, played):
    app = change(open_view(), data="own")
    rows = [f"{x};{x * x};{'ja' if x > 5 else 'nein'}" for x in range(12)]
    data = "\n".join(["Länge;Breite;Ziel", *rows]).encode("cp1252")
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert point_codec.count(config(app).points) == 12
    assert "12 of 12 rows are used." in text(app)
    assert "x is column “Länge”" in text(app)
    assert "“ja” is orange and “nein” is blue" in text(app)
    assert len(app.session_state["playground.own.points"].points) == 12


def test_a_table_with_values_is_a_regression(open_view, played):
    app = change(open_view(), data="own")
    data = "\n".join(f"{x},{x % 3},{x / 7}" for x in range(20)).encode()
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert not scene(app)["network"]["classes"]
    assert "These points have values" in text(app)
    button(app, "Draw points of two classes").click().run()
    assert scene(app)["network"]["classes"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"1,2\n3,4\n", "In line 1 the number of columns is 2"),
        (b"a,b,c\n1,two,0\n", "Line 2, column 2: “two” is no number."),
        (b"1,2,yes\n3,4,yes\n", "two different labels are needed"),
        (b"", "There is no complete row in this file"),
        (b"PK\x03\x04", "This is a spreadsheet"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(open_view, played, data, told):
    app = change(open_view(), data="own")
    before = config(app)
    app.file_uploader[0].set_value(("table.csv", data, "text/csv")).run()
    assert not app.exception
    assert told in text(app)
    assert config(app) == before


# ---- Below


def test_luck_is_counted_over_seeds(open_view, played, monkeypatch):
    monkeypatch.setattr(seed_study, "_N_SEEDS", 3)
    app = open_view(preset="xor_two", epochs="30", samples="40")
    button(app, "Count").click().run()
    assert not app.exception
    counted = {point["name"]: point["share"] for point in plotted_bars(app)}
    assert set(counted) == {"2 units", "3 units", "4 units"}
    assert set(counted.values()) <= {0, 1 / 3, 2 / 3, 1}
    assert not [one for one in open_view(preset="circle").button if one.label == "Count"]


def plotted_bars(app: AppTest) -> list[dict]:
    return plotted(app, "solved")


TABS = {
    "Lesson": "A unit multiplies each of its inputs by a weight",
    "As code": "This script needs PyTorch and NumPy",
    "Take it away": "**Link** to this page with these settings:",
}


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(open_view, played, tab):
    app = open_tab(open_view(), "playground", tab)
    assert TABS[tab] in text(app)
    if tab == "As code":
        assert app.code[0].value == training_script(config(app)).strip()
        assert len(app.get("html")) == 3
