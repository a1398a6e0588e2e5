"""The view "Loss surface"."""

from core.topics.loss_surface.config import PRESETS as SURFACES
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES
from pages.components.text import number
from tests.pages.helpers import (
    button,
    line_charts,
    points_of,
    table,
    text,
    widget,
)
from tests.pages.optimizers.helpers import change, choose, drawn, landscape, remarks, set_to, surface, tracks

RAVINE = [BEST_LEARNING_RATES["ravine"][name] for name in ("sgd", "momentum", "adam")]


def test_it_opens_on_the_ravine_with_three_optimizers_and_one_learning_rate(open_view):
    app = open_view()
    assert list(tracks(app)) == ["SGD", "Momentum", "Adam"]
    assert [row["optimizer"] for row in table(app)] == ["SGD", "Momentum", "Adam"]
    assert surface(app)["minima"] == [[0, 0]]
    hidden = {slider.key for slider in [*app.expander[0].select_slider, *app.expander[0].slider]}
    open_ = [slider.key for slider in [*app.select_slider, *app.slider] if slider.key not in hidden]
    assert open_ == [f"loss_surface.field.{name}" for name in ("learning_rate", "condition", "steps", "noise")]
    assert [chip["label"] for chip in drawn(app, "landscape")["chips"]] == [
        *("GD", "SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW", "L-BFGS")
    ]
    assert dict(app.query_params) == {}


def test_every_surface_opens(open_view):
    app = open_view()
    for preset, config in SURFACES.items():
        if preset != "ravine":
            choose(app, "loss_surface.preset.widget", preset)
        assert not app.exception
        expected = config.build_surface()
        assert surface(app)["bounds"] == list(expected.bounds)
        assert len(surface(app)["minima"]) == len(expected.minima)
        assert len(tracks(app)) == len(config.optimizers) == len(table(app))
        assert all((track["x"][0], track["y"][0]) == (config.x, config.y) for track in tracks(app).values())
        assert len(line_charts(app)) == (3 if expected.minima else 2)
        # Nobody looks bad by accident
        assert not any("diverged" in (track["end"] or "") for track in tracks(app).values())
        if expected.lowest is not None:
            assert all(row["steps to converge"] != "–" for row in table(app))


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


def test_divergence_does_not_spoil_the_axes_of_the_others(open_view):
    app = open_view()
    for factor in (2.0, 3.0, 100.0):
        set_to(app, "loss_surface.field.learning_rate", factor)
        lost = {track["name"] for track in tracks(app).values() if track["end"]}
        assert lost
        spoilt = {}
        for axis in ("distance", "step length in x", "step length in y"):
            points = points_of(app, axis)
            highest = max(point["y"] for point in points)
            others = max(point["y"] for point in points if point["line"] not in lost or point["x"] <= 1)
            if highest > 10 * others:
                spoilt[factor, axis] = (highest, others)
        assert spoilt == {}


def test_without_noise_gd_and_sgd_are_the_same(open_view):
    app = change(open_view(), optimizers=["gd", "sgd"])
    assert tracks(app)["GD"]["x"] == tracks(app)["SGD"]["x"]
    assert "GD and SGD are identical" in remarks(app)
    set_to(app, "loss_surface.field.noise", 1.0)
    assert tracks(app)["GD"]["x"] != tracks(app)["SGD"]["x"]
    assert "GD and SGD are identical" not in remarks(app)


def test_without_weight_decay_adamw_is_adam(open_view):
    app = change(open_view(), optimizers=["adam", "adamw"])
    assert tracks(app)["Adam"]["x"] == tracks(app)["AdamW"]["x"]
    assert "AdamW is identical to Adam" in remarks(app)
    app = open_view(optimizers="adam,adamw", weight_decay="0.1")
    assert tracks(app)["Adam"]["x"] != tracks(app)["AdamW"]["x"]
    assert "AdamW is identical to Adam" not in remarks(app)


def test_lbfgs_counts_evaluations(open_view):
    app = open_view()
    assert "evaluations" not in remarks(app)
    change(app, optimizers=["adam", "lbfgs"])
    assert "evaluates the surface several times per iteration" in remarks(app)
    assert len(tracks(app)["L-BFGS"]["x"]) == len(tracks(app)["Adam"]["x"])


def test_the_best_rates_are_found_again(open_view):
    app = open_view(rate_sgd="0.001", rate_adam="0.002", learning_rate="3")
    assert [row["steps to converge"] for row in table(app)][::2] == ["–", "–"]
    button(app, "Find the best learning rates").click().run()
    assert not app.exception
    assert [row["learning rate"] for row in table(app)] == [number(rate) for rate in RAVINE]
    assert all(row["steps to converge"] != "–" for row in table(app))
    assert dict(app.query_params) == {}


def test_the_start_is_that_of_all(open_view):
    app = set_to(open_view(), "loss_surface.field.x", 2.0)
    set_to(app, "loss_surface.field.y", -1.5)
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2.0, -1.5)}
    assert (app.query_params["x"], app.query_params["y"]) == ("2.0", "-1.5")


def test_a_drag_of_the_start_draws_new_trajectories(open_view):
    app = open_view()
    before = surface(app)["id"]
    change(app, x=2.0, y=-1.5, settled=False)
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2.0, -1.5)}
    assert widget(app, "loss_surface.field.x").value == -9.0  # the sidebar follows when the pointer lets go
    change(app, x=2.5, y=1.0)
    assert {(track["x"][0], track["y"][0]) for track in tracks(app).values()} == {(2.5, 1.0)}
    assert widget(app, "loss_surface.field.x").value == 2.5
    assert (app.query_params["x"], app.query_params["y"]) == ("2.5", "1.0")
    assert surface(app)["id"] == before == drawn(app, "landscape")["surface"]
    assert "losses" not in drawn(app, "landscape")


def test_a_drag_of_many_optimizers_is_shorter_than_their_trajectories(open_view):
    app = open_view(preset="rosenbrock")
    change(app, x=0.5, y=0.5, settled=False)
    assert {len(track["x"]) for track in tracks(app).values()} == {134}
    change(app, x=0.5, y=0.5)
    assert {len(track["x"]) for track in tracks(app).values()} == {301}


def test_what_no_browser_sends_changes_nothing(open_view):
    app = open_view()
    before = landscape(app)
    for values in ({"x": "here"}, {"x": 1e9}, {"optimizers": ["muon"]}, {"optimizers": []}, {"request": None}):
        change(app, **values)
        assert landscape(app) == before


def test_each_optimizer_has_settings_of_its_own(open_view):
    app = open_view()
    before = tracks(app)
    set_to(app, "loss_surface.field.rate_momentum", 0.1)
    set_to(app, "loss_surface.field.beta1_adam", 0.5)
    after = tracks(app)
    assert after["SGD"] == before["SGD"]
    assert after["Momentum"]["x"] != before["Momentum"]["x"]
    assert after["Adam"]["x"] != before["Adam"]["x"]


def test_a_surface_without_optimizers_says_so(open_view):
    app = change(open_view(), optimizers=[])
    assert not app.exception
    refused = len(tracks(app)) == 3
    assert (
        refused or "optimizer" in "".join(note.value for note in [*app.info, *app.warning, *app.caption][-3:]).lower()
    )
    assert app.info or app.warning
    assert "tuple" not in text(app).lower()
