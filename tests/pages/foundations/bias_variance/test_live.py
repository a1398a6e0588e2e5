"""The view "Under- and overfitting": polynomials, recordings of networks, plots and sliders."""

import json

import numpy as np
import pytest

from core.topics.bias_variance.config import PRESETS
from core.topics.bias_variance.data import Task, plot_grid
from pages.components.text import number
from pages.foundations.bias_variance import conclusions, labels, solution
from tests.pages.foundations.bias_variance.helpers import (
    BAND,
    PARTS,
    capacity,
    errors,
    fits,
    last,
    layer,
    verdict,
)
from tests.pages.foundations.plots import data_of, plots, slide
from tests.pages.helpers import charts, line_charts, progress, rows, text, widget


def test_it_opens_at_once_on_the_u_of_the_polynomials(open_view):
    app = open_view()
    assert verdict(app) == (
        "Best: degree 5, test error 0.117 (noise variance: 0.09). Underfits: degree 0 (0.602). "
        "Overfits: degree 15 (0.85)."
    )
    assert capacity(app) == 5
    assert plots(app)["frames"][-1]["titles"][5] == "Degree 5: lowest validation error"
    assert len(charts(app)) == 2
    first = [*app.select_slider, *app.slider, *app.selectbox]
    hidden = [*app.expander[0].select_slider, *app.expander[0].slider, *app.expander[0].selectbox]
    assert len(first) - len(hidden) + len(data_of(app, "shared_sliders")["sliders"]) == 6


def test_polynomials_have_no_run(open_view):
    app = open_view()
    assert "Train" not in [button.label for button in app.button]
    assert "scrubber" not in [drawn.proto.component_name for drawn in app.get("bidi_component")]
    assert plots(app)["run"] is None
    assert len(plots(app)["frames"]) == 1
    assert "run" not in app.query_params


@pytest.mark.parametrize("model", ["polynomial", "network"])
def test_the_capacity_on_the_screen_is_in_the_address(open_view, model):
    app = open_view(model=model)
    best = capacity(app)
    other = data_of(app, "shared_sliders")["sliders"][0]["values"][2]
    slide(app, capacity=other).run()
    assert app.query_params["capacity"] == str(other)
    assert capacity(open_view(model=model, capacity=str(other))) == other
    slide(app, capacity=best).run()
    assert "capacity" not in app.query_params


REMEDIES = {
    "l2": ("test, without the penalty", "polynomials"),
    "more_data": ("test, with 20 training points", "polynomials"),
    "dropout": ("test, without dropout", "overtrained"),
    "early_stopping": ("test, without early stopping", "overtrained"),
}
"""Preset -> its baseline, and the preset of the same training without the remedy."""


def test_every_preset_opens_with_its_recording_and_its_description(open_view):
    app = open_view()
    for preset, config in PRESETS.items():
        if preset != "polynomials":
            widget(app, "bias_variance.preset.widget").set_value(preset).run()
        assert not app.exception
        analysis = last(preset)
        if config.model == "network":
            assert progress(app).startswith(f"Recording of “{labels.presets()[preset]}”")
        assert labels.descriptions()[preset] in text(app)
        assert verdict(app) == conclusions.verdict(analysis)
        assert len(charts(app)) == 2
        assert len(line_charts(app)) == (config.model == "network")
        assert capacity(app) == analysis.capacities[analysis.best_index]
        lines = errors(app)
        np.testing.assert_allclose(lines["test"], analysis.mean_errors[2], rtol=1e-3)
        assert plots(app)["frames"][-1]["best"] == analysis.best_index
        assert "NaN" not in json.dumps(charts(app)) + json.dumps(plots(app))
        assert not app.error
        assert not app.warning
        line, other = REMEDIES.get(preset, (None, None))
        assert set(lines) == {"training", "validation", "test"} | ({line} if line else set())
        if line:
            # A remedy is compared with the same training without it
            np.testing.assert_allclose(lines[line], last(other).mean_errors[2], rtol=1e-3)
            assert f"(*{line}*: **{number(float(last(other).mean_errors[2, -1]))}**)" in text(app)
            assert max(lines["test"][-4:]) < max(lines[line][-4:])


def test_the_degree_shows_another_fit_and_trains_nothing(open_view):
    app = open_view()
    slide(app, capacity=15)
    assert capacity(app) == 15
    assert "run" not in app.query_params
    frame = plots(app)["frames"][-1]
    assert frame["titles"][15] == "Degree 15 overfits"
    assert frame["titles"][1] == "Degree 1 underfits"
    assert frame["titles"][6] == "Degree 6: almost as good as the best"
    assert ":blue[**variance**] 0.747" in text(app)
    assert layer(app, PARTS, 1) == [{"capacity": 15}]
    app.run()
    assert capacity(app) == 15
    # The chosen degree stays while settings change, so that two fits of it can be compared
    widget(app, "bias_variance.field.noise").set_value(0.2).run()
    widget(app, "bias_variance.preset.widget").set_value("l2").run()
    assert capacity(app) == 15
    assert fits(app).shape == (16, 30, 81)
    curves = solution.solve(PRESETS["l2"]).curves.astype(float)
    np.testing.assert_allclose(fits(app), np.clip(curves, -32, 32), atol=0.0006)
    # Networks have other capacities
    widget(app, "bias_variance.preset.widget").set_value("networks").run()
    assert capacity(app) == last("networks").capacities[last("networks").best_index]


def test_a_setting_solves_the_polynomials_at_once(open_view):
    app = open_view()
    widget(app, "bias_variance.field.noise").set_value(0.0).run()
    assert "(noise variance: 0)" in verdict(app)
    assert "all training sets are identical: the variance is 0" in text(app)
    assert np.abs(fits(app) - fits(app)[:, :1]).max() == 0


def test_the_plots_are_those_of_the_analysis(open_view):
    app, analysis = open_view(), solution.solve(PRESETS["polynomials"])
    # The areas are stacked up to the sum
    areas: dict[str, list[dict]] = {}
    for row in rows(app.get("vega_lite_chart")[PARTS].proto):
        areas.setdefault(row["part"], []).append(row)
    assert list(areas) == ["noise", "bias", "variance"]
    for lower, upper in (("noise", "bias"), ("bias", "variance")):
        assert [row["high"] for row in areas[lower]] == [row["low"] for row in areas[upper]]
    np.testing.assert_allclose(
        [row["high"] for row in areas["variance"]], analysis.noise_variance + analysis.decomposition.sum(0), rtol=1e-5
    )
    # Every dataset has its points and its fit
    task, drawn = Task(PRESETS["polynomials"]), plots(app)
    for data_set in (0, 6):
        expected = np.stack([part[data_set].numpy() for part in task.train], axis=1)
        np.testing.assert_allclose(drawn["points"][data_set], expected, atol=1e-4)
    np.testing.assert_allclose(fits(app), np.clip(analysis.curves.astype(float), -32, 32), atol=0.0006)
    np.testing.assert_allclose(drawn["grid"], plot_grid(), rtol=1e-3)
    # The band is the standard deviation, and the distance to the true curve is the bias
    slide(app, capacity=1)
    of_degree = analysis.curves[1].astype(float)
    band, offset = layer(app, BAND, 0), layer(app, BAND, 1)
    np.testing.assert_allclose([row["low"] for row in band], of_degree.mean(0) - of_degree.std(0))
    np.testing.assert_allclose([row["high"] for row in band], of_degree.mean(0) + of_degree.std(0))
    np.testing.assert_allclose([row["low"] for row in offset], of_degree.mean(0))
    true_curve = np.sin(np.pi * plot_grid().numpy() / 2)
    np.testing.assert_allclose([row["high"] for row in offset], true_curve, atol=1e-6)


def test_a_recording_has_its_earlier_fits_for_the_playhead(open_view):
    app = open_view(preset="networks")
    drawn = plots(app)
    steps = [frame["step"] for frame in drawn["frames"]]
    assert drawn["run"] == line_charts(app)[0]["run"]
    assert steps[0] == 0
    assert steps[-1] == 500
    assert len(steps) > 5
    assert drawn["frames"][0]["verdict"].startswith("Not trained yet")
    assert drawn["frames"][3]["verdict"].startswith("So far, width")
    assert drawn["frames"][3]["titles"][0] == f"Width 1 at update {steps[3]}"
    assert "Best: width" in drawn["frames"][-1]["verdict"]
    assert fits(app, 0).shape == (12, 30, 41)
    axis = drawn["error_axes"]["y"]
    finite = [error for frame in drawn["frames"] for line in frame["errors"] for error in line]
    assert axis["low"] <= min(finite)
    assert max(finite) <= axis["high"]


@pytest.mark.parametrize("address", [{"data_sets": "100"}, {"data_sets": "100", "model": "network", "epochs": "1"}])
def test_the_browser_gets_at_most_thirty_data_sets(open_view, address):
    drawn = plots(open_view(**address))
    assert len(drawn["points"]) == 30
    assert drawn["allowed"]["data_set"] == list(range(1, 31))


def test_networks_with_the_settings_of_a_preset_of_polynomials_begin_with_the_recording_of_networks(open_view):
    app = open_view(model="network")
    assert "Recording of “Networks” · 500 updates" in progress(app)
    assert plots(app)["allowed"]["capacity"] == list(PRESETS["networks"].capacities)
