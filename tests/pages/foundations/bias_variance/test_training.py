"""Runs of the view "Under- and overfitting", extreme settings, and bad input."""

import json

import numpy as np
import pytest

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from pages.components.run.address import read_address
from pages.foundations.bias_variance import conclusions, solution
from tests.pages.foundations.bias_variance.helpers import NETWORKS, errors, slider, verdict
from tests.pages.foundations.plots import plots
from tests.pages.helpers import (
    button,
    charts,
    line_charts,
    open_tab,
    progress,
    rows,
    run_of,
    text,
    trained,
    widget,
)
from tests.waiting import wait_for


def test_polynomials_are_solved_with_the_settings(open_view):
    app = open_view(points="200", noise="0.1")
    analysis = solution.solve(BiasVarianceConfig(points=200, noise=0.1))
    assert verdict(app) == conclusions.verdict(analysis)
    assert "(noise variance: 0.01)" in verdict(app)


def test_polynomials_stop_a_run_of_networks(open_view, engine):
    app = open_view(**NETWORKS | {"epochs": "20000"})
    button(app, "Train").click().run()
    run = run_of(app, engine)
    widget(app, "bias_variance.field.model").set_value("polynomial").run()
    assert not app.exception
    assert "run" not in app.query_params
    wait_for(lambda: run.status.state.final)
    assert plots(app)["run"] is None
    widget(app, "bias_variance.field.model").set_value("network").run()
    assert "Recording of" in progress(app)
    assert not app.exception


def test_start_trains_networks(open_view, engine):
    app = open_view(**NETWORKS)
    run = trained(app, engine)
    assert progress(app).startswith("Done · 20 updates")
    assert plots(app)["allowed"]["capacity"] == [1, 2, 3, 4]
    assert len(charts(app)) == 2
    (chart,) = line_charts(app)
    assert chart["run"] == plots(app)["run"] == run.id
    other = open_view(run=run.id, **NETWORKS)
    assert verdict(other) == verdict(app)


def test_before_the_first_update_there_is_no_verdict(open_view, engine):
    app = open_view(**NETWORKS)
    button(app, "Reset").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest)
    app.run()
    assert verdict(app).startswith("Not trained yet")
    assert not plots(app)["frames"][-1]["underfits"]
    assert "NaN" not in json.dumps(charts(app)) + json.dumps(plots(app))
    button(app, "Train").click().run()
    wait_for(lambda: run.status.state.final)
    app.run()
    assert verdict(app).startswith("Best: width")


def test_the_previous_run_stays_for_comparison(open_view, engine):
    app = open_view(**NETWORKS)
    first = trained(app, engine)
    slider(app, "Noise level").set_value(0.2).run()
    trained(app, engine)
    before = CapacityAnalysis.from_events(first.config, first.history()).mean_errors[2]
    np.testing.assert_allclose(errors(app)["test, previous run"], before, rtol=1e-3)
    slider(app, "Largest width").set_value(3).run()
    trained(app, engine)
    assert "test, previous run" not in errors(app)  # it has other widths


def test_a_learning_rate_that_is_far_too_high_is_reported_and_can_be_reduced(open_view, engine):
    app = open_view(**NETWORKS | {"learning_rate": "10", "epochs": "100", "largest_width": "64"})
    trained(app, engine)
    assert "**Training failed at width" in text(app)
    assert "A learning rate of 10 is too high" in text(app)
    button(app, "Train with learning rate ÷ 10").click().run()
    assert app.session_state["bias_variance.settings"].config.learning_rate == 1


def test_too_little_training_is_reported(open_view, engine):
    app = open_view(**NETWORKS | {"learning_rate": "1e-5"})
    trained(app, engine)
    assert "**Barely trained**" in text(app)
    assert not [shown for shown in app.button if shown.label.startswith("Learning rate")]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"points": "1"}, "can pass through a single point"),
        ({"points": "8"}, "From degree 7 on, a polynomial can pass through all 8 points"),
        ({"noise": "0"}, "all training sets are identical: the variance is 0"),
        ({"largest_degree": "0"}, "Best: "),
        ({"curve": "constant"}, "Best: degree 0"),
        ({"curve": "constant", "noise": "0"}, "all training sets are identical"),
        ({"places": "random", "data_sets": "3"}, "Best: degree"),
        (NETWORKS | {"largest_width": "1"}, "Best: "),
        (NETWORKS | {"points": "1"}, "test error"),
        (NETWORKS | {"early_stopping": "true"}, "The validation points were also used for early stopping"),
    ],
)
def test_extreme_settings_are_explained_and_drawn_without_gaps(open_view, engine, address, told):
    app = open_view(**address)
    if address.get("model") == "network":
        trained(app, engine)
    assert not app.exception
    assert told in f"{text(app)} {verdict(app)}"
    assert "NaN" not in json.dumps(charts(app)) + json.dumps(plots(app))
    assert "nan" not in text(app)
    for chart in app.get("vega_lite_chart"):
        if chart.proto.HasField("data"):
            assert all(value is not None for row in rows(chart.proto) for value in row.values())


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"points": "0"}, "“points = 0” cannot be used: it must be at least 1"),
        ({"points": "1e9"}, "“points = 1e9” cannot be used"),
        ({"noise": "nan"}, "“noise = nan” cannot be used"),
        ({"curve": "best"}, "it must be one of"),
        ({"data_sets": "1"}, "it must be at least 2"),
        ({"preset": "best"}, "There is no preset “best”"),
        ({"learning_rate": "100"}, "it must be at most 10"),
        ({"model": "network", "epochs": "20000", "points": "200", "data_sets": "100"}, "would take too long"),
    ],
)
def test_invalid_values_in_the_address_are_reported_and_ignored(address, told):
    _preset, config, problems = read_address(address, PRESETS)
    assert told in "\n".join(problems)
    assert config == BiasVarianceConfig() or "model" in address


def test_the_view_reports_an_invalid_address_once(open_view):
    app = open_view(run="0123456789abcdef", points="0", curve="best")
    shown = text(app)
    assert len(charts(app)) == 2
    button(app, "Close").click().run()
    for told in ("There is no run “0123456789abcdef”", "it must be at least 1", "it must be one of"):
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


def test_choices_have_labels(open_view):
    for address in ({}, {"preset": "networks"}):
        app = open_view(**address)
        options = [option for choice in [*app.button_group, *app.selectbox] for option in choice.options]
        assert len(options) > 15
        assert not [option for option in options if "_" in option]
        assert all(widget.label for widget in [*app.slider, *app.select_slider, *app.selectbox, *app.button_group])


@pytest.mark.parametrize(("preset", "code"), [("l2", "def fit("), ("networks", "class BatchedRegressors")])
def test_every_tab_opens(open_view, preset, code):
    app = open_view(preset=preset)
    assert "Underfitting and overfitting: definitions" in text(app)
    open_tab(app, "bias_variance", "Code")
    bodies = "".join(element.proto.body for element in app.get("html"))
    assert code.split()[1].rstrip("(") in bodies
    assert "decompose" in bodies
    open_tab(app, "bias_variance", "Export")
    assert "**Link** to this page with these settings:" in text(app)
