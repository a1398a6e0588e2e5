"""The page "Transfer learning" as a server draws it: the ladder, a run in four ways, and what was transferred."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.transfer_learning.analysis import begun, learnt, moved
from core.topics.transfer_learning.config import PAIRS, PRESETS, WAYS
from core.topics.transfer_learning.label_efficiency.config import RUNGS
from pages.components.run import run_view
from pages.components.server import recording
from pages.transfer_learning import labels, pairs
from pages.transfer_learning.label_efficiency import of_pair
from tests.pages import helpers
from tests.pages.helpers import (
    charts,
    lines_of,
    points_of,
    progress,
    rows,
    text,
    trained,
    widget,
)

SHORT = {"labels": "2", "epochs": "2", "seeds": "2"}


@pytest.fixture
def open_it(open_page, monkeypatch) -> Callable[..., AppTest]:
    """Opens the page, its recording played to the end."""
    monkeypatch.setattr(run_view, "PLAYBACK", 1e-9)
    monkeypatch.setattr("core.topics.transfer_learning.estimate._measure", lambda config: (0.001, 0.0001))

    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = open_page("transfer_learning", **address)
        return helpers.open_tab(app, "transfer", tab) if tab else app

    return open_it


def line(app: AppTest, y: str, way: str) -> list[tuple[float, float]]:
    """The points of a way in the first chart whose vertical axis has that name."""
    return [(point["x"], point["y"]) for point in points_of(app, y) if point["line"] == labels.ways()[way]]


# ---- The ladder


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_ladder_and_its_recording(open_it, preset):
    app = open_it(preset=preset)
    assert not app.exception
    assert f"Recording of “{labels.presets()[preset]}”" in progress(app)
    climbed = of_pair(preset)
    for way in WAYS:
        rung = way
        expected = [(count, climbed.accuracies(rung, count).mean()) for count in climbed.counts]
        np.testing.assert_allclose(line(app, "right answers", way), expected)


def test_the_ladder_says_how_many_labels_are_saved(open_it):
    climbed = of_pair("other_digits")
    app = open_it()
    widget(app, "transfer_learning.field.labels").set_value(10).run()
    assert climbed.gains("frozen", 10).min() > 0
    reached = max(climbed.at("frozen", 10), climbed.at("fine_tuned", 10))
    needed = climbed.labels_for("scratch", reached)
    assert f"{100 * (reached - climbed.at('scratch', 10)):+.1f} points" in text(app)
    assert f"{climbed.at('frozen', 10):.1%} frozen, {climbed.at('fine_tuned', 10):.1%} fine-tuned" in text(app)
    assert f"takes about **{needed:.0f}**: {1 - 10 / needed:.0%} of the labels are saved" in text(app)


def test_what_may_be_luck_is_not_called_a_gain(open_it):
    climbed = of_pair("shuffled_to_digits")
    found = set()
    for count in (1, 5, 10, 20):
        app = open_it(preset="shuffled_to_digits", labels=str(count))
        best = max(("frozen", "fine_tuned"), key=lambda rung, count=count: climbed.at(rung, count))
        gains = 100 * climbed.gains(best, count)
        agree = gains.min() > 0 or gains.max() < 0
        assert ("No clear difference" in text(app)) is not agree
        assert f"{gains.min():+.1f} to {gains.max():+.1f}" in text(app)
        assert agree or "labels are saved" not in text(app)
        found.add(agree)
    assert False in found


def test_the_cut_is_a_slider(open_it):
    app, climbed = open_it(preset="digits_to_fashion"), of_pair("digits_to_fashion")
    widget(app, "transfer_learning.field.kept").set_value(3).run()
    drawn = dict(line(app, "right answers", "frozen"))
    assert drawn[10] == pytest.approx(climbed.accuracies("frozen_hidden", 10).mean())
    drawn = dict(line(app, "right answers", "fine_tuned"))
    assert drawn[10] == pytest.approx(climbed.accuracies("fine_tuned_hidden", 10).mean())
    assert "the convolutions and the hidden layer" in text(app)
    drawn = dict(line(app, "right answers", "random"))
    assert drawn[10] == pytest.approx(climbed.accuracies("random_hidden", 10).mean())


def test_more_labels_than_were_tried_are_judged_by_the_most_that_were(open_it):
    app = open_it(labels="500")
    assert "With **200** labels per class" in text(app)


# ---- A run


def test_a_run_is_drawn_and_put_beside_the_ladder(open_it, engine):
    app = open_it(**SHORT)
    run = trained(app, engine)
    for way in WAYS:
        values = [run.metrics[f"accuracy/{way}/{number}"] for number in range(2)]
        told = f"{labels.ways()[way]} {np.mean(values):.1%} ({min(values):.1%} to {max(values):.1%})"
        assert told in text(app)
    (ladder, *_others) = charts(app)
    (dots,) = (layer for layer in ladder["layer"] if layer["mark"].get("strokeWidth") == 2.5)
    assert dots["mark"]["filled"] is False
    assert "Circles: the run below" in text(app)
    assert lines_of(charts(app)[1]) == list(labels.ways().values())


def test_a_run_of_another_pair_is_not_beside_the_ladder(open_it):
    app = open_it()
    assert "Circles" in text(app)
    widget(app, "transfer_learning.field.pair").set_value("rotated_to_digits").run()
    assert "Circles" not in text(app)
    assert "The settings have changed" in progress(app)


@pytest.mark.parametrize(("name", "value"), [("noise", 0.5), ("kept", 3), ("shifts", 2)])
def test_a_run_that_did_something_else_is_not_beside_the_ladder(open_it, engine, name, value):
    app = open_it(**SHORT, **{name: str(value)})
    trained(app, engine)
    assert "Circles" not in text(app) or name == "kept"  # whose curves follow the settings
    widget(app, "transfer_learning.field.kept").set_value(2).run()
    assert "Circles" not in text(app)


def test_one_seed_gives_no_verdict(open_it, engine):
    app = open_it(**SHORT | {"seeds": "1"})
    run = trained(app, engine)
    assert "whether it was luck" in text(app)
    assert f"from scratch {run.metrics['accuracy/scratch/0']:.1%}, " in text(app)


def test_there_are_not_more_labels_than_pictures(open_it):
    app = open_it(labels="200")
    widget(app, "transfer_learning.field.pair").set_value("other_writers").run()
    assert not app.exception
    assert widget(app, "transfer_learning.field.labels").value == 98
    assert "from 98 of each" in text(app)


def test_a_run_that_diverges_says_which_ways_have(open_it, engine, monkeypatch):
    app = open_it(**SHORT)
    run = trained(app, engine)
    for event in run.events[1:]:
        object.__setattr__(event, "metrics", dict(event.metrics) | {"loss/scratch": None})
    app.run()
    assert "**Diverged** (from scratch)" in text(app)
    assert any(button.label == "Learning rate ÷ 10, and start" for button in app.button)


@pytest.mark.parametrize(("name", "value"), [("labels", "0"), ("kept", "4"), ("pair", "cats"), ("noise", "nan")])
def test_a_bad_address_is_told_and_not_used(open_it, name, value):
    app = open_it(**{name: value})
    assert not app.exception
    assert f"{name} = {value}" in " ".join(warning.value for warning in app.warning)


# ---- The tabs


@pytest.mark.parametrize("rung", [rung for rung in RUNGS if rung != "scratch"])
def test_the_pairs_are_judged_by_their_ladders(open_it, rung):
    app = open_it("When it helps, when it harms")
    widget(app, "transfer_learning.pairs.way").set_value(rung).run()
    cells = {(cell["row"], int(cell["column"])): cell for cell in rows(app.get("vega_lite_chart")[-1].proto)}
    for pair, title in labels.pairs().items():
        climbed = of_pair(pair)
        for count in climbed.counts:
            gain = climbed.accuracies(rung, count).mean() - climbed.accuracies("scratch", count).mean()
            assert float(cells[title, count]["tooltip"]) == pytest.approx(100 * gain, abs=0.006)
            assert cells[title, count]["ringed"] == climbed.harms(rung, count)
    harmed = {title for (title, _count), cell in cells.items() if cell["ringed"]}
    assert ("negative transfer" in text(app)) is bool(harmed) or "Nowhere" in text(app)
    assert all(f"{title} with" in text(app) for title in harmed)


def test_all_figures_stand_in_a_table(open_it):
    written = pairs.table()
    for pair in PAIRS:
        climbed = of_pair(pair)
        of = 100 * climbed.accuracies("frozen", 5)
        assert f"| {labels.pairs()[pair]} | 5 |" in written
        assert f"{of.mean():.1f} ± {of.std(ddof=1):.1f}" in written


def test_what_was_transferred_is_computed_from_the_weights_of_the_run(open_it):
    app = open_it("What was transferred")
    run = recording("transfer_learning-other_digits")
    of_charts = {element.proto.spec: element for element in app.get("vega_lite_chart")}
    (bars,) = (element for spec, element in of_charts.items() if "xOffset" in spec)
    found = {(row["group"], row["name"]): row["value"] for row in rows(bars.proto)}
    for way in ("fine_tuned", "scratch"):
        lengths = moved(begun(run.config, way), learnt(run.config, way, run.result.weights))
        assert found["head", labels.ways()[way]] == pytest.approx(lengths["head"])
        assert found["first convolution", labels.ways()[way]] == pytest.approx(lengths["conv1"])
    planes = [spec for spec in of_charts if '"image"' in spec]
    assert len(planes) == 4
    assert all('"shape"' in spec for spec in planes)


@pytest.mark.parametrize("tab", ["Lesson", "The code", "Take it away"])
def test_the_other_tabs(open_it, tab):
    assert {"Lesson": "control", "The code": "", "Take it away": "Link"}[tab] in text(open_it(tab))
