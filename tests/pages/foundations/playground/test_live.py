"""The playground as drawn by the server: the data for the browser, divergence, and charts."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.topic import TOPIC
from pages.foundations.chart_style import colour
from pages.foundations.playground import labels, network_canvas
from tests.pages.foundations.playground.helpers import (
    QUICK,
    change,
    component,
    config,
    first_weights,
    losses,
    numbers,
    scene,
    weights,
)
from tests.pages.helpers import (
    button,
    line_charts,
    open_tab,
    progress,
    run_of,
    text,
    trained,
    trigger,
    widget,
)
from tests.pages.helpers import points_of as plotted
from tests.waiting import wait_for


def test_the_page_opens_with_the_untrained_network_of_its_settings(open_view):
    app = open_view(seed="5")
    assert progress(app) == "Not trained yet · update 0 of 2,000"
    np.testing.assert_array_equal(weights(app), [first_weights(PlaygroundConfig(seed=5))])
    assert scene(app)["words"]["step"] == "untrained"
    assert not scene(app)["recorded"]
    assert scene(app)["previous"] is None
    assert button(app, "Hide the previous run").disabled
    button(app, "Show the recording").click().run()
    assert "Recording of “Circle”" in progress(app)
    assert config(app) == PlaygroundConfig()
    assert scene(app)["recorded"]
    assert len(weights(app)) > 150
    assert button(app, "Show the recording").disabled


def test_a_run_is_compared_with_the_recording_only_if_that_was_shown(open_view, engine):
    app = open_view(epochs="5")
    trained(app, engine)
    assert scene(app)["previous"] is None
    button(app, "Show the recording").click().run()
    assert "Recording of" in progress(app)
    change(app, units_1=3)
    assert scene(app)["words"]["step"] == "untrained"
    assert scene(app)["previous"]["steps"][-1] == 2000
    trained(app, engine)
    assert scene(app)["previous"]["steps"][-1] == 2000


def test_the_browser_gets_the_network_and_the_points(open_view):
    app = open_view()
    button(app, "Show the recording").click().run()
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
    # The weights of a recording are rounded to 10 bits
    np.testing.assert_allclose(weights(app)[0], first_weights(PlaygroundConfig()), rtol=2**-10)
    assert [choice["name"] for choice in data["sets"]] == list(labels.data())
    assert all(choice["points"] for choice in data["sets"] if choice["name"] != "own")
    assert "run" not in app.query_params


def test_the_browser_can_move_the_points_by_noise(open_view):
    app = open_view(early_stopping="5", noise="0.05")
    data = scene(app)
    assert data["noise"] == 0.05
    for part in ("train", "test", "validation"):
        moved = numbers(data["points"][part]).reshape(-1, 3)
        x, y, shift_x, shift_y = numbers(data["shifts"][part]).reshape(-1, 4).T
        inside = np.abs(moved[:, :2]).max(axis=1) < 5.9  # others are reflected at the edge
        np.testing.assert_allclose(moved[inside, 0], (x + 0.05 * shift_x)[inside], atol=1e-6)
        np.testing.assert_allclose(moved[inside, 1], (y + 0.05 * shift_y)[inside], atol=1e-6)
    trigger(app, component(app, "low").proto.id, "noise", 0.4)
    assert config(app).noise == 0.4
    assert scene(app)["noise"] == 0.4
    trigger(app, component(app, "low").proto.id, "noise", 7)
    assert "must be at most 1" in text(app)
    assert config(app).noise == 0.4


def test_every_preset_has_its_recording_and_its_description(open_view):
    app = open_view(preset="xor_two")
    for preset in ("xor_two", *(name for name in PRESETS if name != "xor_two")):
        if preset != "xor_two":
            widget(app, "playground.preset.widget").set_value(preset).run()
        assert not app.exception
        assert config(app) == PRESETS[preset]
        assert "Not trained yet" in progress(app)
        assert labels.descriptions()[preset] in text(app)
        button(app, "Show the recording").click().run()
        assert f"Recording of “{labels.presets()[preset]}”" in progress(app)
        assert scene(app)["network"]["hidden"] == list(PRESETS[preset].hidden_sizes)
        assert len(weights(app)) > 150
        layers = {point["line"] for point in plotted(app, "gradient norm")}
        assert layers == {f"gradient_norm/{layer}" for layer in range(1, len(PRESETS[preset].layer_sizes))}
        assert ("Dead units] " in text(app)) is (preset == "dying_relu")
        assert "Settings changed" not in progress(app)
        # A loss close to that of a constant output is no failure
        assert "Worse than a constant output" not in text(app)


def test_the_browser_gets_all_events_of_a_run(open_view, engine):
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
    assert losses(app) == [(event.step, event.metrics["test_loss"]) for event in history]


def test_during_a_run_only_the_newest_snapshots_are_sent(open_view, engine, monkeypatch):
    monkeypatch.setattr(network_canvas, "_ACTIVE_BYTES", 3 * 2 * 4 * 17)  # three of 17 weights with their gradients
    app = open_view(epochs="10000", samples="20")
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: len(run.history()) > 5)
    button(app, "Pause").click().run()
    assert len(weights(app)) == 3
    assert scene(app)["snapshots"]["steps"][-1] > 4
    assert scene(app)["editable"]  # other settings start a new run
    assert [step for step, _loss in losses(app)][:6] == [0, 1, 2, 3, 4, 5]  # all losses are sent
    run.stop()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert len(weights(app)) == len(run.history())


def test_a_run_continues_from_a_weight_changed_by_hand(open_view, engine):
    app = open_view(epochs="10000", samples="20")
    assert not scene(app)["turnable"]  # no run yet
    button(app, "Reset").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest)
    app.run()
    assert scene(app)["turnable"]
    for nonsense in ({"parameter": 17, "value": 1}, {"parameter": -1, "value": 1}, {"parameter": 2, "value": 9}, "x"):
        trigger(app, component(app).proto.id, "turn", nonsense)
    for nonsense in ([17], [-1], "x", None):
        trigger(app, component(app).proto.id, "restore", nonsense)
    assert not run.command.changes
    trigger(app, component(app).proto.id, "turn", {"parameter": 2, "value": 1.5})
    button(app, "Step").click().run()
    wait_for(lambda: run.latest.step == 1)
    assert run.changes == [(0, "weight/2", 1.5)]
    moved = run.history()[1].arrays["weights"] - run.history()[0].arrays["weights"]
    assert abs(moved[2]) > 0.5 > np.abs(np.delete(moved, 2)).max()  # the others made an ordinary update
    app.run()
    assert scene(app)["marks"] == [[0, "weights edited by hand"]]
    trigger(app, component(app).proto.id, "turn", {"parameter": 3, "value": 1.5})
    before = float(run.latest.arrays["weights"][3])
    trigger(app, component(app).proto.id, "restore", [3])
    button(app, "Step").click().run()
    wait_for(lambda: run.latest.step == 2)
    assert run.changes[1:] == [(1, "weight/3", 1.5), (1, "weight/3", before)]
    run.stop()


def test_a_finished_run_continues_from_changed_weights(open_view, engine):
    app = open_view(**QUICK)
    run = trained(app, engine)
    updates = run.latest.step
    assert scene(app)["turnable"]
    trigger(app, component(app).proto.id, "turn", {"parameter": 2, "value": 1.5})
    trigger(app, component(app).proto.id, "restore", [2])
    assert scene(app)["turned"] == []
    trigger(app, component(app).proto.id, "turn", {"parameter": 3, "value": 7.5})
    app.run()
    assert scene(app)["turned"] == [[3, 7.5]]  # for a main view that is created again
    button(app, "Continue").click().run()
    wait_for(lambda: run.status.state.final and run.latest.step == 2 * updates)
    assert [change for change in run.changes if change.name != "epochs"] == [(updates, "weight/3", 7.5)]
    number = next(number for number, event in enumerate(run.history()) if event.step == updates)
    before, after = (run.history()[number + later].arrays["weights"] for later in (0, 1))
    moved = np.abs(after - before)
    assert moved[3] > 4 > np.delete(moved, 3).max()
    open_tab(app, "playground", "Code")
    assert app.code[0].value == TOPIC.program(run.config, run.changes).strip()
    assert f"    {updates + 1}: {{" in app.code[0].value
    assert "The script repeats the changes" in text(app)
    open_tab(app, "playground", "Export")
    assert "The program repeats the changes" in text(app)


def test_a_large_network_has_evenly_spaced_snapshots(open_view, engine, monkeypatch):
    monkeypatch.setattr(network_canvas, "_COMPLETE_BYTES", 20 * 2 * 4 * 17)
    app = open_view(**QUICK, batch_size="1")
    history = trained(app, engine).history()
    steps = scene(app)["snapshots"]["steps"]
    assert 10 < len(steps) <= 21
    assert (steps[0], steps[-1]) == (0, history[-1].step)


def test_early_stopping_reports_its_update_and_shows_its_validation_points(open_view, engine):
    app = open_view(early_stopping="1", learning_rate="3", samples="60")
    run = trained(app, engine)
    assert run.metrics["stopped_at"] < run.config.updates
    told = f"Training stopped at update {run.metrics['stopped_at']:,.0f}. The weights from update"
    assert told in text(app)
    assert len(numbers(scene(app)["points"]["validation"])) == 3 * run.config.split_sizes[1] > 0
    assert losses(app, "validation") == [(event.step, event.metrics["validation_loss"]) for event in run.history()]


def test_reset_goes_back_to_the_same_weights_and_a_new_seed_to_others(open_view, engine):
    app = open_view(samples="40", epochs="10000", learning_rate="0.01")
    button(app, "Train").click().run()
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
    again.stop()
    wait_for(lambda: again.status.state.final)
    app.run()
    button(app, "New seed").click().run()
    assert scene(app)["words"]["step"] == "untrained"
    np.testing.assert_array_equal(weights(app), [first_weights(config(app))])
    assert not np.array_equal(weights(app)[0], first.history()[0].arrays["weights"])


def test_divergence_is_explained_and_can_be_corrected(open_view, engine):
    app = open_view(data="plane", features="x,y,x2,y2,xy", layers="0", learning_rate="10", optimizer="SGD", epochs="20")
    run = trained(app, engine)
    step = int(run.metrics["diverged_at"])
    assert f"Diverged at update {step}" in text(app)
    assert "The norm of the last gradient was" in text(app)
    assert np.isfinite(weights(app)).all()
    button(app, "Train with learning rate ÷ 10").click().run()
    assert config(app).learning_rate == pytest.approx(1)


def test_a_run_worse_than_a_constant_output_is_explained_and_can_be_corrected(open_view, engine):
    app = open_view(learning_rate="100", epochs="20")
    run = trained(app, engine)
    assert run.metrics["train_loss"] > 1.5 * np.log(2)
    assert "Worse than a constant output" in text(app)
    assert "the loss of a constant output is 0.693. The norm of the last gradient was" in text(app)
    button(app, "Train with learning rate ÷ 10").click().run()
    assert config(app).learning_rate == pytest.approx(10)


def shades(app: AppTest, title: str) -> dict[str, str]:
    """Return the colors of the line chart with this title of the vertical axis."""
    return next(chart["shades"] for chart in line_charts(app) if chart["y"]["title"] == title)


def test_no_line_of_the_charts_has_the_colour_of_a_class(open_view):
    app = open_view(preset="vanishing")
    button(app, "Show the recording").click().run()
    found = shades(app, "accuracy")
    assert (found["train_accuracy"], found["test_accuracy"]) == (colour("train"), colour("test"))
    assert len(set(shades(app, "gradient norm").values())) == 7
    assert not {"#0072B2", "#D55E00"} & set(shades(app, "gradient norm").values())


def test_the_charts_of_the_previous_run_are_dimmed_and_labeled(open_view):
    app = open_view()
    assert {tuple(line["x"]) for chart in line_charts(app) for line in chart["lines"]} == {(0,)}
    button(app, "Show the recording").click().run()
    assert "previous run**" not in text(app)
    assert shades(app, "accuracy")["test_accuracy"] == colour("test")
    change(app, units_1=6)
    assert "**Circle, previous run**" in text(app)
    assert shades(app, "accuracy")["test_accuracy"] == f"{colour('test')}59"
    assert all(shade.endswith("59") for shade in shades(app, "gradient norm").values())


def test_a_previous_run_is_drawn_only_if_it_was_trained_on_the_same_points(open_view, engine):
    app = open_view(**QUICK)
    trained(app, engine)
    # Each run is compared with the previous run
    for name, value, same in (
        ("units_1", 3, True),
        ("data", "xor", False),
        ("data_seed", 2, False),
        ("noise", 0.2, False),
        ("units_1", 2, True),
    ):
        change(app, **{name: value})
        trained(app, engine)
        assert (scene(app)["previous"] is not None) is same
