"""The page "Transfer learning" as a server draws it: the study, runs with four strategies, and what was transferred."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.topics.transfer_learning import train as training
from core.topics.transfer_learning.analysis import initial_network, layer_distances, trained_network
from core.topics.transfer_learning.config import PAIRS, PRESETS, STRATEGIES
from core.topics.transfer_learning.label_efficiency.config import VARIANTS
from core.topics.transfer_learning.model import build, transfer_layers
from core.topics.transfer_learning.results import StrategyResult
from core.topics.transfer_learning.train import StrategyTrainer, train
from pages.components import source
from pages.components.server import recording
from pages.transfer_learning import code, label_efficiency, labels, live, pairs
from pages.transfer_learning.label_efficiency import recorded_study
from tests.pages import helpers
from tests.pages.helpers import (
    line_charts,
    lines_of,
    progress,
    rows,
    text,
    trained,
    widget,
)

SHORT = {"labels": "2", "epochs": "2", "seeds": "2"}


@pytest.fixture
def open_it(open_page, monkeypatch) -> Callable[..., AppTest]:
    """Open the page, its recording played to the end. Runs of the tests are evaluated on fewer images."""
    monkeypatch.setattr(training, "EVAL_SUBSET", 100)
    monkeypatch.setattr(training, "N_TESTED", 400)
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.0001))

    def open_it(tab: str | None = None, **address: str) -> AppTest:
        app = open_page("transfer_learning", **address)
        return helpers.open_tab(app, "transfer_learning", tab) if tab else app

    return open_it


def line(app: AppTest, y: str, strategy: str) -> list[tuple[float, float]]:
    """The points of a strategy in the study."""
    study = next(chart for chart in line_charts(app) if chart["x"]["title"] == "labels per class")
    assert study["y"]["title"] == y
    (drawn,) = (line for line in study["lines"] if line["name"] == labels.strategies()[strategy])
    return list(zip(drawn["x"], drawn["y"], strict=True))


# ---- The study


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_its_study_and_its_recording(open_it, preset):
    app = open_it(preset=preset)
    assert not app.exception
    assert f"Recording of “{labels.presets()[preset]}”" in progress(app)
    study = recorded_study(preset)
    for strategy in STRATEGIES:
        expected = [(count, study.accuracies(strategy, count).mean()) for count in study.label_counts]
        np.testing.assert_allclose(line(app, "accuracy", strategy), expected)


def test_the_study_says_how_many_labels_are_saved(open_it):
    study = recorded_study("other_digits")
    app = open_it()
    widget(app, "transfer_learning.field.labels").set_value(10).run()
    assert study.gains("frozen", 10).min() > 0
    reached = max(study.accuracy_at("frozen", 10), study.accuracy_at("fine_tuned", 10))
    needed = study.labels_needed("scratch", reached)
    assert f"{100 * (reached - study.accuracy_at('scratch', 10)):+.1f} points" in text(app)
    assert (
        f"{study.accuracy_at('frozen', 10):.1%} frozen, {study.accuracy_at('fine_tuned', 10):.1%} fine-tuned"
        in text(app)
    )
    assert f"needs about **{needed:.0f}** labels: transfer saves {1 - 10 / needed:.0%} of them" in text(app)


def test_what_may_be_luck_is_not_called_a_gain():
    study = recorded_study("shuffled_to_digits")
    agreements = set()
    for count in (1, 5, 10, 20):
        words = label_efficiency.verdict(study, PRESETS["shuffled_to_digits"].changed(labels=count))
        best = max(("frozen", "fine_tuned"), key=lambda variant, count=count: study.accuracy_at(variant, count))
        gains = 100 * study.gains(best, count)
        agree = gains.min() > 0 or gains.max() < 0
        assert ("No clear difference" in words) is not agree
        assert f"{gains.min():+.1f} to {gains.max():+.1f}" in words
        assert agree or "transfer saves" not in words
        agreements.add(agree)
    assert False in agreements


def test_the_number_of_transferred_layers_is_a_slider(open_it):
    app, study = open_it(preset="digits_to_fashion"), recorded_study("digits_to_fashion")
    widget(app, "transfer_learning.field.n_transferred").set_value(3).run()
    drawn = dict(line(app, "accuracy", "frozen"))
    assert drawn[10] == pytest.approx(study.accuracies("frozen_hidden", 10).mean())
    drawn = dict(line(app, "accuracy", "fine_tuned"))
    assert drawn[10] == pytest.approx(study.accuracies("fine_tuned_hidden", 10).mean())
    assert "The convolutions and the hidden layer are transferred." in text(app)
    drawn = dict(line(app, "accuracy", "random"))
    assert drawn[10] == pytest.approx(study.accuracies("random_hidden", 10).mean())


def test_more_labels_than_the_study_has_are_compared_at_its_largest_number():
    words = label_efficiency.verdict(recorded_study("other_digits"), PRESETS["other_digits"].changed(labels=500))
    assert "With **200** labels per class" in words


# ---- A run


def test_a_run_is_drawn_beside_the_study_and_names_the_strategies_that_diverged(open_it, engine):
    app = open_it(**SHORT)
    run = trained(app, engine)
    for strategy in STRATEGIES:
        values = [run.metrics[f"accuracy/{strategy}/{number}"] for number in range(2)]
        told = f"{labels.strategies()[strategy]} {np.mean(values):.1%} ({min(values):.1%} to {max(values):.1%})"
        assert told in text(app)
    live, study, *_others = line_charts(app)
    assert [ring["name"] for ring in study["dots"]] == list(labels.strategies().values())
    assert "Circles: the run on the screen" in text(app)
    assert lines_of(live) == list(labels.strategies().values())
    for event in run.events[1:]:
        object.__setattr__(event, "metrics", dict(event.metrics) | {"loss/scratch": None})
    app.run()
    assert "**Diverged** (from scratch)" in text(app)
    assert any(button.label == "Learning rate ÷ 10, and start" for button in app.button)


def test_a_run_of_another_pair_is_not_beside_the_study(open_it):
    app = open_it()
    assert "Circles" in text(app)
    widget(app, "transfer_learning.field.pair").set_value("rotated_to_digits").run()
    assert "Circles" not in text(app)
    assert "Settings changed" in progress(app)


def test_a_run_that_is_not_comparable_is_not_beside_the_study(open_it, engine):
    """See `is_comparable` for what is comparable; the curves follow the settings."""
    app = open_it(**SHORT, n_transferred="3")
    trained(app, engine)
    assert "Circles" in text(app)
    widget(app, "transfer_learning.field.n_transferred").set_value(2).run()
    assert "Circles" not in text(app)


def test_one_seed_gives_no_verdict():
    accuracies = dict(zip(STRATEGIES, (0.4, 0.9, 0.8, 0.3), strict=True))
    words = live.verdict({name: StrategyResult(np.array([value])) for name, value in accuracies.items()}, seeds=1)
    assert "to exclude chance" in words
    assert "from scratch 40.0%, frozen 90.0%, " in words
    assert "Transfer helps" not in words


def test_there_are_not_more_labels_than_pictures(open_it):
    app = open_it(labels="200")
    widget(app, "transfer_learning.field.pair").set_value("other_writers").run()
    assert not app.exception
    assert widget(app, "transfer_learning.field.labels").value == 98
    assert "98 labels per class" in text(app)


def test_a_bad_address_is_told_and_not_used(open_it):
    bad = {"labels": "0", "n_transferred": "4", "pair": "cats", "noise": "nan"}
    app = open_it(**bad)
    warnings = " ".join(warning.value for warning in app.warning)
    assert all(f"{name} = {value}" in warnings for name, value in bad.items())
    assert app.session_state["transfer_learning.settings"].config == PRESETS["other_digits"]


# ---- The tabs


def test_the_pairs_have_the_gains_of_their_studies(open_it):
    app = open_it("Positive and negative transfer")
    for variant in (variant for variant in VARIANTS if variant != "scratch"):
        widget(app, "transfer_learning.pairs.way").set_value(variant).run()
        cells = {(cell["row"], int(cell["column"])): cell for cell in rows(app.get("vega_lite_chart")[-1].proto)}
        for pair, title in labels.pairs().items():
            study = recorded_study(pair)
            for count in study.label_counts:
                gain = study.accuracies(variant, count).mean() - study.accuracies("scratch", count).mean()
                assert float(cells[title, count]["tooltip"]) == pytest.approx(100 * gain, abs=0.006)
                assert cells[title, count]["ringed"] == study.has_negative_transfer(variant, count)
        harmed = {title for (title, _count), cell in cells.items() if cell["ringed"]}
        assert ("negative transfer" in text(app)) is bool(harmed) or "Nowhere" in text(app)
        assert all(f"{title} with" in text(app) for title in harmed)


def test_all_figures_stand_in_a_table():
    written = pairs.table()
    for pair in PAIRS:
        study = recorded_study(pair)
        accuracies = 100 * study.accuracies("frozen", 5)
        assert f"| {labels.pairs()[pair]} | 5 |" in written
        assert f"{accuracies.mean():.1f} ± {accuracies.std(ddof=1):.1f}" in written


def test_what_was_transferred_is_computed_from_the_weights_of_the_run(open_it):
    app = open_it("Transferred features")
    run = recording("transfer_learning-other_digits")
    of_charts = {element.proto.spec: element for element in app.get("vega_lite_chart")}
    (bars,) = (element for spec, element in of_charts.items() if "xOffset" in spec)
    found = {(row["group"], row["name"]): row["value"] for row in rows(bars.proto)}
    for strategy in ("fine_tuned", "scratch"):
        lengths = layer_distances(
            initial_network(run.config, strategy), trained_network(run.config, strategy, run.result.weights)
        )
        assert found["head", labels.strategies()[strategy]] == pytest.approx(lengths["head"])
        assert found["first convolution", labels.strategies()[strategy]] == pytest.approx(lengths["conv1"])
    planes = [spec for spec in of_charts if '"image"' in spec]
    assert len(planes) == 4
    assert all('"shape"' in spec for spec in planes)


def test_the_other_tabs_and_the_code_that_runs_with_the_differences_marked(open_it):
    app = open_it("Lesson")
    assert "control" in text(app)
    assert "Link" in text(helpers.open_tab(app, "transfer_learning", "Export"))
    shown = [element.proto.body for element in helpers.open_tab(app, "transfer_learning", "Code").get("html")]
    for function in (build, transfer_layers, StrategyTrainer, train):
        assert any(f"{function.__name__}" in html for html in shown)
    trainer = source.source(StrategyTrainer)
    assert all(source.lines_with(trainer, part) for part in code.DIFFERENCES)


def test_old_addresses_set_the_renamed_settings(open_it):
    app = open_it(kept="3", held="1", old_rate="0.5")
    settings = app.session_state["transfer_learning.settings"].config
    assert (settings.n_transferred, settings.n_frozen, settings.pretrained_lr_multiplier) == (3, 1, 0.5)
    assert not app.warning
