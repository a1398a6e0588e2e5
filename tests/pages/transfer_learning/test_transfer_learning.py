"""The page “Transfer learning” on the server: the study, runs with four strategies, and transferred features."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.data.digit_preprocessing import center_digit, rasterize
from core.topics.transfer_learning import train as training
from core.topics.transfer_learning.analysis import (
    initial_network,
    layer_distances,
    trained_network,
    trained_networks,
)
from core.topics.transfer_learning.config import PAIRS, PRESETS, STRATEGIES
from core.topics.transfer_learning.data import shown_samples
from core.topics.transfer_learning.label_efficiency.config import CONTROLS, VARIANTS
from core.topics.transfer_learning.label_efficiency.results import significant_cells
from core.topics.transfer_learning.model import build, predictions, transfer_layers
from core.topics.transfer_learning.results import StrategyResult, strategy_results
from core.topics.transfer_learning.train import StrategyTrainer, train
from pages.components import source
from pages.components.server import recording
from pages.transfer_learning import code, label_efficiency, labels, pairs, summary
from pages.transfer_learning.label_efficiency import recorded_study
from tests.pages import helpers
from tests.pages.helpers import (
    component,
    line_charts,
    lines_of,
    progress,
    rows,
    send,
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


def study_lines(app: AppTest, strategy: str) -> list[tuple[float, float]]:
    """Return the points of a strategy's curve in the study."""
    (drawn,) = (line for line in study_chart(app)["lines"] if line["name"] == strategy)
    return list(zip(drawn["x"], drawn["y"], strict=True))


def study_chart(app: AppTest) -> dict:
    return next(chart for chart in line_charts(app) if chart["x"]["title"] == "labels per class")


def grid(app: AppTest) -> dict:
    return component(app, "prediction_grid")


def own_predictions(app: AppTest) -> str:
    """Return the HTML beside the pad."""
    return next(each.proto.body for each in app.get("html") if "own-predictions" in each.proto.body)


# ---- The grid


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_opens_with_the_predictions_of_its_recording_and_its_study(open_it, preset):
    app = open_it(preset=preset)
    assert not app.exception
    assert f"Recording of “{labels.presets()[preset]}”" in progress(app)
    run, shown = recording(f"transfer_learning-{preset}"), grid(app)
    assert [frame["step"] for frame in shown["frames"]] == [event.step for event in run.history()]
    assert shown["run"] == run.id
    x, y = shown_samples(run.config.target, noise=0.0)
    assert shown["labels"] == y.tolist()
    networks = trained_networks(run.config, run.result.weights)
    for row, strategy in enumerate(STRATEGIES):  # the weights of a recording are rounded
        agree = np.mean(np.array(shown["frames"][-1]["predictions"][row]) == predictions(networks[strategy], x))
        assert agree >= 0.9
    study = recorded_study(preset)
    for strategy in STRATEGIES:
        expected = [(count, study.accuracies(strategy, count).mean()) for count in study.label_counts]
        np.testing.assert_allclose(study_lines(app, strategy), expected)


def test_the_labels_move_the_predictions_before_anything_is_trained(open_it):
    app, correct = open_it(), {}
    for count in (1, 10):
        widget(app, "transfer_learning.field.labels").set_value(count).run()
        shown, newest = grid(app), np.array(grid(app)["frames"][-1]["predictions"])
        correct[count] = (newest == np.array(shown["labels"])).sum(axis=1)
        assert not shown["faded"]
        assert f"{count} label" in text(app)
        assert f"{PRESETS['other_digits'].changed(labels=count).updates} updates" in progress(app)
        assert all(chart["run"] == shown["run"] for chart in line_charts(app)[:2])
    assert (correct[10] > correct[1]).all()


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("noise", 1.0, "Noise level 0"),
        ("labels", 500, "Labels per class 10"),
        ("n_transferred", 1, "Transferred layers 2"),
    ],
)
def test_predictions_and_curves_of_other_settings_say_so(open_it, setting, value, told):
    app = open_it()
    assert "Predictions with other settings" not in text(app)
    widget(app, f"transfer_learning.field.{setting}").set_value(value).run()
    assert grid(app)["faded"]
    assert text(app).count(told) == 2  # above the grid and above the curves
    assert study_chart(app)["dots"] == []


def test_the_words_follow_the_updates_and_their_numbers_agree(open_it):
    config, run = PRESETS["other_digits"], recording("transfer_learning-other_digits")
    frames = grid(open_it())["frames"]
    for frame, event in zip(frames[1:], run.history()[1:], strict=True):
        accuracies = strategy_results(config, event.metrics)
        ahead, behind = (float(share) for share in re.findall(r"([\d.]+)%", frame["title"]))
        points = float(re.search(r"([\d.]+) percentage points", frame["title"])[1])
        assert points == pytest.approx(abs(ahead - behind), abs=1e-6)
        assert f"{accuracies['scratch'].mean:.1%}" in frame["title"]
        assert ("Final" in frame["title"]) is (event is run.history()[-1])
    assert strategy_results(config, run.history()[-1].metrics)["frozen"].mean == pytest.approx(
        strategy_results(config, run.metrics)["frozen"].mean
    )


# ---- The own drawing


def test_all_four_networks_classify_the_drawing(open_it):
    app = open_it(**{"preset": "other_writers"})
    assert "update" not in own_predictions(app)
    stroke = [[0.5, 0.1], [0.5, 0.9]]
    send(app, {"version": 0, "drawing": {"strokes": [stroke], "pen": 0.08}}, "pad")
    run = recording("transfer_learning-other_writers")
    x = torch.from_numpy(center_digit(rasterize([stroke], pen=0.08))).view(1, 1, 28, 28)
    expected = [int(network(x).argmax()) for network in trained_networks(run.config, run.result.weights).values()]
    assert [int(symbol) for symbol in re.findall(r"<b>(\d)</b>", own_predictions(app))] == expected
    assert f"10 labels per class, update {run.latest.step:,}" in own_predictions(app)


# ---- The study


def test_the_study_says_between_which_numbers_of_labels_scratch_is_as_good(open_it):
    study = recorded_study("other_digits")
    app = open_it()
    means = {name: round(100 * study.accuracies(name, 10).mean(), 1) for name in ("scratch", "frozen", "fine_tuned")}
    best = max(means["frozen"], means["fine_tuned"])
    assert f"**{best - means['scratch']:+.1f} percentage points**" in text(app)
    assert f"from scratch {means['scratch']}%" in text(app)
    assert "between 20 and 50 labels" in text(app)


def test_the_study_gives_no_accuracy_for_settings_that_it_does_not_cover():
    study, config = recorded_study("other_digits"), PRESETS["other_digits"]
    assert "not cover 7 labels per class" in label_efficiency.verdict(study, config.changed(labels=7))
    for other in ({"noise": 1}, {"n_transferred": 1}, {"shifts": 1}, {"labels": 500}):
        words = label_efficiency.verdict(study, config.changed(**other))
        assert "not" in words
        assert "%" not in words


def test_a_difference_with_both_signs_is_not_called_a_gain():
    study = recorded_study("shuffled_to_digits")
    agreements = set()
    for count in (1, 5, 10, 20):
        words = label_efficiency.verdict(study, PRESETS["shuffled_to_digits"].changed(labels=count))
        best = max(("frozen", "fine_tuned"), key=lambda variant, count=count: study.accuracies(variant, count).mean())
        gains = 100 * study.gains(best, count)
        agree = gains.min() > 0 or gains.max() < 0
        assert ("the sign depends on the seed" in words) is not agree
        assert f"{gains.min():+.1f} to {gains.max():+.1f}" in words
        agreements.add(agree)
    assert False in agreements


def test_the_number_of_transferred_layers_is_a_slider(open_it):
    app, study = open_it(preset="digits_to_fashion"), recorded_study("digits_to_fashion")
    widget(app, "transfer_learning.field.n_transferred").set_value(3).run()
    for strategy, variant in (
        ("frozen", "frozen_hidden"),
        ("fine_tuned", "fine_tuned_hidden"),
        ("random", "random_hidden"),
    ):
        assert dict(study_lines(app, strategy))[10] == pytest.approx(study.accuracies(variant, 10).mean())
    assert "The convolutions and the hidden layer are transferred." in text(app)


# ---- A run


def test_a_run_has_its_own_predictions_and_names_the_strategies_that_diverged(open_it, engine):
    app = open_it(**SHORT)
    run = trained(app, engine)
    shown = grid(app)
    assert "**Your run**, 2 labels per class" in text(app)
    assert [frame["predictions"] for frame in shown["frames"]] == [
        event.arrays["predictions"].tolist() for event in run.events
    ]
    for row, strategy in enumerate(STRATEGIES):
        mean = np.mean([run.metrics[f"accuracy/{strategy}/{number}"] for number in range(2)])
        assert shown["frames"][-1]["accuracies"][row] == f"{mean:.1%}"
    accuracy, _loss, study = line_charts(app)
    assert [ring["name"] for ring in study["dots"]] == list(labels.short_strategies())
    assert lines_of(accuracy) == labels.short_strategies()
    for event in run.events[1:]:
        object.__setattr__(event, "metrics", dict(event.metrics) | {"loss/scratch": None})
    app.run()
    assert "**Diverged** (from scratch)" in text(app)
    assert any(button.label == "Train with learning rate ÷ 10" for button in app.button)


def test_a_run_that_is_not_of_the_settings_gives_way_to_their_recording(open_it, engine):
    app = open_it(**SHORT)
    trained(app, engine)
    app.session_state["transfer_learning.settings"].config = PRESETS["other_digits"].changed(labels=1)
    app.run()
    assert "**Recording**, 1 label per class" in text(app)
    assert grid(app)["run"] == "transfer_learning-other_digits-1"
    assert progress(app).startswith("Recording")
    assert "Settings changed" not in progress(app)
    assert "run" not in app.query_params


def test_one_seed_gives_no_verdict():
    config = PRESETS["other_digits"].changed(seeds=1)
    accuracies = dict(zip(STRATEGIES, (0.4, 0.9, 0.8, 0.3), strict=True))
    words = summary.headline(
        {name: StrategyResult(np.array([value])) for name, value in accuracies.items()}, config, 9, 9
    )
    assert "With one seed, the difference may be due to chance" in words
    assert "Final accuracy: frozen 90.0%, from scratch 40.0%." in words
    assert "helps" not in words


def test_there_are_no_more_labels_than_images(open_it):
    app = open_it(labels="200")
    widget(app, "transfer_learning.field.pair").set_value("other_writers").run()
    assert not app.exception
    assert widget(app, "transfer_learning.field.labels").value == 98
    assert any("98 labels per class" in each.proto.body for each in app.get("html"))


def test_a_bad_address_is_reported_and_not_used(open_it):
    bad = {"labels": "0", "n_transferred": "4", "pair": "cats", "noise": "nan"}
    app = open_it(**bad)
    warnings = " ".join(warning.value for warning in app.warning)
    assert all(f"{name} = {value}" in warnings for name, value in bad.items())
    assert app.session_state["transfer_learning.settings"].config == PRESETS["other_digits"]


# ---- The tabs


def test_the_pairs_have_their_gains_over_the_control(open_it):
    app = open_it("Positive and negative transfer")
    significant, _n_cells = significant_cells({pair: recorded_study(pair) for pair in PAIRS})
    assert set(CONTROLS) == {variant for variant in VARIANTS if variant != "scratch"}
    for variant, control in CONTROLS.items():
        widget(app, "transfer_learning.pairs.variant").set_value(variant).run()
        cells = {(cell["row"], int(cell["column"])): cell for cell in rows(app.get("vega_lite_chart")[-1].proto)}
        for pair, title in labels.pairs().items():
            study = recorded_study(pair)
            for count in study.label_counts:
                assert cells[pair, count]["row_title"] == title
                gain = study.accuracies(variant, count).mean() - study.accuracies(control, count).mean()
                assert float(cells[pair, count]["tooltip"]) == pytest.approx(100 * gain, abs=0.006)
        assert f"Control: **{labels.strategies()[VARIANTS[control][0]]}**" in text(app)
        framed = {(pair, count) for (pair, count), cell in cells.items() if cell["ringed"]}
        assert framed == {(pair, count) for pair, tested, count in significant if tested == variant}
        assert "An orange frame marks a significant difference." in text(app)
        assert "Each number is a mean across 12 seeds." in text(app)


def test_the_table_has_all_accuracies():
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
        assert found["head", strategy] == pytest.approx(lengths["head"])
        assert found["conv1", strategy] == pytest.approx(lengths["conv1"])
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
