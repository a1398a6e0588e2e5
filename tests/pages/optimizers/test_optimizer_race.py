"""The view "On a real network: the race"."""

from core.topics.optimizer_race.config import PRESETS as RACES
from tests.pages.helpers import (
    cells_of,
    line_charts,
    lines_of,
    points_of,
    progress,
    run_of,
    table,
    text,
)
from tests.pages.optimizers.helpers import choose, headline, remarks, set_to, trained

SMALL = {"samples": "100", "hidden_size": "4", "seeds": "1"}


RACE = SMALL | {"view": "optimizer_race", "optimizers": "sgd,adam", "rates": "3", "extend": "False"}


def test_every_race_opens_with_its_recording(open_view, played):
    app = open_view(view="optimizer_race")
    for number, (preset, config) in enumerate(RACES.items()):
        if number:
            choose(app, "optimizer_race.preset.widget", preset)
            app.run()
        assert not app.exception
        assert progress(app).startswith("Recording of “")
        assert app.button_group(key="optimizer_race.preset.widget").options[number] in progress(app)
        assert len(table(app)) == len(config.optimizers)
        assert [row["optimizer"] for row in table(app)] == headline(app)
        assert f"{config.n_networks} networks with {config.n_weights:,} weights each" in text(app)
        assert "run" not in app.query_params
        cells = cells_of(app)
        assert len({(cell["row"], cell["column"]) for cell in cells}) == len(cells)
        assert len(cells) >= len(config.optimizers) * config.rates
        assert {cell["row"] for cell in cells} == set(headline(app))


def test_a_recording_plays_from_its_beginning(open_view):
    app = open_view(view="optimizer_race")
    assert "Recording of “Digits” · update 0 of" in progress(app)
    assert not app.exception


def test_the_best_rates_are_ringed_and_name_the_curves(open_view, played):
    app = open_view(view="optimizer_race")
    rows = {row["optimizer"]: row for row in table(app)}
    for name, row in rows.items():
        cells = [cell for cell in cells_of(app) if cell["row"] == name]
        (ringed,) = (cell for cell in cells if cell["ringed"])
        assert ringed["value"] == min(cell["value"] for cell in cells if cell["value"] is not None)
        assert row["learning rate"].startswith(ringed["column"])
    assert set(lines_of(line_charts(app)[0])) == {f"{name} at {row['learning rate']}" for name, row in rows.items()}


def test_at_one_rate_the_ranking_is_another(open_view, played):
    app = open_view(view="optimizer_race")
    own, rows = headline(app), table(app)
    assert "each at its own best rate" in text(app)
    choose(app, "optimizer_race.compare", "one")
    set_to(app, "optimizer_race.rate", RACES["digits"].learning_rates[0])
    assert headline(app) != own
    assert sorted(headline(app)) == sorted(own)
    assert [row["optimizer"] for row in table(app)] == headline(app)
    assert {row["learning rate"] for row in table(app)} == {"0.001"}
    assert ", all at 0.001:" in text(app)
    assert {cell["column"] for cell in cells_of(app) if cell["ringed"]} == {"0.001"}
    assert set(lines_of(line_charts(app)[0])) == {row["optimizer"] for row in table(app)}
    choose(app, "optimizer_race.compare", "own")
    assert (headline(app), table(app)) == (own, rows)


def test_start_lets_them_race_and_the_race_stays_for_comparison(open_view, engine):
    app = trained(open_view(**RACE), engine)
    assert not app.exception
    assert progress(app).startswith("Done · update 7 of 7")
    run = run_of(app, engine)
    assert run.config.optimizers == ("sgd", "adam")
    assert {row["optimizer"] for row in table(app)} == {"SGD", "Adam"}
    assert all("%" in row["test accuracy"] for row in table(app))
    assert len(cells_of(app)) == 6
    assert points_of(app, "validation loss")
    other = open_view(view="optimizer_race", run=run.id)
    assert progress(other).startswith("Done · update 7 of 7")
    set_to(app, "optimizer_race.field.epochs", 2)
    trained(app, engine)
    assert run_of(app, engine) is not run
    assert "winner of the earlier run" in lines_of(line_charts(app)[0])


def test_a_best_rate_at_the_end_is_told(open_view, engine):
    app = trained(open_view(**RACE | {"learning_rate": "1e-5"}), engine)
    assert all("(end)" in row["learning rate"] for row in table(app))
    assert "At the end of its range is the best rate of SGD, Adam: a better one may lie beyond" in remarks(app)


def test_a_range_is_extended_and_it_is_told(open_view, engine):
    app = trained(open_view(**RACE | {"learning_rate": "0.001", "extend": "True"}), engine)
    assert "The range was extended for SGD" in remarks(app)
    assert len(cells_of(app)) > 6


def test_a_race_in_which_all_diverge(open_view, engine):
    address = {"data": "random", "learning_rate": "1000", "rates": "1", "epochs": "100", "optimizers": "sgd,momentum"}
    app = trained(open_view(**RACE | address), engine)
    assert not app.exception
    assert "All have diverged" in text(app)
    assert {row["training loss"] for row in table(app)} <= {"diverged", "–"}


def test_equal_optimizers_of_a_race_are_told(open_view, engine):
    app = trained(open_view(**RACE | {"optimizers": "gd,sgd,adam,adamw", "batch_size": "100"}), engine)
    assert "AdamW is Adam" in remarks(app)
    assert "GD and SGD are the same" in remarks(app)
    losses = {row["optimizer"]: row["validation loss"] for row in table(app)}
    assert losses["GD"] == losses["SGD"]
    assert losses["Adam"] == losses["AdamW"]


def test_the_tutorials_race_says_why_the_training_loss_chooses(open_view, played):
    app = open_view(view="optimizer_race", preset="tutorial")
    assert "random targets have nothing to validate" in remarks(app)
    places = {row["optimizer"]: float(row["training loss"].split("·")[0]) for row in table(app)}
    assert set(places) == {"GD", "Momentum", "Adagrad", "Adam"}
    assert "test accuracy" not in table(app)[0]
