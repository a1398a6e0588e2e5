"""The view of activations as a server draws it: what is read off, the neuron with and without bias, and the chain."""

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.activations.functions import ACTIVATIONS
from core.topics.activations.gradient_flow import gradient_flow
from pages.components.text import number
from tests.pages.foundations.curves import chart_of, curves_of, dots_of
from tests.pages.helpers import (
    open_tab,
    rows,
    spec_of,
    text,
    widget,
)

NAMES = dict(zip(ACTIVATIONS, ["Sigmoid", "Tanh", "ReLU", "Leaky ReLU", "GELU", "Linear"], strict=True))
SLOPE = "its slope (the derivative)"


@pytest.fixture
def app(open_page) -> AppTest:
    return open_page("foundations", view="activations")


def choose(app: AppTest, key: str, value: object) -> AppTest:
    widget(app, f"activations.{key}").set_value(value).run()
    assert not app.exception
    return app


def bars(app: AppTest) -> list[dict]:
    """What arrives at the input and at each of the ten neurons."""
    return rows(chart_of(app, "gradient that arrives"))


def test_it_opens_on_sigmoid_whose_gradient_vanishes(app):
    assert dots_of(app, "output, slope") == {
        "Sigmoid": (1, pytest.approx(0.7310586)),
        SLOPE: (1, pytest.approx(0.1966119)),
    }
    assert "Input **1** → output :blue[**0.731**], slope :orange[**0.197**]: 79% of the steepest." in text(app)
    assert "**2.8·10⁻⁷** arrives at the beginning. :blue[**It vanishes**]" in text(app)
    assert [bar["neuron"] for bar in bars(app)] == ["input", *map(str, range(1, 11))]


def test_value_and_slope_are_read_off_at_the_input(app):
    choose(app, "name", "tanh")
    choose(app, "input", -0.5)
    assert dots_of(app, "output, slope") == {
        "Tanh": (-0.5, pytest.approx(-0.4621172)),
        SLOPE: (-0.5, pytest.approx(0.7864477)),
    }
    assert "hardly any gradient comes back.\n" in text(app)
    choose(app, "input", 4.0)
    assert "**Saturated** here" in text(app)


def test_the_saturated_parts_are_shaded(app):
    def shaded() -> list[tuple[float, float]]:
        layers = spec_of(chart_of(app, "output, slope"))["layer"]
        return [(part["x"], part["to"]) for part in layers[0]["data"]["values"] if "to" in part]

    assert shaded() == [(-6, pytest.approx(-3.65)), (pytest.approx(3.65), 6)]
    choose(app, "name", "relu")
    assert shaded() == [(-6, 0)]
    choose(app, "name", "linear")
    assert shaded() == []


def test_with_and_without_bias(app):
    choose(app, "weight", 2.0)
    choose(app, "bias", 3.0)
    for name, title in NAMES.items():
        choose(app, "name", name)
        assert dots_of(app, "the linear part") == {"w x + b": (0, 3), "w x, without bias": (0, 0)}
        without = {"sigmoid": 0.5}.get(name, 0)
        dots = dots_of(app, f"{title}(w x + b)")
        assert dots["without bias"] == (0, without)
        assert dots["with bias"][1] > without
        told = "**not** through the origin" if name == "sigmoid" else f"{title}(0) = 0: without bias the neuron passes"
        assert told in text(app)
        assert "x = −b / w = **-1.5**" in text(app)


def test_a_weight_of_zero_is_no_trouble(app):
    choose(app, "weight", 0.0)
    assert "The bias moves the curve" not in text(app)
    choose(app, "chain", 0.0)
    assert "**It is gone**" in text(app)


def test_what_is_left_of_the_gradient(app):
    for name, weight, left, verdict in (
        ("relu", 1.0, 1.0, "**It survives.**"),
        ("relu", 2.0, 1024.0, "**It explodes**"),
        ("relu", -1.0, 0.0, "**It is gone**"),
        ("linear", -2.0, 1024.0, "**It explodes**"),
        ("sigmoid", 4.0, None, "**It vanishes**"),
        ("tanh", 3.0, None, "**It vanishes**"),
        ("leaky_relu", -1.0, None, ""),
    ):
        choose(app, "name", name)
        choose(app, "chain", weight)
        flow = gradient_flow(name, 1.0, weight=weight)
        assert left is None or abs(flow.gradients[0]) == left
        assert f"**{number(abs(flow.gradients[0]))}** arrives at the beginning" in text(app)
        assert verdict in text(app)
        drawn = bars(app)
        assert [bar["gradient"] for bar in drawn] == [number(gradient) for gradient in flow.gradients]
        assert [bar["size"] for bar in drawn] == [
            pytest.approx(abs(gradient)) if gradient else None for gradient in flow.gradients
        ]


def test_gradients_below_the_axis_end_there_and_are_told(app):
    choose(app, "chain", 0.1)
    flow = gradient_flow("sigmoid", 1.0, weight=0.1)
    assert flow.gradients[0] < 1e-15
    assert bars(app)[0]["gradient"] == number(flow.gradients[0])


def test_the_curves_are_those_of_the_core(app):
    choose(app, "name", "gelu")
    curves = curves_of(app, "output, slope")
    assert dict(curves["GELU"])[0] == 0
    assert max(dict(curves[SLOPE]).values()) == pytest.approx(ACTIVATIONS["gelu"].max_slope, abs=1e-4)


def test_the_lesson_and_the_code_are_there(app):
    assert "What a neuron computes" in text(app)
    open_tab(app, "activations", "As code")
    shown = "".join(element.proto.body for element in app.get("html"))
    assert all(f">{name}</span>" in shown for name in ("sigmoid_derivative", "neuron", "gradient_flow"))
