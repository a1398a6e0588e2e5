"""The view "Race"."""

import json

import pytest

from core.topics.optimizer_race.config import PRESETS as RACES
from core.training.batched.results import Results
from pages.components.server import recording
from tests.pages.helpers import (
    line_charts,
    lines_of,
    points_of,
    progress,
    run_of,
    table,
    text,
)
from tests.pages.optimizers.helpers import (
    cells,
    choose,
    choose_cell,
    drawn,
    headline,
    headlines,
    remarks,
    set_to,
    trained,
)

SMALL = {"samples": "100", "hidden_size": "4", "seeds": "1"}


RACE = SMALL | {"view": "optimizer_race", "optimizers": "sgd,adam", "rates": "3", "extend": "False"}


def test_every_race_opens_with_its_recording(open_view):
    app = open_view(view="optimizer_race")
    for number, (preset, config) in enumerate(RACES.items()):
        if number:
            choose(app, "optimizer_race.preset.widget", preset)
            app.run()
        assert not app.exception
        assert progress(app).startswith("Recording of “")
        assert app.button_group(key="optimizer_race.preset.widget").options[number] in progress(app)
        assert f"{config.updates:,} updates" in progress(app)
        rounds = recording(f"optimizer_race-{preset}").history()[-1].total // config.updates
        assert (f"{rounds} rounds of" in progress(app)) == (rounds > 1)
        assert len(table(app)) == len(config.optimizers)
        assert [row["optimizer"] for row in table(app)] == headline(app)
        assert f" = {config.n_networks}. Parameters per network: {config.n_weights:,}." in text(app)
        assert "run" not in app.query_params
        assert len(cells(app)) >= len(config.optimizers) * config.rates
        assert {row for row, _rate in cells(app)} == set(headline(app))


def test_a_recording_waits_for_a_guess_and_has_a_headline_at_every_keyframe(open_view):
    app = open_view(view="optimizer_race")
    assert drawn(app, "rate_grid")["asks"] is True
    (scrubber,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "scrubber")
    assert json.loads(scrubber.json)["waits"] is True
    assert len(headlines(app)) > 6
    assert "**Before training** · update 0" in headlines(app)
    assert "update 3,125" in headlines(app)[0]


def test_the_best_learning_rates_of_the_table_are_those_of_the_heat_map(open_view):
    app = open_view(view="optimizer_race")
    last = {cell: losses[-1] for cell, losses in cells(app).items()}
    for row in table(app):
        own = {rate: loss for (name, rate), loss in last.items() if name == row["optimizer"] and loss is not None}
        assert row["learning rate"].startswith(min(own, key=own.__getitem__))
        assert float(row["validation loss"]) == pytest.approx(min(own.values()), rel=0.01)
    assert set(lines_of(line_charts(app)[0]).values()) == {row["optimizer"] for row in table(app)}


def test_the_losses_of_the_heat_map_are_those_of_the_run_at_every_update(open_view):
    app = open_view(view="optimizer_race")
    run = recording("optimizer_race-digits")
    row = next(row for row in drawn(app, "rate_grid")["rows"] if row["name"] == "adam")
    rates = drawn(app, "rate_grid")["rates"]
    for at in (0, 3, -1):
        cell = row["cells"][rates.index("0.01")]
        events = [event for event in run.history() if event.step <= cell["steps"][at]]
        loss = Results.from_events(run.config, events).validation_loss("adam", 0.01)
        assert cell["losses"][at] == pytest.approx(loss, rel=1e-3)


def test_at_one_rate_the_ranking_is_another(open_view):
    app = open_view(view="optimizer_race")
    own, rows = headline(app), table(app)
    assert "at the best learning rates" in headlines(app)[0]
    choose_cell(app, column=0)
    assert headline(app) != own
    assert sorted(headline(app)) == sorted(own)
    assert [row["optimizer"] for row in table(app)] == headline(app)
    assert {row["learning rate"] for row in table(app)} == {"0.001"}
    assert "all at learning rate 0.001" in headlines(app)[0]
    assert drawn(app, "rate_grid")["chosen"] == {"column": 0, "row": None}
    choose_cell(app)
    assert (headline(app), table(app)) == (own, rows)


def test_a_cell_shows_its_curve(open_view):
    app = open_view(view="optimizer_race")
    before, curves = headline(app), lines_of(line_charts(app)[0])
    choose_cell(app, column=0, row="adam")
    assert lines_of(line_charts(app)[0]) == curves | {"adam 0.001": "Adam at 0.001"}
    assert drawn(app, "rate_grid")["chosen"] == {"column": 0, "row": "adam"}
    assert headline(app) == before
    for column, row in ((99, "adam"), (0, "lbfgs"), ("0", None)):  # no browser sends these
        choose_cell(app, column=column, row=row)
        assert drawn(app, "rate_grid")["chosen"] is None
        assert lines_of(line_charts(app)[0]) == curves


def test_start_lets_them_race_and_the_race_stays_for_comparison(open_view, engine):
    app = trained(open_view(**RACE), engine)
    assert not app.exception
    assert progress(app).startswith("Done · 7 updates")
    run = run_of(app, engine)
    assert run.config.optimizers == ("sgd", "adam")
    assert {row["optimizer"] for row in table(app)} == {"SGD", "Adam"}
    assert all("%" in row["test accuracy"] for row in table(app))
    assert len(cells(app)) == 6
    assert drawn(app, "rate_grid")["asks"] is False
    assert points_of(app, "validation loss")
    other = open_view(view="optimizer_race", run=run.id)
    assert progress(other).startswith("Done · 7 updates")
    set_to(app, "optimizer_race.field.epochs", 2)
    trained(app, engine)
    assert run_of(app, engine) is not run
    assert "previous" in lines_of(line_charts(app)[0])


def test_a_best_rate_at_the_end_is_told(open_view, engine):
    app = trained(open_view(**RACE | {"learning_rate": "1e-5"}), engine)
    assert all("(end of range)" in row["learning rate"] for row in table(app))
    assert "Best learning rate at one end of the range: SGD, Adam." in remarks(app)


def test_a_range_is_extended_and_it_is_told(open_view, engine):
    app = trained(open_view(**RACE | {"learning_rate": "0.001", "extend": "True"}), engine)
    assert "Range extended: SGD" in remarks(app)
    assert len(cells(app)) > 6


def test_a_race_in_which_all_diverge(open_view, engine):
    address = {"data": "random", "learning_rate": "1000", "rates": "1", "epochs": "100", "optimizers": "sgd,momentum"}
    app = trained(open_view(**RACE | address), engine)
    assert not app.exception
    assert "All networks have diverged" in text(app)
    assert {row["training loss"] for row in table(app)} <= {"diverged", "–"}


def test_equal_optimizers_of_a_race_are_told(open_view, engine):
    app = trained(open_view(**RACE | {"optimizers": "gd,sgd,adam,adamw", "batch_size": "100"}), engine)
    assert "AdamW is identical to Adam" in remarks(app)
    assert "GD and SGD are identical" in remarks(app)
    losses = {row["optimizer"]: row["validation loss"] for row in table(app)}
    assert losses["GD"] == losses["SGD"]
    assert losses["Adam"] == losses["AdamW"]


def test_the_race_with_random_labels_says_whether_an_optimizer_has_memorized_them(open_view, engine):
    app = open_view(view="optimizer_race", preset="noise")
    assert "Only about 45% of the training labels are wrong" in remarks(app)
    assert "A network that has memorized nothing has an expected loss of at least 1.68" in remarks(app)
    assert "the losses give no evidence that any network has memorized random labels" in remarks(app)
    long = {"noise": "0.9", "epochs": "20", "hidden_size": "100", "batch_size": "4", "optimizers": "adam"}
    app = trained(open_view(**RACE | long | {"learning_rate": "0.01"}), engine)
    assert "Optimizers whose networks have memorized random labels: Adam" in remarks(app)


def test_the_tutorials_race_says_why_the_training_loss_chooses(open_view):
    app = open_view(view="optimizer_race", preset="tutorial")
    assert "A validation loss is not meaningful for random targets" in remarks(app)
    places = {row["optimizer"]: float(row["training loss"].split("·")[0]) for row in table(app)}
    assert set(places) == {"GD", "Momentum", "Adagrad", "Adam"}
    assert "test accuracy" not in table(app)[0]
