"""What all views of the page "Optimizers" have in common: labels, sliders, tabs."""

import pytest

from core.topics.loss_surface.config import PRESETS as SURFACES
from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from core.topics.optimizer_race.config import PRESETS as RACES
from tests.pages.helpers import (
    text,
    widget,
)
from tests.pages.optimizers.helpers import choose

# ---- The address


@pytest.mark.parametrize(
    ("view", "configs"), [("loss_surface", SURFACES), ("optimizer_race", RACES), ("lr_schedules", SCHEDULE_PRESETS)]
)
def test_choices_are_called_by_names_not_by_keys(open_view, view, configs):
    app = open_view(view=view)
    options = [option for choice in [*app.button_group, *app.selectbox] for option in choice.options]
    assert len(options) > 10
    keys = {"loss_surface", "optimizer_race", "lr_schedules", *configs}
    for field in next(iter(configs.values())):
        keys |= set(field[1]) if isinstance(field[1], tuple) else {field[1]} if isinstance(field[1], str) else set()
    assert not [option for option in options if option in keys or "_" in option or option[0].islower()]
    assert not keys & set(options)
    assert all(widget.label for widget in [*app.slider, *app.select_slider, *app.button_group, *app.selectbox])


# ---- The race


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


# ---- Tabs


@pytest.mark.parametrize("view", ["loss_surface", "optimizer_race", "lr_schedules"])
def test_every_tab_opens(open_view, view):
    app = open_view(view=view)
    assert "Why most comparisons are unfair" in text(app)
    code = "Schedules as code" if view == "lr_schedules" else "Update rules as code"
    app.session_state[f"{view}.tab"] = code
    app.run()
    assert not app.exception
    assert len(app.get("html")) >= (1 if view == "lr_schedules" else 10)  # every rule, the chosen ones first
    if view == "loss_surface":
        return
    app.session_state[f"{view}.tab"] = "Export"
    app.run()
    assert not app.exception
    assert "**Link** to this page with these settings:" in text(app)


def test_the_rules_of_the_chosen_optimizers_are_shown(open_view):
    app = open_view(optimizers="adagrad,gd,sgd,adam")
    app.session_state["loss_surface.tab"] = "Update rules as code"
    app.run()
    rules = [caption.value for caption in app.caption if caption.value in ("Adagrad", "GD", "SGD", "Adam", "Muon")]
    assert rules[:3] == ["Adagrad", "GD", "Adam"]  # GD and SGD have one rule
    assert rules[3:] == ["Muon"]
    assert all(name in code.proto.body for name, code in zip(("Adagrad", "SGD", "Adam"), app.get("html"), strict=False))
