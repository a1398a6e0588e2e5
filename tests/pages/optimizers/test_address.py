"""Settings in the address, and between the views of the page "Optimizers"."""

import pytest

from core.topics.loss_surface.config import PRESETS as SURFACES
from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from core.topics.optimizer_race.config import PRESETS as RACES
from pages.components.run.address import read_address
from tests.pages.helpers import (
    progress,
    text,
    widget,
)
from tests.pages.optimizers.helpers import change, choose, choose_cell, drawn, landscape, set_to, tracks


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"preset": "best"}, "There is no preset “best”"),
        ({"surface": "best"}, "“surface = best” cannot be used: it must be one of"),
        ({"optimizers": "sgd,best"}, "“optimizers = sgd,best” cannot be used: it must be one of"),
        ({"optimizers": "muon"}, "“optimizers = muon” cannot be used"),
        ({"learning_rate": "1e9"}, "“learning_rate = 1e9” cannot be used: it must be at most 100"),
        ({"rate_adam": "nan"}, "“rate_adam = nan” cannot be used"),
        ({"momentum_momentum": "1"}, "“momentum_momentum = 1” cannot be used: it must be at most"),
        ({"steps": "1e9"}, "cannot be used"),
        ({"x": "1000"}, "“x = 1000” cannot be used: it must be at most 100"),
        ({"x": "50"}, "The starting point must be on the map: x from -10 to 4"),
        ({"y": "inf"}, "“y = inf” cannot be used"),
        ({"preset": "formula", "formula": "x +"}, "Syntax error at character 4"),
        ({"preset": "formula", "formula": "__import__('os').system('x')"}, "is not allowed in a formula"),
        ({"preset": "formula", "formula": "x + " * 74 + "y"}, "The formula is too long. Use at most 200 characters"),
        ({"preset": "formula", "formula": "1/0"}, "1/0` divides by zero"),
        ({"preset": "formula", "formula": "log(x)", "x": "-1"}, "is not finite at the starting point x = -1, y = 4"),
    ],
)
def test_a_bad_address_is_told_and_not_used(address, told):
    preset, config, problems = read_address(address, SURFACES)
    assert told in "\n".join(problems)
    assert preset == ("formula" if address.get("preset") == "formula" else "ravine")
    expected = SURFACES[preset]
    if address.get("formula") == "log(x)":
        expected = expected.changed(formula="log(x)")
    assert config == expected


@pytest.mark.parametrize(
    ("address", "told", "preset"),
    [
        (
            {"view": "best", "surface": "best", "x": "50"},
            ["There is no view “best”", "“surface = best” cannot be used", "The starting point must be on the map"],
            "ravine",
        ),
        ({"preset": "formula", "formula": "x +"}, ["Syntax error at character 4"], "formula"),
    ],
)
def test_a_bad_address_is_told_on_the_page_until_the_warning_is_closed(open_view, address, told, preset):
    app = open_view(**address)
    assert app.warning
    assert app.session_state["loss_surface.settings"].config == SURFACES[preset]
    app.run()
    assert all(problem in text(app) for problem in told)
    app.button(key="link-warnings.close").click().run()
    assert not any(problem in text(app) for problem in told)
    assert not app.exception


@pytest.mark.parametrize("optimizers", ["sgd,best", ""])
def test_what_is_used_instead_is_told_by_its_names(optimizers):
    _preset, _config, (told,) = read_address({"optimizers": optimizers}, SURFACES)
    assert "Used instead: " in told
    assert not set("()'") & set(told.split("Used instead: ")[1])


@pytest.mark.parametrize(
    ("presets", "address", "told"),
    [
        (RACES, {"optimizers": "lbfgs"}, "“optimizers = lbfgs” cannot be used"),
        (RACES, {"preset": "best"}, "There is no preset “best”"),
        (RACES, {"seeds": "0"}, "it must be at least 1"),
        (RACES, {"rates": "15", "seeds": "10"}, "networks exceed the limit of 500"),
        (SCHEDULE_PRESETS, {"optimizer": "gd"}, "“optimizer = gd” cannot be used"),
        (SCHEDULE_PRESETS, {"schedules": "constant,never"}, "“schedules = constant,never” cannot be used"),
        (SCHEDULE_PRESETS, {"learning_rate": "-1"}, "cannot be used: it must be at least"),
    ],
)
def test_a_bad_address_of_a_run_is_told_and_not_used(presets, address, told):
    preset, config, problems = read_address(address, presets)
    assert told in "\n".join(problems)
    assert preset == "digits"
    assert config == presets["digits"] or "rates" in address


@pytest.mark.parametrize(
    ("view", "presets", "address"),
    [
        ("optimizer_race", RACES, {"run": "0123456789abcdef", "optimizers": "lbfgs"}),
        ("lr_schedules", SCHEDULE_PRESETS, {"optimizer": "gd"}),
    ],
)
def test_the_view_of_a_run_tells_a_bad_address(open_view, view, presets, address):
    app = open_view(view=view, **address)
    assert ("There is no run “0123456789abcdef”" in text(app)) is ("run" in address)
    assert f"“{list(address)[-1]} = {list(address.values())[-1]}” cannot be used" in text(app)
    assert progress(app).startswith("Recording")
    assert app.session_state[f"{view}.settings"].config == presets["digits"]


def test_the_settings_of_a_surface_are_in_the_address_and_come_back(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "himmelblau")
    change(app, optimizers=["gd", "lbfgs", "adam"])
    set_to(app, "loss_surface.field.learning_rate", 0.5)
    set_to(app, "loss_surface.field.x", 1.0)
    address = dict(app.query_params)
    assert address == {"preset": "himmelblau", "optimizers": "gd,lbfgs,adam", "learning_rate": "0.5", "x": "1.0"}
    other = open_view(**address)
    assert landscape(other) == landscape(app)
    assert not other.warning
    assert dict(other.query_params) == address


def test_no_optimizers_are_in_the_address_and_come_back(open_view):
    app = change(open_view(), optimizers=[])
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


@pytest.mark.parametrize("view", ["optimizer_race", "lr_schedules"])
@pytest.mark.parametrize("row", [None, 1])
def test_what_is_compared_is_in_the_address_and_comes_back(open_view, view, row):
    app = open_view(view=view)
    assert drawn(app, "rate_grid")["chosen"] is None
    name = row and drawn(app, "rate_grid")["rows"][row]["name"]
    choose_cell(app, 2, name)
    rate = drawn(app, "rate_grid")["rates"][2]
    assert app.query_params["compared"] == (f"{name},{rate}" if name else rate)
    other = open_view(**dict(app.query_params))
    assert drawn(other, "rate_grid")["chosen"] == {"column": 2, "row": name}
    assert not other.warning
    choose_cell(other)
    assert "compared" not in other.query_params
    assert "“fast” in the address is not a valid selection" in open_view(view=view, compared="fast").warning[0].value


def test_each_view_keeps_its_settings_and_only_its_own_are_in_the_address(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "beale")
    set_to(app, "loss_surface.field.learning_rate", 0.5)
    drawn, address = landscape(app)["id"], dict(app.query_params)
    assert address == {"preset": "beale", "learning_rate": "0.5"}
    choose(app, "optimizers.view.widget", "optimizer_race")
    assert dict(app.query_params) == {"view": "optimizer_race"}
    set_to(app, "optimizer_race.field.seeds", 5)
    assert dict(app.query_params) == {"view": "optimizer_race", "seeds": "5"}
    choose(app, "optimizers.view.widget", "lr_schedules")
    assert dict(app.query_params) == {"view": "lr_schedules"}
    choose(app, "optimizers.view.widget", "loss_surface")
    assert dict(app.query_params) == address
    assert landscape(app)["id"] == drawn
    assert widget(app, "loss_surface.field.learning_rate").value == 0.5
    choose(app, "optimizers.view.widget", "optimizer_race")
    assert dict(app.query_params) == {"view": "optimizer_race", "seeds": "5"}
    assert widget(app, "optimizer_race.field.seeds").value == 5
