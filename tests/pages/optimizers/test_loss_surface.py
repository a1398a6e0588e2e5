"""The page "Optimizers compared" as a server draws it: three views, their settings, and bad input."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.loss_surface.config import PRESETS as SURFACES
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES
from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from core.topics.optimizer_race.config import PRESETS as RACES
from pages.components.run import run_view
from pages.components.text import number
from tests.pages.helpers import (
    button,
    cells_of,
    charts,
    component,
    lines_of,
    points_of,
    progress,
    run_of,
    table,
    text,
    widget,
)
from tests.waiting import wait_for

RAVINE = [BEST_LEARNING_RATES["ravine"][name] for name in ("sgd", "momentum", "adam")]
SMALL = {"samples": "100", "hidden_size": "4", "seeds": "1"}
RACE = SMALL | {"view": "optimizer_race", "optimizers": "sgd,adam", "rates": "3", "extend": "False"}
SCHEDULES = SMALL | {"view": "lr_schedules", "epochs": "1", "schedules": "constant,cosine"}


@pytest.fixture
def open_view(open_page) -> Callable[..., AppTest]:
    return partial(open_page, "optimizers")


@pytest.fixture(autouse=True)
def estimated(monkeypatch) -> None:
    """No run is measured beforehand, which would take half a second for each of many settings."""
    monkeypatch.setattr("core.training.timing.measure_once", lambda measure, config: (0.001, 0.01))


@pytest.fixture
def played(monkeypatch) -> None:
    """Recordings that have played as soon as they are opened."""
    monkeypatch.setattr(run_view, "PLAYBACK", 1e-9)


def tracks(app: AppTest) -> dict[str, dict]:
    return {track["name"]: track for track in component(app)["tracks"]}


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Choose among the buttons of a group."""
    return widget(app, key).set_value(value).run()


def set_to(app: AppTest, key: str, value: float) -> AppTest:
    """Move a slider."""
    return widget(app, key).set_value(value).run()


def type_formula(app: AppTest, formula: str) -> AppTest:
    return app.text_input(key="loss_surface.typed").set_value(formula).run()


def remarks(app: AppTest) -> str:
    """The small print: the lesson, which speaks of everything, is none of it."""
    return " ".join(caption.value for caption in app.caption)


def headline(app: AppTest) -> list[str]:
    """The order that the headline gives, the best first."""
    written = next(
        element.value for element in app.markdown if " · loss from" in element.value.replace("validation loss", "loss")
    )
    return re.split(" [›≈] ", written.split("**")[1])


def trained(app: AppTest, engine) -> AppTest:
    """Start a run and wait for its end."""
    button(app, "Start").click().run()
    wait_for(lambda: run_of(app, engine).status.state.final)
    return app.run()


# ---- On a surface


def test_it_opens_on_the_ravine_with_three_optimizers_and_one_learning_rate(open_view):
    app = open_view()
    assert list(tracks(app)) == ["SGD", "Momentum", "Adam"]
    assert [row["optimizer"] for row in table(app)] == ["SGD", "Momentum", "Adam"]
    assert component(app)["minima"] == [[0, 0]]
    hidden = {slider.key for slider in [*app.expander[0].select_slider, *app.expander[0].slider]}
    open_ = [slider.key for slider in [*app.select_slider, *app.slider] if slider.key not in hidden]
    assert open_ == ["loss_surface.field.learning_rate"]
    assert dict(app.query_params) == {}


@pytest.mark.parametrize("preset", SURFACES)
def test_every_surface_opens(open_view, preset):
    app = choose(open_view(), "loss_surface.preset.widget", preset)
    assert not app.exception
    config = SURFACES[preset]
    surface = config.build_surface()
    assert component(app)["bounds"] == list(surface.bounds)
    assert len(component(app)["minima"]) == len(surface.minima)
    assert len(tracks(app)) == len(config.optimizers) == len(table(app))
    assert all((track["x"][0], track["y"][0]) == (config.x, config.y) for track in tracks(app).values())
    assert len(charts(app)) == (4 if surface.minima else 3)
    # Nobody looks bad by accident
    assert not any("diverged" in (track["end"] or "") for track in tracks(app).values())
    if surface.lowest is not None:
        assert all(row["steps until within 1 %"] != "–" for row in table(app))


def test_the_learning_rate_is_that_of_all(open_view):
    app = open_view()
    before = tracks(app)
    after = tracks(set_to(app, "loss_surface.field.learning_rate", 0.1))
    assert all(after[name]["x"][1] != before[name]["x"][1] for name in before)
    assert [row["learning rate"] for row in table(app)] == [number(rate / 10) for rate in RAVINE]
    assert app.query_params["learning_rate"] == "0.1"


def test_divergence_is_marked(open_view):
    app = set_to(open_view(), "loss_surface.field.learning_rate", 100.0)
    row = next(row for row in table(app) if row["optimizer"] == "SGD")
    assert row["final loss"] == tracks(app)["SGD"]["end"] == "diverged at step 2"
    assert len(tracks(app)["SGD"]["x"]) == 2
    assert tracks(app)["Adam"]["end"] is None


@pytest.mark.parametrize("factor", [2.0, 3.0, 100.0])
def test_divergence_does_not_spoil_the_axes_of_the_others(open_view, factor):
    app = set_to(open_view(), "loss_surface.field.learning_rate", factor)
    lost = {name for name, track in tracks(app).items() if track["end"]}
    assert lost
    spoilt = {}
    for axis in ("loss − minimum", "distance", "step length in x", "step length in y"):
        points = points_of(app, axis)
        highest = max(point["y"] for point in points)
        others = max(point["y"] for point in points if point["line"] not in lost or point["x"] <= 1)
        if highest > 10 * others:
            spoilt[axis] = (highest, others)
    assert spoilt == {}


def test_without_noise_gd_and_sgd_are_the_same(open_view):
    app = choose(open_view(), "loss_surface.field.optimizers", ["gd", "sgd"])
    assert tracks(app)["GD"]["x"] == tracks(app)["SGD"]["x"]
    assert "GD and SGD are the same" in remarks(app)
    set_to(app, "loss_surface.field.noise", 1.0)
    assert tracks(app)["GD"]["x"] != tracks(app)["SGD"]["x"]
    assert "GD and SGD are the same" not in remarks(app)


def test_without_weight_decay_adamw_is_adam(open_view):
    app = choose(open_view(), "loss_surface.field.optimizers", ["adam", "adamw"])
    assert tracks(app)["Adam"]["x"] == tracks(app)["AdamW"]["x"]
    assert "AdamW is Adam" in remarks(app)
    app = open_view(optimizers="adam,adamw", weight_decay="0.1")
    assert tracks(app)["Adam"]["x"] != tracks(app)["AdamW"]["x"]
    assert "AdamW is Adam" not in remarks(app)


def test_lbfgs_counts_evaluations(open_view):
    app = open_view()
    assert "evaluations" not in remarks(app)
    choose(app, "loss_surface.field.optimizers", ["adam", "lbfgs"])
    assert "looks several times before each step" in remarks(app)
    assert len(tracks(app)["L-BFGS"]["x"]) == len(tracks(app)["Adam"]["x"])


def test_the_best_rates_are_found_again(open_view):
    app = open_view(rate_sgd="0.001", rate_adam="0.002", learning_rate="3")
    assert [row["steps until within 1 %"] for row in table(app)][::2] == ["–", "–"]
    button(app, "Find the best rates").click().run()
    assert not app.exception
    assert [row["learning rate"] for row in table(app)] == [number(rate) for rate in RAVINE]
    assert all(row["steps until within 1 %"] != "–" for row in table(app))
    assert dict(app.query_params) == {}


def test_the_start_is_that_of_all(open_view):
    app = set_to(open_view(), "loss_surface.field.x", 2.0)
    set_to(app, "loss_surface.field.y", -1.5)
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2.0, -1.5)}
    assert (app.query_params["x"], app.query_params["y"]) == ("2.0", "-1.5")


def test_each_optimizer_has_settings_of_its_own(open_view):
    app = open_view()
    before = tracks(app)
    set_to(app, "loss_surface.field.rate_momentum", 0.1)
    set_to(app, "loss_surface.field.beta1_adam", 0.5)
    after = tracks(app)
    assert after["SGD"] == before["SGD"]
    assert after["Momentum"]["x"] != before["Momentum"]["x"]
    assert after["Adam"]["x"] != before["Adam"]["x"]


@pytest.mark.parametrize("formula", ["x^2 + 10*y^2", "abs(x) + abs(y)", "log(x) + y^2", "x^y"])
def test_a_formula_is_drawn_and_its_best_rates_are_searched_for(open_view, formula):
    app = choose(open_view(), "loss_surface.preset.widget", "formula")
    before, rates = component(app)["id"], [row["learning rate"] for row in table(app)]
    type_formula(app, formula)
    assert not app.exception
    assert not app.error
    assert component(app)["id"] != before
    assert [row["learning rate"] for row in table(app)] != rates
    assert not any("diverged" in (track["end"] or "") for track in tracks(app).values())
    assert app.query_params["formula"] == formula


BAD = {
    "x +": "This is not a formula: look at character 4",
    "__import__('os').system('touch stolen')": "is not mathematics in x and y",
    "(lambda: open('stolen', 'w'))()": "is not mathematics",
    "x.real": "is not mathematics",
    "1/0": "1/0` divides by zero",
    "x + z": "z` here. Known are x, y",
    "9**9**9**9": "no finite value on most of the map",
    "": "Type a formula in x and y",
    "-" * 150 + "x": "The formula is too long: 100 operations",
    "log(x - 4)": "no finite value on most of the map",
    "sin(x, y)": "sin` takes 1 argument",
    "2x": "This is not a formula: look at character 2",
    "<script>alert(1)</script>": "This is not a formula",
}


@pytest.mark.parametrize("formula", BAD)
def test_a_bad_formula_is_told_at_its_field_and_the_last_good_surface_stays(open_view, formula, tmp_path, monkeypatch):
    app = open_view(preset="formula", formula="x^2 + 3*y^2")
    before, address = component(app), dict(app.query_params)
    monkeypatch.chdir(tmp_path)
    type_formula(app, formula)
    assert not app.exception
    (told,) = (error.value for error in app.error)
    assert BAD[formula] in told
    assert "The last good surface stays" in told
    assert app.text_input(key="loss_surface.typed").value == formula
    assert component(app) == before
    assert dict(app.query_params) == address
    assert not (tmp_path / "stolen").exists()


def test_a_good_formula_takes_the_place_of_a_bad_one(open_view):
    app = type_formula(open_view(preset="formula"), "x +")
    before = component(app)["id"]
    type_formula(app, "x^2 + y^2")
    assert not app.error
    assert component(app)["id"] != before


def test_no_formula_is_used_where_all_start_beside_it(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "formula")
    set_to(app, "loss_surface.field.x", -3.0)
    before = component(app)["id"]
    type_formula(app, "log(x) + y^2")
    assert "At x = -3, y = 4 this surface has no finite value and slope" in app.error[0].value
    assert component(app)["id"] == before


def test_no_start_is_used_where_the_formula_has_no_value(open_view):
    app = open_view(preset="formula", formula="log(x) + y^2")
    before = component(app)["id"]
    set_to(app, "loss_surface.field.x", -3.0)
    assert "At x = -3, y = 4 this surface has no finite value and slope" in text(app)
    assert component(app)["id"] == before
    assert widget(app, "loss_surface.field.x").value == 3


def test_a_bad_formula_is_forgotten_with_its_surface(open_view):
    app = type_formula(choose(open_view(), "loss_surface.preset.widget", "formula"), "x +")
    choose(app, "loss_surface.preset.widget", "bowl")
    assert not app.error
    choose(app, "loss_surface.preset.widget", "formula")
    assert not app.error
    assert app.text_input(key="loss_surface.typed").value == SURFACES["formula"].formula


def test_a_bad_formula_and_its_message_come_and_go_together(open_view):
    app = type_formula(choose(open_view(), "loss_surface.preset.widget", "formula"), "x +")
    choose(app, "optimizers.view.widget", "optimizer_race")
    assert not app.error
    choose(app, "optimizers.view.widget", "loss_surface")
    assert (app.text_input(key="loss_surface.typed").value == "x +") is bool(app.error)


def test_a_smaller_map_takes_the_start_along(open_view):
    app = set_to(open_view(preset="formula"), "loss_surface.field.extent", 2.0)
    assert not app.exception
    assert component(app)["bounds"] == [-2, 2, -2, 2]
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2, 2)}


def test_a_surface_without_optimizers_says_so(open_view):
    app = choose(open_view(), "loss_surface.field.optimizers", [])
    assert not app.exception
    refused = len(tracks(app)) == 3
    assert (
        refused or "optimizer" in "".join(note.value for note in [*app.info, *app.warning, *app.caption][-3:]).lower()
    )
    assert app.info or app.warning
    assert "tuple" not in text(app).lower()


# ---- The address


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"view": "best"}, "There is no view “best”"),
        ({"preset": "best"}, "There is no preset “best”"),
        ({"surface": "best"}, "“surface = best” cannot be used: it has to be one of"),
        ({"optimizers": "sgd,best"}, "“optimizers = sgd,best” cannot be used: it has to be one of"),
        ({"optimizers": "muon"}, "“optimizers = muon” cannot be used"),
        ({"learning_rate": "1e9"}, "“learning_rate = 1e9” cannot be used: it has to be at most 100"),
        ({"rate_adam": "nan"}, "“rate_adam = nan” cannot be used"),
        ({"momentum_momentum": "1"}, "“momentum_momentum = 1” cannot be used: it has to be at most"),
        ({"steps": "1e9"}, "cannot be used"),
        ({"x": "1000"}, "“x = 1000” cannot be used: it has to be at most 100"),
        ({"x": "50"}, "The start has to lie on the map: x from -10 to 4"),
        ({"y": "inf"}, "“y = inf” cannot be used"),
        ({"preset": "formula", "formula": "x +"}, "This is not a formula: look at character 4"),
        ({"preset": "formula", "formula": "__import__('os').system('x')"}, "is not mathematics"),
        ({"preset": "formula", "formula": "x + " * 74 + "y"}, "The formula is too long: 200 characters"),
        ({"preset": "formula", "formula": "1/0"}, "1/0` divides by zero"),
        ({"preset": "formula", "formula": "log(x)", "x": "-1"}, "has no finite value and slope"),
    ],
)
def test_a_bad_address_is_told_and_not_used(open_view, address, told):
    app = open_view(**address)
    assert told in text(app)
    assert app.warning
    preset = "formula" if address.get("preset") == "formula" else "ravine"
    expected = SURFACES[preset]
    if address.get("formula") == "log(x)":
        expected = expected.changed(formula="log(x)")
    assert app.session_state["loss_surface.settings"].config == expected
    app.run()
    assert told not in text(app)
    assert not app.exception


@pytest.mark.parametrize("optimizers", ["sgd,best", ""])
def test_what_is_used_instead_is_told_by_its_names(open_view, optimizers):
    told = open_view(optimizers=optimizers).warning[0].value
    assert "Used instead: " in told
    assert not set("()'") & set(told.split("Used instead: ")[1])


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"view": "optimizer_race", "optimizers": "lbfgs"}, "“optimizers = lbfgs” cannot be used"),
        ({"view": "optimizer_race", "preset": "best"}, "There is no preset “best”"),
        ({"view": "optimizer_race", "seeds": "0"}, "it has to be at least 1"),
        ({"view": "optimizer_race", "rates": "15", "seeds": "10"}, "networks would be too much, 500 are the most"),
        ({"view": "optimizer_race", "run": "0123456789abcdef"}, "There is no run “0123456789abcdef”"),
        ({"view": "lr_schedules", "optimizer": "gd"}, "“optimizer = gd” cannot be used"),
        ({"view": "lr_schedules", "schedules": "constant,never"}, "“schedules = constant,never” cannot be used"),
        ({"view": "lr_schedules", "learning_rate": "-1"}, "cannot be used: it has to be at least"),
    ],
)
def test_a_bad_address_of_a_run_is_told_and_not_used(open_view, address, told):
    app = open_view(**address)
    assert told in text(app)
    assert progress(app).startswith("Recording")
    view = address["view"]
    if "rates" not in address:
        preset = {"optimizer_race": RACES, "lr_schedules": SCHEDULE_PRESETS}[view]["digits"]
        assert app.session_state[f"{view}.settings"].config == preset


def test_the_settings_of_a_surface_are_in_the_address_and_come_back(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "himmelblau")
    choose(app, "loss_surface.field.optimizers", ["gd", "lbfgs", "adam"])
    set_to(app, "loss_surface.field.learning_rate", 0.5)
    set_to(app, "loss_surface.field.x", 1.0)
    address = dict(app.query_params)
    assert address == {"preset": "himmelblau", "optimizers": "gd,lbfgs,adam", "learning_rate": "0.5", "x": "1.0"}
    other = open_view(**address)
    assert component(other) == component(app)
    assert not other.warning
    assert dict(other.query_params) == address


def test_a_typed_formula_is_in_the_address_and_comes_back(open_view):
    app = type_formula(choose(open_view(), "loss_surface.preset.widget", "formula"), "x^2 & y")
    assert app.error
    type_formula(app, "x^2 + 5*y^2 - 1")
    other = open_view(**dict(app.query_params))
    assert component(other) == component(app)
    assert other.text_input(key="loss_surface.typed").value == "x^2 + 5*y^2 - 1"


def test_no_optimizers_are_in_the_address_and_come_back(open_view):
    app = choose(open_view(), "loss_surface.field.optimizers", [])
    other = open_view(**dict(app.query_params))
    assert tracks(other).keys() == tracks(app).keys()
    assert not [warning for warning in other.warning if "cannot be used" in warning.value]


@pytest.mark.parametrize(
    ("view", "preset", "field", "value"),
    [
        ("optimizer_race", "everybody", "optimizers", ["muon", "gd"]),
        ("lr_schedules", "adam", "schedules", ["step", "onecycle"]),
    ],
)
def test_the_settings_of_a_run_are_in_the_address_and_come_back(open_view, view, preset, field, value):
    app = choose(open_view(), "optimizers.view.widget", view)
    choose(app, f"{view}.preset.widget", preset)
    choose(app, f"{view}.field.{field}", value)
    assert dict(app.query_params) == {"view": view, "preset": preset, field: ",".join(value)}
    other = open_view(**dict(app.query_params))
    assert other.session_state[f"{view}.settings"].config == app.session_state[f"{view}.settings"].config
    assert list(widget(other, f"{view}.field.{field}").value) == value
    assert not other.warning


def test_each_view_keeps_its_settings_and_only_its_own_are_in_the_address(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "beale")
    set_to(app, "loss_surface.field.learning_rate", 0.5)
    drawn, address = component(app)["id"], dict(app.query_params)
    assert address == {"preset": "beale", "learning_rate": "0.5"}
    choose(app, "optimizers.view.widget", "optimizer_race")
    assert dict(app.query_params) == {"view": "optimizer_race"}
    set_to(app, "optimizer_race.field.seeds", 5)
    assert dict(app.query_params) == {"view": "optimizer_race", "seeds": "5"}
    choose(app, "optimizers.view.widget", "lr_schedules")
    assert dict(app.query_params) == {"view": "lr_schedules"}
    choose(app, "optimizers.view.widget", "loss_surface")
    assert dict(app.query_params) == address
    assert component(app)["id"] == drawn
    assert widget(app, "loss_surface.field.learning_rate").value == 0.5
    choose(app, "optimizers.view.widget", "optimizer_race")
    assert dict(app.query_params) == {"view": "optimizer_race", "seeds": "5"}
    assert widget(app, "optimizer_race.field.seeds").value == 5


@pytest.mark.parametrize(
    ("view", "configs"), [("loss_surface", SURFACES), ("optimizer_race", RACES), ("lr_schedules", SCHEDULE_PRESETS)]
)
def test_choices_are_called_by_names_not_by_keys(open_view, view, configs):
    app = open_view(view=view)
    options = [option for choice in [*app.button_group, *app.selectbox] for option in choice.options]
    assert len(options) > 15
    keys = {"loss_surface", "optimizer_race", "lr_schedules", *configs}
    for field in next(iter(configs.values())):
        keys |= set(field[1]) if isinstance(field[1], tuple) else {field[1]} if isinstance(field[1], str) else set()
    assert not [option for option in options if option in keys or "_" in option or option[0].islower()] or {
        option for option in options if option[0].islower()
    } <= {"each at its own best rate", "all at one rate"}
    assert not keys & set(options)
    assert all(widget.label for widget in [*app.slider, *app.select_slider, *app.button_group, *app.selectbox])


# ---- The race


@pytest.mark.parametrize("preset", RACES)
def test_every_race_opens_with_its_recording(open_view, played, preset):
    app = open_view(view="optimizer_race")
    choose(app, "optimizer_race.preset.widget", preset)
    app.run()
    assert not app.exception
    config = RACES[preset]
    assert progress(app).startswith("Recording of “")
    assert app.button_group(key="optimizer_race.preset.widget").options[list(RACES).index(preset)] in progress(app)
    assert len(table(app)) == len(config.optimizers)
    assert [row["optimizer"] for row in table(app)] == headline(app)
    assert f"{config.n_networks} networks with {config.n_weights:,} weights each" in text(app)
    assert "run" not in app.query_params
    cells = cells_of(app)
    assert len({(cell["row"], cell["column"]) for cell in cells}) == len(cells) >= len(config.optimizers) * config.rates
    assert {cell["row"] for cell in cells} == set(headline(app))


def test_a_recording_plays_from_its_beginning(open_view):
    app = open_view(view="optimizer_race")
    assert "Recording of “Digits” · update 0 of" in progress(app)
    assert not app.exception


def test_the_best_rate_of_each_is_ringed(open_view, played):
    app = open_view(view="optimizer_race")
    rows = {row["optimizer"]: row for row in table(app)}
    for name, row in rows.items():
        cells = [cell for cell in cells_of(app) if cell["row"] == name]
        (ringed,) = (cell for cell in cells if cell["ringed"])
        assert ringed["value"] == min(cell["value"] for cell in cells if cell["value"] is not None)
        assert row["learning rate"].startswith(ringed["column"])


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
    choose(app, "optimizer_race.compare", "own")
    assert (headline(app), table(app)) == (own, rows)


def test_the_curves_are_called_by_their_optimizers_and_rates(open_view, played):
    app = open_view(view="optimizer_race")
    curves = charts(app)[0]
    assert set(lines_of(curves)) == {f"{row['optimizer']} at {row['learning rate']}" for row in table(app)}
    choose(app, "optimizer_race.compare", "one")
    curves = charts(app)[0]
    assert set(lines_of(curves)) == {row["optimizer"] for row in table(app)}


def test_start_lets_them_race(open_view, engine):
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


def test_an_earlier_race_stays_for_comparison(open_view, engine):
    app = trained(open_view(**RACE), engine)
    first = run_of(app, engine)
    set_to(app, "optimizer_race.field.epochs", 2)
    trained(app, engine)
    assert run_of(app, engine) is not first
    curves = charts(app)[0]
    assert "winner of the earlier run" in lines_of(curves)


@pytest.mark.parametrize(("view", "field"), [("optimizer_race", "optimizers"), ("lr_schedules", "schedules")])
def test_nobody_to_race_is_refused(open_view, view, field):
    app = open_view(view=view)
    before = app.session_state[f"{view}.settings"].config
    choose(app, f"{view}.field.{field}", [])
    assert not app.exception
    assert app.session_state[f"{view}.settings"].config == before
    assert tuple(widget(app, f"{view}.field.{field}").value) == getattr(before, field)
    (told,) = (warning.value for warning in app.warning)
    assert "at least" in told
    assert "tuple" not in told.lower()
    assert "()" not in told


@pytest.mark.parametrize("view", ["loss_surface", "optimizer_race", "lr_schedules"])
def test_the_steps_of_a_slider_stay_when_something_else_changes(open_view, view):
    app = open_view(view=view)
    before = {slider.key: slider.options for slider in app.select_slider}
    app.run()
    assert {slider.key: slider.options for slider in app.select_slider} == before
    assert len(before[f"{view}.field.weight_decay"]) > 10


@pytest.mark.parametrize("view", ["loss_surface", "optimizer_race", "lr_schedules"])
def test_the_steps_of_a_slider_stay_when_it_is_at_an_end(open_view, view):
    app = open_view(view=view)
    for key in [f"{view}.field.learning_rate", f"{view}.field.weight_decay"]:
        slider = app.select_slider(key=key)
        before = slider.options
        slider.set_value(app.session_state[f"{view}.settings"].config.limits(key.split(".")[-1])[1]).run()
        app.run()
        assert app.select_slider(key=key).options[0] == before[0]
        assert set(before) - set(app.select_slider(key=key).options) <= {"0.03"}


# ---- Schedules and batch size


@pytest.mark.parametrize("preset", SCHEDULE_PRESETS)
def test_every_preset_of_the_schedules_opens_with_its_recording(open_view, played, preset):
    app = choose(open_view(view="lr_schedules"), "lr_schedules.preset.widget", preset)
    app.run()
    assert not app.exception
    assert progress(app).startswith("Recording of “")
    assert [row["schedule"] for row in table(app)] == headline(app)
    assert len(table(app)) == 5
    noise = points_of(app, "relative distance")
    assert {point["line"] for point in noise} == {"first weights", "after training", "1 / √batch size"}
    measured = {point["x"]: point["y"] for point in noise if point["line"] == "first weights"}
    assert len(measured) == 11
    assert measured[1] / measured[256] == pytest.approx(16, rel=0.25)


def test_start_trains_under_the_schedules(open_view, engine):
    app = trained(open_view(**SCHEDULES), engine)
    assert not app.exception
    assert progress(app).startswith("Done · update 7 of 7")
    assert {row["schedule"] for row in table(app)} == {"Constant", "Cosine"}
    rates = [point["y"] for point in points_of(app, "learning rate") if point["line"].startswith("Cosine")]
    assert rates[-1] < 0.2 * rates[0]
    assert rates == sorted(rates, reverse=True)


# ---- Tabs


@pytest.mark.parametrize("view", ["loss_surface", "optimizer_race", "lr_schedules"])
def test_every_tab_opens(open_view, played, view):
    app = open_view(view=view)
    assert "Why most comparisons are unfair" in text(app)
    code = "The schedules as code" if view == "lr_schedules" else "The rules as code"
    app.session_state[f"{view}.tab"] = code
    app.run()
    assert not app.exception
    assert len(app.get("html")) >= (1 if view == "lr_schedules" else 10)  # every rule, the chosen ones first
    if view == "loss_surface":
        return
    app.session_state[f"{view}.tab"] = "Take it away"
    app.run()
    assert not app.exception
    assert "**Link** to this page with these settings:" in text(app)


def test_the_rules_of_the_chosen_optimizers_are_shown(open_view):
    app = open_view(optimizers="adagrad,gd,sgd,adam")
    app.session_state["loss_surface.tab"] = "The rules as code"
    app.run()
    rules = [caption.value for caption in app.caption if caption.value in ("Adagrad", "GD", "SGD", "Adam", "Muon")]
    assert rules[:3] == ["Adagrad", "GD", "Adam"]  # GD and SGD have one rule
    assert rules[3:] == ["Muon"]
    assert all(name in code.proto.body for name, code in zip(("Adagrad", "SGD", "Adam"), app.get("html"), strict=False))
