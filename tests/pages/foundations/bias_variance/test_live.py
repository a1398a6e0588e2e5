"""The view "Under- and overfitting": its recordings, its charts, and what its sliders do."""

import json
import time

import numpy as np
import pytest

from core.topics.bias_variance.config import PRESETS
from core.topics.bias_variance.data import Task, plot_grid
from pages.components.text import number
from pages.foundations.bias_variance import conclusions, labels
from tests.pages.foundations.bias_variance.helpers import (
    BAND,
    ERRORS,
    FITS,
    PARTS,
    errors,
    headline,
    last,
    layer,
    slider,
)
from tests.pages.helpers import (
    charts,
    progress,
    rows,
    text,
    widget,
)


def test_it_opens_at_once_on_the_u_of_the_polynomials(open_view):
    app = open_view()
    assert progress(app) == "Recording of “Polynomials” · update 1 of 1"
    assert headline(app).startswith("**A U.** Validation chooses **degree 5**: test error **0.116**")
    assert slider(app, "Degree").value == 5
    assert len(charts(app)) == 4
    first = [*app.select_slider, *app.slider, *app.selectbox]
    hidden = [*app.expander[0].select_slider, *app.expander[0].slider, *app.expander[0].selectbox]
    assert len(first) - len(hidden) == 5 + 2


REMEDIES = {
    "l2": ("test, without the penalty", "polynomials"),
    "more_data": ("test, with 20 points", "polynomials"),
    "dropout": ("test, without dropout", "overtrained"),
    "early_stopping": ("test, without early stopping", "overtrained"),
}
"""Preset -> its line of comparison, and the preset of the same training without what helps."""


def test_every_preset_opens_with_its_recording_and_its_story(open_view):
    app = open_view()
    for preset, config in PRESETS.items():
        if preset != "polynomials":
            widget(app, "bias_variance.preset.widget").set_value(preset).run()
        assert not app.exception
        analysis = last(preset)
        assert progress(app).startswith(f"Recording of “{labels.presets()[preset]}”")
        assert labels.descriptions()[preset] in text(app)
        assert headline(app) == conclusions.headline(analysis)
        assert len(charts(app)) == (5 if config.model == "network" else 4)
        assert (
            slider(app, "Degree" if config.model == "polynomial" else "Width (hidden units)").value
            == (analysis.capacities[analysis.best_index])
        )
        lines = errors(app)
        np.testing.assert_allclose(lines["test"], analysis.mean_errors[2], rtol=1e-5)
        ring = next(layer for layer in charts(app)[ERRORS]["layer"] if layer.get("mark", {}).get("size") == 190)
        assert ring["data"]["values"][0]["error"] == pytest.approx(analysis.mean_errors[1].min())
        assert "NaN" not in json.dumps(charts(app))
        assert not app.error
        assert not app.warning
        line, other = REMEDIES.get(preset, (None, None))
        assert set(lines) == {"training", "validation", "test"} | ({line} if line else set())
        if line:
            # What helps is compared with the same training without it
            np.testing.assert_allclose(lines[line], last(other).mean_errors[2], rtol=1e-3)
            assert f"(*{line}*: **{number(float(last(other).mean_errors[2, -1]))}**)" in text(app)
            assert max(lines["test"][-4:]) < max(lines[line][-4:])


def test_the_degree_shows_another_fit_and_trains_nothing(open_view):
    app = open_view()
    analysis = last("polynomials")
    slider(app, "Degree").set_value(15).run()
    assert slider(app, "Degree").value == 15
    assert "run" not in app.query_params
    assert progress(app).startswith("Recording")
    own = [row["y"] for row in layer(app, FITS, 2)]
    np.testing.assert_allclose(own, analysis.curves[15, 0].astype(float))
    assert {row["set"] for row in layer(app, FITS, 0)} == set(range(30))
    assert "**The fit of degree 15**" in text(app)
    assert ":blue[**variance**] 0.819" in text(app)
    assert layer(app, PARTS, 1) == [{"capacity": 15}]
    app.run()
    assert slider(app, "Degree").value == 15
    widget(app, "bias_variance.preset.widget").set_value("l2").run()
    assert slider(app, "Degree").value == last("l2").capacities[last("l2").best_index]


def test_the_charts_are_those_of_the_analysis(open_view):
    app, analysis = open_view(), last("polynomials")
    # The areas are stacked up to the sum
    areas: dict[str, list[dict]] = {}
    for row in rows(app.get("vega_lite_chart")[PARTS].proto):
        areas.setdefault(row["part"], []).append(row)
    assert list(areas) == ["noise", "bias²", "variance"]
    for lower, upper in (("noise", "bias²"), ("bias²", "variance")):
        assert [row["high"] for row in areas[lower]] == [row["low"] for row in areas[upper]]
    np.testing.assert_allclose(
        [row["high"] for row in areas["variance"]], analysis.noise_variance + analysis.decomposition.sum(0), rtol=1e-5
    )
    # Other points have another fit
    task = Task(PRESETS["polynomials"])
    for data_set in (1, 7):
        slider(app, "Points of data set").set_value(data_set).run()
        dots = [(row["x"], row["y"]) for row in layer(app, FITS, 3)]
        expected = np.stack([part[data_set - 1].numpy() for part in task.train], axis=1)
        np.testing.assert_allclose(dots, expected)
        own = [row["y"] for row in layer(app, FITS, 2)]
        np.testing.assert_allclose(own, analysis.curves[analysis.best_index, data_set - 1].astype(float))
    # The band is the spread, and its offset the bias
    slider(app, "Degree").set_value(1).run()
    fits = analysis.curves[1].astype(float)
    band, offset = layer(app, BAND, 0), layer(app, BAND, 1)
    np.testing.assert_allclose([row["low"] for row in band], fits.mean(0) - fits.std(0))
    np.testing.assert_allclose([row["high"] for row in band], fits.mean(0) + fits.std(0))
    np.testing.assert_allclose([row["low"] for row in offset], fits.mean(0))
    true_curve = np.sin(np.pi * plot_grid().numpy() / 2)
    np.testing.assert_allclose([row["high"] for row in offset], true_curve, atol=1e-6)


def test_while_it_trains_there_is_no_verdict(open_view, monkeypatch):
    app = open_view(preset="networks")
    assert "**No U.**" in text(app)
    app.session_state["bias_variance.playback.bias_variance-networks"] = time.monotonic() - 5e4
    app.run()
    assert "**So far** width" in text(app)
    assert "No U" not in text(app)
