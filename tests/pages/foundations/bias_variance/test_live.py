"""The view "Under- and overfitting" of the page "Foundations": what it shows, what its sliders do, and bad input."""

import json
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import Task, plot_grid
from core.training.progress import Progress
from pages.components.run import run_view
from pages.components.server import recording
from pages.components.text import number
from pages.foundations.bias_variance import conclusions, labels
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

NETWORKS = {"model": "network", "epochs": "20", "data_sets": "2", "largest_width": "4"}
ERRORS, FITS, PARTS, BAND, EPOCHS = range(5)


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "foundations", view="bias_variance")


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Recordings have played as soon as they are opened, and no run is measured beforehand."""
    monkeypatch.setattr(run_view, "PLAYBACK", 1e-9)
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.01))


def headline(app: AppTest) -> str:
    return next(element.value for element in app.markdown if "Validation chooses" in element.value)


def slider(app: AppTest, label: str):
    return next(slider for slider in [*app.select_slider, *app.slider] if slider.label == label)


def layer(app: AppTest, chart: int, number: int) -> list[dict]:
    """The numbers of one layer of a chart: its own, or those of the chart."""
    if data := charts(app)[chart]["layer"][number].get("data"):
        return data["values"]
    return rows(app.get("vega_lite_chart")[chart].proto)


def errors(app: AppTest) -> dict[str, list[float]]:
    """The lines of the first chart."""
    lines: dict[str, list[float]] = {}
    for row in rows(app.get("vega_lite_chart")[ERRORS].proto):
        lines.setdefault(row["line"], []).append(row["error"])
    return lines


def last(preset: str) -> CapacityAnalysis:
    run = recording(f"bias_variance-{preset}")
    return CapacityAnalysis.from_events(run.config, run.history())


def test_it_opens_at_once_on_the_u_of_the_polynomials(open_view):
    app = open_view()
    assert progress(app) == "Recording of “Polynomials” · update 1 of 1"
    assert headline(app).startswith("**A U.** Validation chooses **degree 5**: test error **0.116**")
    assert slider(app, "Degree").value == 5
    assert len(charts(app)) == 4
    first = [*app.select_slider, *app.slider, *app.selectbox]
    hidden = [*app.expander[0].select_slider, *app.expander[0].slider, *app.expander[0].selectbox]
    assert len(first) - len(hidden) == 5 + 2


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_recording_and_its_story(open_view, preset):
    app = open_view()
    if preset != "polynomials":
        widget(app, "bias_variance.preset.widget").set_value(preset).run()
    assert not app.exception
    config, found = PRESETS[preset], last(preset)
    assert progress(app).startswith(f"Recording of “{labels.presets()[preset]}”")
    assert labels.descriptions()[preset] in text(app)
    assert headline(app) == conclusions.headline(found)
    assert len(charts(app)) == (5 if config.model == "network" else 4)
    assert (
        slider(app, "Degree" if config.model == "polynomial" else "Width (hidden units)").value
        == (found.capacities[found.best_index])
    )
    np.testing.assert_allclose(errors(app)["test"], found.mean_errors[2], rtol=1e-5)
    ring = next(layer for layer in charts(app)[ERRORS]["layer"] if layer.get("mark", {}).get("size") == 190)
    assert ring["data"]["values"][0]["error"] == pytest.approx(found.mean_errors[1].min())
    assert "NaN" not in json.dumps(charts(app))
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize(
    ("preset", "line", "of"),
    [
        ("l2", "test, without the penalty", "polynomials"),
        ("more_data", "test, with 20 points", "polynomials"),
        ("dropout", "test, without dropout", "overtrained"),
        ("early_stopping", "test, without early stopping", "overtrained"),
    ],
)
def test_what_helps_is_compared_with_the_same_training_without_it(open_view, preset, line, of):
    app = open_view(preset=preset)
    lines = errors(app)
    np.testing.assert_allclose(lines[line], last(of).mean_errors[2], rtol=1e-3)
    told = f"(*{line}*: **{number(float(last(of).mean_errors[2, -1]))}**)"
    assert told in text(app)
    assert max(lines["test"][-4:]) < max(lines[line][-4:])


def test_without_a_remedy_there_is_nothing_to_compare_with(open_view):
    for preset in ("polynomials", "networks", "underfit"):
        assert set(errors(open_view(preset=preset))) == {"training", "validation", "test"}


def test_the_degree_shows_another_fit_and_trains_nothing(open_view):
    app = open_view()
    found = last("polynomials")
    slider(app, "Degree").set_value(15).run()
    assert slider(app, "Degree").value == 15
    assert "run" not in app.query_params
    assert progress(app).startswith("Recording")
    own = [row["y"] for row in layer(app, FITS, 2)]
    np.testing.assert_allclose(own, found.curves[15, 0].astype(float))
    assert {row["set"] for row in layer(app, FITS, 0)} == set(range(30))
    assert "**The fit of degree 15**" in text(app)
    assert ":blue[**variance**] 0.819" in text(app)
    assert layer(app, PARTS, 1) == [{"capacity": 15}]
    app.run()
    assert slider(app, "Degree").value == 15
    widget(app, "bias_variance.preset.widget").set_value("l2").run()
    assert slider(app, "Degree").value == last("l2").capacities[last("l2").best_index]


def test_the_band_is_the_spread_and_its_offset_the_bias(open_view):
    app = open_view()
    slider(app, "Degree").set_value(1).run()
    fits = last("polynomials").curves[1].astype(float)
    band, offset = layer(app, BAND, 0), layer(app, BAND, 1)
    np.testing.assert_allclose([row["low"] for row in band], fits.mean(0) - fits.std(0))
    np.testing.assert_allclose([row["high"] for row in band], fits.mean(0) + fits.std(0))
    np.testing.assert_allclose([row["low"] for row in offset], fits.mean(0))
    true_curve = np.sin(np.pi * plot_grid().numpy() / 2)
    np.testing.assert_allclose([row["high"] for row in offset], true_curve, atol=1e-6)


def test_the_areas_are_stacked_up_to_the_sum(open_view):
    app = open_view()
    found = last("polynomials")
    areas: dict[str, list[dict]] = {}
    for row in rows(app.get("vega_lite_chart")[PARTS].proto):
        areas.setdefault(row["part"], []).append(row)
    assert list(areas) == ["noise", "bias²", "variance"]
    for lower, upper in (("noise", "bias²"), ("bias²", "variance")):
        assert [row["high"] for row in areas[lower]] == [row["low"] for row in areas[upper]]
    np.testing.assert_allclose(
        [row["high"] for row in areas["variance"]], found.noise_variance + found.decomposition.sum(0), rtol=1e-5
    )


def test_other_points_have_another_fit(open_view):
    app = open_view()
    task, found = Task(PRESETS["polynomials"]), last("polynomials")
    for place in (1, 7):
        slider(app, "Points of data set").set_value(place).run()
        dots = [(row["x"], row["y"]) for row in layer(app, FITS, 3)]
        expected = np.stack([part[place - 1].numpy() for part in task.train], axis=1)
        np.testing.assert_allclose(dots, expected)
        own = [row["y"] for row in layer(app, FITS, 2)]
        np.testing.assert_allclose(own, found.curves[found.best_index, place - 1].astype(float))


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
    button(app, "Resume").click().run()
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
        ({"run": "0123456789abcdef"}, "There is no run “0123456789abcdef”"),
    ],
)
def test_a_bad_address_is_told_and_the_view_goes_on(open_view, address, told):
    app = open_view(**address)
    assert told in text(app)
    assert len(charts(app)) >= 4
    app.run()
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


def put(test: list[float], *, points: int = 20) -> tuple[str, str]:
    """How a run with these test errors is put: its headline and its remarks."""
    config = BiasVarianceConfig(data_sets=20, largest_degree=len(test) - 1, points=points)
    means = np.array([np.linspace(1, 0.1, len(test)), test, test])
    arrays = {"now": means, "errors": means[:, :, None] + np.linspace(-0.01, 0.01, 20)}
    arrays |= {"parts": means[:2], "curves": np.zeros((len(test), 20, 3))}
    found = CapacityAnalysis.from_events(config, [Progress(0, 1, {"flat": 2.0}, arrays)])
    return conclusions.headline(found), " ".join(conclusions.remarks(found))


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ([1, 0.2, 0.5], "**A U.** Validation chooses **degree 1**: test error **0.2**, noise alone 0.09."),
        ([1, 0.2, 0.21], "**No U.** Validation chooses **degree 1**"),
        ([1, 0.2, 0.5, 0.21], "Largest: degree 3 (0.21)"),
        ([1, 0.5, 0.2], "**Half a U: the largest is best.**"),
        ([0.2, 0.21, 0.5], "**Half a U: nothing underfits.** Validation chooses **degree 0**"),
        ([0.2, 0.201, 0.202], "**No U: size makes little difference here.**"),
        ([0.2], "**degree 0**: test error **0.2**"),
    ],
)
def test_the_headline_says_what_was_found(test, told):
    said, _remarks = put(test)
    assert told in said
    assert ("From degree 1 up to degree 2" in said) is (test == [1, 0.2, 0.21])


def test_the_remarks_say_only_what_is_so():
    assert "In all of them the test error of degree 2 is the higher one." in put([1, 0.2, 0.5])[1]
    assert "Each alone would choose degree 1, too." in put([1, 0.2, 0.21])[1]
    assert "The error rises up to degree 2 and falls again" in put([1, 0.2, 1.0, 0.5])[1]
    assert "pass through" not in put([1, 0.2, 0.5])[1]
    assert "From degree 2 on a polynomial can pass through all 3 points" in put([1, 0.2, 0.5], points=3)[1]


def test_while_it_trains_there_is_no_verdict(open_view, monkeypatch):
    app = open_view(preset="networks")
    assert "**No U.**" in text(app)
    monkeypatch.setattr(run_view, "PLAYBACK", 1e5)
    app.session_state["bias_variance.playback.bias_variance-networks"] = time.monotonic() - 5e4
    app.run()
    assert "**So far** width" in text(app)
    assert "No U" not in text(app)
