"""The settings of the playground, changed in the main view, in widgets, and in the address; the tabs."""

import json

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.topic import TOPIC
from pages.components.run.address import read_address
from pages.foundations.playground import seed_study
from tests.pages.foundations.playground.helpers import change, component, config, first_weights, scene, weights
from tests.pages.helpers import (
    button,
    open_tab,
    progress,
    rows,
    text,
    widget,
)


def test_a_change_in_the_main_view_is_shown_at_once(open_view):
    app = open_view()
    for name, value, hidden, features in (
        ("units_1", 6, [6], ["x", "y"]),
        ("layers", 3, [6, 4, 4], ["x", "y"]),
        ("features", ["x", "x2", "sin_y"], [6, 4, 4], ["x", "x2", "sin_y"]),
        ("layers", 0, [], ["x", "x2", "sin_y"]),
    ):
        change(app, **{name: value})
        assert (scene(app)["network"]["hidden"], scene(app)["network"]["features"]) == (hidden, features)
        assert scene(app)["snapshots"]["steps"] == [0]
        np.testing.assert_array_equal(weights(app), [first_weights(config(app))])
        assert "Not trained yet" in progress(app)
        assert app.query_params[name] == (",".join(value) if isinstance(value, list) else str(value))


def test_a_training_setting_leaves_the_trained_network_on_the_screen(open_view):
    app = open_view()
    button(app, "Show the recording").click().run()
    before = scene(app)
    widget(app, "playground.field.learning_rate").set_value(0.3).run()
    assert "Settings changed" in progress(app)
    assert scene(app) == before


def test_nonsense_from_the_browser_changes_nothing(open_view):
    app, told = open_view(), []
    for settings in (
        {"features": []},
        {"units_1": 17},
        {"layers": 9},
        {"layers": "many"},
        {"data": "cats"},
        {"threads": None},
        {"a": 1},
    ):
        change(app, **settings)
        assert config(app) == PlaygroundConfig()
        told += [warning.value for warning in app.warning]
    assert len(set(told)) == len(told) == 7


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"layers": "7"}, "it must be at most 6"),
        ({"units_1": "0"}, "it must be at least 1"),
        ({"noise": "nan"}, "cannot be used"),
        ({"features": ""}, "choose at least one"),
        ({"features": "x,z"}, "it must be one of"),
        ({"data": "own"}, "Too few points: at least 4 are needed."),
        ({"data": "own", "points": "c!!!!"}, "These points cannot be read"),
        ({"epochs": "10000", "batch_size": "1"}, "Use larger batches or fewer epochs."),
    ],
)
def test_a_bad_address_is_reported_and_not_used(address, told):
    _preset, config, problems = read_address(address, PRESETS)
    assert told in "\n".join(problems)
    assert config in (PlaygroundConfig(), PlaygroundConfig(epochs=10_000))


def test_the_page_reports_a_bad_address_until_the_message_is_closed(open_view):
    app = open_view(view="cats", layers="7", data="own")
    app.run()
    warnings = ("There is no view “cats”", "it must be at most 6", "Too few points: at least 4 are needed.")
    assert all(warning in text(app) for warning in warnings)
    assert scene(app)
    button(app, "Close").click().run()
    assert not any(warning in text(app) for warning in warnings)
    assert scene(app)


def test_the_seed_study_counts_solved_runs(open_view, monkeypatch):
    monkeypatch.setattr(seed_study, "_N_SEEDS", 3)
    app = open_view(preset="xor_two", epochs="30", samples="40")
    button(app, "Compare seeds").click().run()
    assert not app.exception
    counted = {(point["name"], point["title"]): point["share"] for point in plotted_bars(app)}
    assert set(counted) == {("2", "2 units"), ("3", "3 units"), ("4", "4 units")}
    assert set(counted.values()) <= {0, 1 / 3, 2 / 3, 1}
    assert not [one for one in open_view(preset="circle").button if one.label == "Compare seeds"]


def test_the_seed_study_shows_its_progress_and_can_be_canceled(open_view, monkeypatch):
    def interrupted(_config, _seeds, watch):
        watch(0.5)
        st.stop()

    monkeypatch.setattr(seed_study, "run_seed_study", interrupted)
    app = open_view(preset="xor_two")
    button(app, "Compare seeds").click().run()
    (bar,) = app.get("progress")
    assert bar.proto.value == 50
    button(app, "Cancel").click().run()
    assert not app.get("progress")
    assert not app.exception


def plotted_bars(app: AppTest) -> list[dict]:
    (bars,) = (chart.proto for chart in app.get("vega_lite_chart") if '"solved"' in chart.proto.spec)
    return rows(bars)


TABS = {
    "Lesson": "A unit multiplies each of its inputs by a weight",
    "Code": "This script does not need this app",
    "Export": "**Link** to this page with these settings:",
}


def test_every_tab_opens(open_view):
    app = open_view()
    for tab, told in TABS.items():
        open_tab(app, "playground", tab)
        assert told in text(app)
        if tab == "Code":
            assert app.code[0].value == TOPIC.program(config(app)).strip()
            assert len(app.get("html")) == 3  # sources


def test_at_most_six_settings_are_open_besides_the_preset(open_view):
    app = open_view()
    opened = [
        widget.label
        for kind in (app.sidebar.select_slider, app.sidebar.slider, app.sidebar.selectbox, app.sidebar.pills)
        for widget in kind
    ]
    more = {element.label for element in (*app.expander[0].select_slider, *app.expander[0].selectbox)}
    assert {"Learning rate", "Epochs", "Activation", "L2 regularization", "Batch size"} <= set(opened) - more
    assert json.loads(component(app, "low").proto.json)["label"] == "Noise"
