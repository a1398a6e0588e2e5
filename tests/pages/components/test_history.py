"""Pages follow their address and report the values that they cannot use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup
from streamlit.util import calc_hash

from core.topics.manual_mlp.config import PRESETS
from pages.components import history, turns
from pages.components.run.address import read_address
from tests.pages.helpers import button, component, text, widget

LEARNING_RATE = "manual_mlp.field.learning_rate"


@pytest.fixture
def follow(monkeypatch) -> Callable[..., AppTest]:
    """Go back or forward to an address of the current page, as the browser's buttons do."""

    def go(app: AppTest, **address: str) -> AppTest:
        app.query_params = dict(address)
        with monkeypatch.context() as patch:
            patch.setattr(history, "_is_back_or_forward", lambda: True)
            app.run()
        assert not app.exception
        return app

    return go


def go_to(app: AppTest, page: str) -> AppTest:
    """Open another page from the navigation. Its address has no query."""
    app._page_hash, app.query_params = calc_hash(page), {}
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def entries(monkeypatch) -> list[dict]:
    """The addresses that became entries of the browser's history."""
    made = list[dict]()
    make_entry = history.make_entry

    def make() -> None:
        made.append(history.st.query_params.to_dict())
        make_entry()

    monkeypatch.setattr(history, "make_entry", make)
    return made


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"lr": "0.1"}, "There is no setting “lr”. Did you mean learning_rate?"),
        ({"learningrate": "0.1"}, "There is no setting “learningrate”. Did you mean learning_rate?"),
        ({"zebra": "1"}, "There is no setting “zebra”."),
        ({"preset": "nonsense"}, "There is no preset “nonsense”. The default preset is used."),
        ({"preset": "teachers"}, "There is no preset “teachers”. The default preset is used. Did you mean teacher?"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(address, told):
    preset, config, problems = read_address(address, PRESETS)
    default = next(iter(PRESETS))
    assert problems == [told]
    assert (preset, config) == (default, PRESETS[default])


def test_at_most_five_unknown_names_are_told():
    problems = read_address({f"zebra{number}": "1" for number in range(50)}, PRESETS)[2]
    assert len(problems) == 5


@pytest.mark.parametrize("name", ["learning_rate", "learning-rate"])
def test_hyphens_are_accepted_in_names(open_page, name):
    app = open_page(**{name: "0.01"})
    assert app.session_state["manual_mlp.settings"].config.learning_rate == 0.01
    assert not app.warning
    assert dict(app.query_params) == {"learning_rate": "0.01"}


def test_hyphens_are_accepted_in_views(open_page):
    app = open_page("optimizers", view="lr-schedules")
    assert app.session_state["optimizers.view"] == "lr_schedules"
    assert not app.warning


def test_an_unknown_view_and_an_unknown_tab_are_told(open_page):
    app = open_page("optimizers", view="race_of_optimizers", tab="nothing")
    assert "There is no view “race_of_optimizers”. The first view is shown." in text(app)
    assert "There is no tab “nothing”." in text(app)
    assert dict(app.query_params) == {}


def test_a_warning_about_a_link_stays_until_it_is_closed(open_page):
    app = open_page(lr="0.1")
    told = "There is no setting “lr”. Did you mean learning_rate?"
    assert dict(app.query_params) == {}
    widget(app, LEARNING_RATE).set_value(0.01).run()
    assert [warning.value for warning in app.warning] == [told]
    button(app, "Close").click().run()
    assert not app.warning
    app.run()
    assert not app.warning


def test_the_open_tab_is_in_the_address_and_comes_back(open_page):
    app = open_page("optimizers", tab="rules_as_code")
    assert "tab" in app.query_params
    app.session_state["loss_surface.tab"] = "Lesson"
    app.run()
    assert dict(app.query_params) == {}


def test_back_and_forward_are_followed(open_page, follow):
    app = open_page("optimizers", preset="himmelblau", learning_rate="0.5")
    addresses = [dict(app.query_params)]
    widget(app, "optimizers.view.widget").set_value("optimizer_race").run()
    addresses.append(dict(app.query_params))
    assert addresses == [{"preset": "himmelblau", "learning_rate": "0.5"}, {"view": "optimizer_race"}]
    widget(app, "optimizer_race.field.seeds").set_value(5).run()

    for address in [addresses[0], addresses[1], {"view": "lr_schedules"}, {}, addresses[0]]:
        follow(app, **address)
        assert dict(app.query_params) == address
        view = address.get("view", "loss_surface")
        assert app.session_state["optimizers.view"] == view
        assert widget(app, "optimizers.view.widget").value == view
    config = app.session_state["loss_surface.settings"].config
    assert (config.learning_rate, widget(app, "loss_surface.field.learning_rate").value) == (0.5, 0.5)
    assert app.session_state["optimizer_race.settings"].config.seeds != 5


def test_back_returns_to_the_preset_with_its_settings(open_page, follow):
    app = open_page(learning_rate="0.01")
    presets = list(PRESETS)
    choice = next(group for group in app.button_group if (group.key or "").startswith("manual_mlp.preset.widget"))
    choice.set_value(presets[1]).run()
    assert dict(app.query_params) == {"preset": presets[1]}
    follow(app, learning_rate="0.01")
    state = app.session_state["manual_mlp.settings"]
    assert (state.preset, state.config) == (presets[0], PRESETS[presets[0]].changed(learning_rate=0.01))
    assert widget(app, LEARNING_RATE).value == 0.01
    app.run()
    assert dict(app.query_params) == {"learning_rate": "0.01"}


def test_views_and_presets_make_entries_and_settings_do_not(open_page, entries):
    app = open_page("optimizers")
    widget(app, "loss_surface.field.learning_rate").set_value(0.5).run()
    assert entries == []
    widget(app, "loss_surface.preset.widget").set_value("beale").run()
    assert entries == [{"learning_rate": "0.5"}]
    widget(app, "optimizers.view.widget").set_value("optimizer_race").run()
    assert entries == [{"learning_rate": "0.5"}, {"preset": "beale"}]
    app.run()
    assert len(entries) == 2
    assert history.ANNOUNCEMENT not in app.query_params


@pytest.mark.parametrize("way", ["its button", "a click on it"])
def test_a_changed_preset_is_marked_until_it_is_restored(open_page, way):
    app = open_page()

    def choice() -> ButtonGroup:
        return next(group for group in app.button_group if (group.key or "").startswith("manual_mlp.preset.widget"))

    chosen = choice().value
    assert choice().label == "Preset"
    widget(app, LEARNING_RATE).set_value(0.01).run()
    assert choice().label == "Preset · changed"
    if way == "its button":
        app.button(key="manual_mlp.preset.restore").click().run()
    else:
        choice().set_value(None).run()
    assert (choice().label, choice().value) == ("Preset", chosen)
    assert widget(app, LEARNING_RATE).value == PRESETS[next(iter(PRESETS))].learning_rate


def test_a_typed_formula_survives_another_preset_another_view_and_another_page(open_page, follow):
    app = open_page("optimizers", preset="formula")
    app.text_input(key="loss_surface.typed").set_value("x^2 + 7*y^2").run()
    assert not app.error
    drawn, address = component(app, "landscape")["id"], dict(app.query_params)
    assert address["formula"] == "x^2 + 7*y^2"

    def expect_formula() -> None:
        assert app.text_input(key="loss_surface.typed").value == "x^2 + 7*y^2"
        assert app.query_params["formula"] == "x^2 + 7*y^2"

    widget(app, "loss_surface.preset.widget").set_value("beale").run()
    assert "formula" not in app.query_params
    widget(app, "loss_surface.preset.widget").set_value("formula").run()
    expect_formula()
    widget(app, "optimizers.view.widget").set_value("optimizer_race").run()
    widget(app, "optimizers.view.widget").set_value("loss_surface").run()
    expect_formula()
    go_to(app, "manual_mlp")
    assert "formula" not in app.query_params
    go_to(app, "optimizers")
    expect_formula()
    follow(app, preset="formula", formula="x^2 + y^2")
    assert app.text_input(key="loss_surface.typed").value == "x^2 + y^2"
    follow(app, **address)
    expect_formula()
    assert component(app, "landscape")["id"] == drawn


def test_a_warning_about_a_link_waits_on_its_page(open_page):
    app = open_page(lr="0.1")
    assert app.warning
    go_to(app, "optimizers")
    assert not app.warning
    go_to(app, "manual_mlp")
    assert app.warning


def test_a_link_inside_the_app_is_followed_though_the_page_was_open_before(open_page):
    app = open_page(learning_rate="0.01")
    go_to(app, "optimizers")
    app._page_hash, app.query_params = calc_hash("manual_mlp"), {"preset": "teacher"}
    app.run()
    assert app.session_state["manual_mlp.settings"].preset == "teacher"
    assert dict(app.query_params) == {"preset": "teacher"}


class Recorder:
    """Turns that record whether they were preferred."""

    def __init__(self):
        self.preferred, self.drawing = [], set()

    @contextmanager
    def turn(self, *, preferred: bool = False) -> Iterator[None]:
        self.preferred.append(preferred)
        yield


@pytest.mark.parametrize("first", ["", "manual_mlp"])
def test_a_page_is_preferred_only_when_it_is_open_already(open_page, monkeypatch, first):
    monkeypatch.setattr(turns, "pages", recorder := Recorder())
    app = open_page(first)
    assert recorder.preferred[0] is False
    app.run()
    assert recorder.preferred[-1] is True
    recorder.preferred.clear()
    go_to(app, "optimizers")
    assert recorder.preferred[0] is False
    app.run()
    assert recorder.preferred[-1] is True
