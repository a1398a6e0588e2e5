"""Typed formulas on the page "Optimizers": drawn, refused, kept in the address."""

from core.topics.loss_surface.config import PRESETS as SURFACES
from tests.pages.helpers import (
    table,
    text,
    widget,
)
from tests.pages.optimizers.helpers import choose, landscape, set_to, surface, tracks, type_formula

# ---- On a surface


def test_a_formula_is_drawn_and_its_best_rates_are_searched_for(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "formula")
    for formula in ("x^2 + 10*y^2", "abs(x) + abs(y)", "log(x) + y^2", "x^y"):
        before, rates = landscape(app)["id"], [row["learning rate"] for row in table(app)]
        type_formula(app, formula)
        assert not app.exception
        assert not app.error
        assert landscape(app)["id"] != before
        assert [row["learning rate"] for row in table(app)] != rates
        assert not any("diverged" in (track["end"] or "") for track in tracks(app).values())
        assert app.query_params["formula"] == formula


BAD = {
    "x +": "Syntax error at character 4",
    "__import__('os').system('touch stolen')": "is not allowed in a formula",
    "(lambda: open('stolen', 'w'))()": "is not allowed in a formula",
    "x.real": "is not allowed in a formula",
    "1/0": "1/0` divides by zero",
    "x + z": "Unknown name `z`. Use only these names: x, y",
    "9**9**9**9": "not finite on most of the map",
    "": "Type a formula in x and y",
    "-" * 150 + "x": "The formula has too many operations. Use at most 100",
    "log(x - 4)": "not finite on most of the map",
    "sin(x, y)": "Wrong number of arguments for `sin`. Expected number: 1",
    "2x": "Syntax error at character 2",
    "<script>alert(1)</script>": "Syntax error",
}


def test_a_bad_formula_is_told_at_its_field_and_the_last_good_surface_stays(open_view, tmp_path, monkeypatch):
    app = open_view(preset="formula", formula="x^2 + 3*y^2")
    before, address = landscape(app), dict(app.query_params)
    monkeypatch.chdir(tmp_path)
    for formula, problem in BAD.items():
        type_formula(app, formula)
        assert not app.exception
        (told,) = (error.value for error in app.error)
        assert problem in told
        assert "The map still shows the last valid formula" in text(app)
        assert app.text_input(key="loss_surface.typed").value == formula
        assert landscape(app) == before
        assert dict(app.query_params) == address
        assert not (tmp_path / "stolen").exists()


def test_a_good_formula_takes_the_place_of_a_bad_one(open_view):
    app = type_formula(open_view(preset="formula"), "x +")
    before = landscape(app)["id"]
    type_formula(app, "x^2 + y^2")
    assert not app.error
    assert landscape(app)["id"] != before


def test_no_formula_is_used_where_all_start_beside_it(open_view):
    app = choose(open_view(), "loss_surface.preset.widget", "formula")
    set_to(app, "loss_surface.field.x", -3.0)
    before = landscape(app)["id"]
    type_formula(app, "log(x) + y^2")
    assert "not finite at the starting point x = -3, y = 4" in app.error[0].value
    assert landscape(app)["id"] == before


def test_no_start_is_used_where_the_formula_has_no_value(open_view):
    app = open_view(preset="formula", formula="log(x) + y^2")
    before = landscape(app)["id"]
    set_to(app, "loss_surface.field.x", -3.0)
    assert "not finite at the starting point x = -3, y = 4" in text(app)
    assert landscape(app)["id"] == before
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
    assert surface(app)["bounds"] == [-2, 2, -2, 2]
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2, 2)}


# ---- The address


def test_a_typed_formula_is_in_the_address_and_comes_back(open_view):
    app = type_formula(choose(open_view(), "loss_surface.preset.widget", "formula"), "x^2 & y")
    assert app.error
    type_formula(app, "x^2 + 5*y^2 - 1")
    other = open_view(**dict(app.query_params))
    assert landscape(other) == landscape(app)
    assert other.text_input(key="loss_surface.typed").value == "x^2 + 5*y^2 - 1"
