"""The view "Activations" as the server draws it: the function, the chain of layers, the bias of a neuron."""

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.topics.activations.functions import ACTIVATIONS
from core.topics.activations.gradient_flow import gradient_flow
from tests.pages.foundations.curves import dots_of
from tests.pages.foundations.plots import data_of, plots, send, slide
from tests.pages.helpers import open_tab, text, widget

NAMES = dict(zip(ACTIVATIONS, ["Sigmoid", "Tanh", "ReLU", "Leaky ReLU", "GELU", "Linear"], strict=True))


@pytest.fixture
def app(open_page) -> AppTest:
    return open_page("foundations", view="activations")


def choose(app: AppTest, key: str, value: object) -> AppTest:
    widget(app, f"activations.{key}").set_value(value).run()
    assert not app.exception
    return app


def test_it_opens_on_sigmoid_at_an_input_of_1(app):
    drawn = plots(app)
    assert drawn["names"][0] == "Sigmoid"
    assert drawn["values"] == {"x": 1, "w": 1}
    at = drawn["x"].index(1)
    assert (drawn["f"][at], drawn["slope"][at]) == (0.7311, 0.1966)
    assert drawn["max_slope"] == 0.25


def test_the_curves_are_those_of_the_core(app):
    for name, title in NAMES.items():
        choose(app, "name", name)
        drawn, activation = plots(app), ACTIVATIONS[name]
        x = torch.tensor(drawn["x"], dtype=torch.float64)
        assert drawn["names"][0] == title
        assert drawn["f"] == pytest.approx(activation.function(x).tolist(), rel=1e-3)
        assert drawn["slope"] == pytest.approx(activation.derivative(x).tolist(), rel=1e-3)
        assert drawn["allowed"]["x"] == drawn["x"]


def test_the_saturated_parts_are_shaded(app):
    assert plots(app)["saturated"] == [[-6, pytest.approx(-3.65)], [pytest.approx(3.65), 6]]
    choose(app, "name", "relu")
    assert plots(app)["saturated"] == [[-6, 0]]
    choose(app, "name", "linear")
    assert plots(app)["saturated"] == []


@pytest.mark.parametrize(
    ("name", "x", "w"),
    [("relu", 1, 2), ("relu", 1, -1), ("linear", 3, -2), ("sigmoid", 1, 4), ("tanh", 1, 3), ("leaky_relu", -6, 0.1)],
)
def test_the_chain_has_the_gradients_of_autograd(app, name, x, w):
    choose(app, "name", name)
    slide(app, x=x, w=w)
    drawn = plots(app)
    chains, allowed = drawn["chains"], drawn["allowed"]
    assert (chains["x"], chains["w"]) == (x, w)
    for other_x in (-6, -0.35, x):
        flow, chain = gradient_flow(name, other_x, weight=w), chains["by_x"][allowed["x"].index(other_x)]
        assert chain["gradients"] == pytest.approx(flow.gradients, rel=1e-3)
        assert chain["inputs"] == pytest.approx(flow.inputs, rel=1e-3)
    for other_w in (-4, 0, 0.1, w):
        flow, chain = gradient_flow(name, x, weight=other_w), chains["by_w"][allowed["w"].index(other_w)]
        assert chain["gradients"] == pytest.approx(flow.gradients, rel=1e-3)


def test_the_sliders_are_kept_and_bad_messages_are_not(app):
    slide(app, x=-2.5, w=0.5)
    assert plots(app)["values"] == data_of(app, "shared_sliders")["values"] == {"x": -2.5, "w": 0.5}
    version = plots(app)["version"]
    for message in (
        {"version": version, "values": {"x": 99, "w": 0.5}},
        {"version": version, "values": {"y": 1}},
        {"version": "other", "values": {"x": 1, "w": 1}},
        {"version": version, "values": {"x": "nan", "w": 1}},
        "nonsense",
    ):
        send(app, "shared_sliders", values=message)
        assert plots(app)["values"] == {"x": -2.5, "w": 0.5}
    choose(app, "name", "gelu")
    assert plots(app)["values"] == {"x": -2.5, "w": 0.5}


def test_with_and_without_bias(app):
    choose(app, "weight", 2.0)
    choose(app, "bias", 3.0)
    for name, title in NAMES.items():
        choose(app, "name", name)
        assert dots_of(app, "linear part") == {"with": (0, 3), "without": (0, 0)}
        without = {"sigmoid": 0.5}.get(name, 0)
        dots = dots_of(app, f"{title}(w x + b)")
        assert dots["without"] == (0, without)
        assert dots["with"][1] > without
        told = (
            "**not** through the origin"
            if name == "sigmoid"
            else f"{title}(0) = 0: without a bias, the output curve also passes"
        )
        assert told in text(app)
        assert "by −b / w = **-1.5**" in text(app)


def test_a_weight_of_zero_is_handled(app):
    choose(app, "weight", 0.0)
    assert "The bias shifts the curve" not in text(app)
    slide(app, w=0)
    chain = plots(app)["chains"]["by_w"][plots(app)["allowed"]["w"].index(0)]
    assert chain["gradients"] == [*[0] * 10, 1]


def test_the_lesson_and_the_code_are_shown(app):
    assert "What a neuron computes" in text(app)
    open_tab(app, "activations", "Code")
    shown = "".join(element.proto.body for element in app.get("html"))
    assert all(f">{name}</span>" in shown for name in ("sigmoid_derivative", "neuron", "gradient_flows"))


def test_the_settings_are_in_the_address_and_come_back(app, open_page):
    assert dict(app.query_params) == {"view": "activations"}
    choose(app, "name", "gelu")
    slide(app, x=-0.75)
    assert dict(app.query_params) == {"view": "activations", "activation": "gelu", "x": "-0.75"}
    other = open_page("foundations", view="activations", activation="gelu", x="-0.75")
    assert plots(other)["names"][0] == "GELU"
    assert plots(other)["values"] == {"x": -0.75, "w": 1}
    assert not other.warning


def test_invalid_values_in_the_address_are_reported(open_page):
    app = open_page("foundations", view="activations", activation="best", w="100")
    told = [warning.value for warning in app.warning]
    assert told == [
        "“w = 100” in the address cannot be used.",
        "“activation = best” in the address cannot be used.",
    ]
    assert plots(app)["names"][0] == "Sigmoid"
    app.run()
    assert not app.warning
