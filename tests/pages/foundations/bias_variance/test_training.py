"""Runs of the view "Under- and overfitting", extreme settings, and bad input."""

import json

import numpy as np
import pytest

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from pages.components.run.address import read_address
from pages.foundations.bias_variance import conclusions
from tests.pages.foundations.bias_variance.helpers import EPOCHS, NETWORKS, errors, headline, slider
from tests.pages.helpers import (
    button,
    charts,
    open_tab,
    progress,
    rows,
    run_of,
    text,
    trained,
    widget,
)
from tests.waiting import wait_for


def test_start_fits_polynomials_with_the_settings(open_view, engine):
    app = open_view(points="200", noise="0.1")
    run = trained(app, engine)
    assert progress(app).startswith("Done · update 1 of 1")
    assert run.config == BiasVarianceConfig(points=200, noise=0.1)
    assert headline(app) == conclusions.headline(CapacityAnalysis.from_events(run.config, run.history()))
    assert "noise alone 0.01" in headline(app)


def test_start_trains_networks(open_view, engine):
    app = open_view(**NETWORKS)
    run = trained(app, engine)
    assert progress(app).startswith("Done · update 20 of 20")
    assert slider(app, "Width (hidden units)").options == ["1", "2", "3", "4"]
    assert len(charts(app)) == 5
    curve = [row for row in rows(app.get("vega_lite_chart")[EPOCHS].proto) if row["line"] == "training"]
    assert [row["epoch"] for row in curve] == list(range(1, 21))
    other = open_view(run=run.id)
    assert headline(other) == headline(app)


def test_before_the_first_update_nothing_is_claimed(open_view, engine):
    app = open_view(**NETWORKS)
    button(app, "Reset").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest)
    app.run()
    assert "**Nothing is learnt yet**" in text(app)
    assert "Validation chooses" not in text(app)
    assert len(charts(app)) == 5
    assert "NaN" not in json.dumps(charts(app))
    button(app, "Train").click().run()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert "Validation chooses" in text(app)


def test_an_earlier_run_stays_for_comparison(open_view, engine):
    app = open_view(noise="0.1")
    first = trained(app, engine)
    slider(app, "Noise level").set_value(0.2).run()
    trained(app, engine)
    earlier = CapacityAnalysis.from_events(first.config, first.history()).mean_errors[2]
    np.testing.assert_allclose(errors(app)["test, earlier run"], earlier, rtol=1e-5)
    widget(app, "bias_variance.field.model").set_value("network").run()
    for name, value in (("epochs", 10), ("data_sets", 2), ("largest_width", 3)):
        slider(app, {"epochs": "Epochs", "data_sets": "Data sets", "largest_width": "Largest width"}[name]).set_value(
            value
        ).run()
    trained(app, engine)
    assert "test, earlier run" not in errors(app)  # of polynomials


def test_a_rate_that_is_far_too_high_is_told_and_healed(open_view, engine):
    app = open_view(**NETWORKS | {"learning_rate": "10", "epochs": "100", "largest_width": "64"})
    trained(app, engine)
    assert "**The training has failed at width" in text(app)
    assert "The learning rate is 10" in text(app)
    button(app, "Learning rate ÷ 10, and start").click().run()
    assert app.session_state["bias_variance.settings"].config.learning_rate == 1


def test_hardly_any_training_is_told(open_view, engine):
    app = open_view(**NETWORKS | {"learning_rate": "1e-5"})
    trained(app, engine)
    assert "**Hardly trained**" in text(app)
    assert not [shown for shown in app.button if shown.label.startswith("Learning rate")]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"points": "1"}, "can pass through the one point"),
        ({"points": "8"}, "From degree 7 on a polynomial can pass through all 8 points"),
        ({"noise": "0"}, "all data sets are one: no variance"),
        ({"largest_degree": "0"}, "One size has nothing to be compared with"),
        ({"curve": "constant"}, "**Half a U: nothing underfits.** Validation chooses **degree 0**"),
        ({"curve": "constant", "noise": "0"}, "all data sets are one"),
        ({"places": "random", "data_sets": "3"}, "Validation chooses"),
        (NETWORKS | {"largest_width": "1"}, "One size has nothing to be compared with"),
        (NETWORKS | {"points": "1"}, "test error"),
        (NETWORKS | {"early_stopping": "true"}, "Validation has chosen the epoch, too"),
    ],
)
def test_extreme_settings_are_told_and_drawn_without_gaps(open_view, engine, address, told):
    app = open_view(**address)
    trained(app, engine)
    assert not app.exception
    assert told in text(app)
    assert "NaN" not in json.dumps(charts(app))
    assert "nan" not in text(app)
    for chart in app.get("vega_lite_chart"):
        if chart.proto.HasField("data"):
            assert all(value is not None for row in rows(chart.proto) for value in row.values())


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"points": "0"}, "“points = 0” cannot be used: it has to be at least 1"),
        ({"points": "1e9"}, "“points = 1e9” cannot be used"),
        ({"noise": "nan"}, "“noise = nan” cannot be used"),
        ({"curve": "best"}, "it has to be one of"),
        ({"data_sets": "1"}, "it has to be at least 2"),
        ({"preset": "best"}, "There is no preset “best”"),
        ({"learning_rate": "100"}, "it has to be at most 10"),
        ({"model": "network", "epochs": "20000", "points": "200", "data_sets": "100"}, "would take too long"),
    ],
)
def test_a_bad_address_is_told_and_not_used(address, told):
    _preset, config, problems = read_address(address, PRESETS)
    assert told in "\n".join(problems)
    assert config == BiasVarianceConfig() or "model" in address


def test_the_view_tells_a_bad_address_once_and_goes_on(open_view):
    app = open_view(run="0123456789abcdef", points="0", curve="best")
    shown = text(app)
    assert len(charts(app)) >= 4
    app.run()
    for told in ("There is no run “0123456789abcdef”", "it has to be at least 1", "it has to be one of"):
        assert told in shown
        assert told not in text(app)
    assert not app.exception


def test_the_settings_are_in_the_address_and_come_back(open_view):
    app = open_view()
    widget(app, "bias_variance.preset.widget").set_value("dropout").run()
    widget(app, "bias_variance.field.curve").set_value("step").run()
    assert dict(app.query_params) == {"view": "bias_variance", "preset": "dropout", "curve": "step"}
    other = open_view(**{name: value for name, value in app.query_params.items() if name != "view"})
    assert other.session_state["bias_variance.settings"].config == PRESETS["dropout"].changed(curve="step")


def test_choices_are_called_by_names(open_view):
    for address in ({}, {"preset": "networks"}):
        app = open_view(**address)
        options = [option for choice in [*app.button_group, *app.selectbox] for option in choice.options]
        assert len(options) > 15
        assert not [option for option in options if "_" in option]
        assert all(widget.label for widget in [*app.slider, *app.select_slider, *app.selectbox, *app.button_group])


@pytest.mark.parametrize(("preset", "code"), [("l2", "def fit("), ("networks", "class BatchedRegressors")])
def test_every_tab_opens(open_view, preset, code):
    app = open_view(preset=preset)
    assert "Underfitting and overfitting, made precise" in text(app)
    open_tab(app, "bias_variance", "As code")
    bodies = "".join(element.proto.body for element in app.get("html"))
    assert code.split()[1].rstrip("(") in bodies
    assert "decompose" in bodies
    open_tab(app, "bias_variance", "Take it away")
    assert "**Link** to this page with these settings:" in text(app)
