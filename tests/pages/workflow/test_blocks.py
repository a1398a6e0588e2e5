"""The blocks of the page "PyTorch workflow": what they show, and how they react."""

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.topics.workflow import saving
from core.topics.workflow.loader_speed import SETTINGS, Speed
from core.topics.workflow.transforms import EXAMPLES
from pages.workflow import loader_speed_view
from tests.pages.helpers import button, line_charts, text


def run(script: Callable[[], None]) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception
    return app


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """Choose one of the pills with the given key."""
    next(each for each in app.button_group if each.key == key).set_value(value).run()
    assert not app.exception
    return app


def codes(app: AppTest) -> str:
    return "\n".join(each.value for each in app.code)


def html(app: AppTest) -> str:
    """Return the tables and the source code of a page as text, without tags."""
    return "\n".join(re.sub("<[^>]*>", " ", each.proto.body) for each in app.get("html"))


def graph_page() -> None:
    import torch
    from torch.nn.functional import cross_entropy

    from core.topics.workflow import graph
    from core.topics.workflow.spellings import Network
    from pages.workflow import graph_view

    images, labels = torch.rand(8, 1, 28, 28), torch.arange(8)
    graph_view.draw(graph.stages(Network(), cross_entropy, images, labels))


def test_the_graph_is_drawn_at_three_stages():
    (component,) = run(graph_page).get("bidi_component")
    before, after, without = json.loads(component.proto.json)["stages"]
    assert "saved tensors" in before["headline"]
    assert "A second `backward()` would raise an error" in after["headline"]
    assert "`loss.grad_fn` is None" in without["headline"]
    assert without["nodes"] == []
    nodes = {node["title"]: node for node in before["nodes"]}
    assert "Saved: input (8, 1, 28, 28), float32, 25 kB" in nodes["Convolution"]["facts"]
    assert "Saved: mat2 (1568, 10), float32, the memory of fc.weight" in nodes["Addmm"]["facts"]
    assert nodes["Addmm"]["label"] == "Addmm: saves 2 tensors. Inputs: fc.bias, View, T"
    assert nodes["fc.bias"] | {"kind": "leaf", "note": "(10,), no .grad"} == nodes["fc.bias"]
    assert all(node["explanation"] for node in before["nodes"])
    freed = {node["title"]: node for node in after["nodes"]}
    assert freed["Convolution"]["note"] == "saved tensors freed"
    assert freed["fc.bias"]["note"] == "(10,), .grad set"


def shapes_page() -> None:
    import torch

    from pages.workflow import shapes_view

    shapes_view.draw(torch.rand(8, 1, 28, 28))


def test_a_linear_layer_stops_fitting_when_the_padding_is_removed():
    app = run(shapes_page)
    assert "(8, 1568)" in html(app)
    assert not app.error
    app.toggle[0].set_value(True).run()
    (error,) = app.error
    assert error.value == "RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x1352 and 1568x10)"
    assert "8 images with 1,352 values each" in text(app)
    assert "it expects 1,568 values, and gives 10 outputs" in text(app)
    assert "8 · 13 · 13 = 1,352" in text(app)
    assert "✕ does not fit" in html(app)


def test_three_spellings_and_all_reshapes():
    app = run(shapes_page)
    assert "Largest difference: **0**" in text(app)
    assert "conv.weight\nconv.bias\nfc.weight\nfc.bias" in codes(app)
    assert "0.weight\n0.bias\n3.weight\n3.bias" in codes(app)
    shown = {}
    for number in range(8):
        choose(app, "workflow.shapes.reshape", number)
        shown[number] = codes(app)
    assert "result    (8, 1568)" in shown[0]
    assert "result    (4, 3136)" in shown[3]
    assert "shape '[8, 1000]' is invalid" in shown[4]


def saving_page() -> None:
    from pages.workflow import saving_view

    saving_view.draw()


def test_round_trips_are_proven():
    app = run(saving_page)
    assert [each.value for each in app.success] == [
        "The outputs for 500 test digits are identical. Largest difference: 0."
    ] * 2
    assert "norm.running_mean" in html(app)


def test_an_experiment_runs_only_after_a_guess():
    app = run(saving_page)
    assert button(app, "Run it").disabled
    app.radio[0].set_value("identical").run()
    assert not button(app, "Run it").disabled
    assert "Missing key" not in codes(app)
    button(app, "Run it").click().run()
    assert "You guessed: Everything is as before saving. What happened: PyTorch raises an error." in text(app)
    assert 'Missing key(s) in state_dict: "output.bias"' in codes(app)


@pytest.mark.parametrize("name", [*saving.EVALUATIONS, *saving.CONTINUATIONS][2:])
def test_every_experiment_shows_its_result(name):
    app = choose(run(saving_page), "workflow.saving.experiment", name)
    assert f"def {name}" in " ".join(html(app).split())
    result = saving.run(name)
    app.radio[0].set_value(result.outcome).run()
    button(app, "Run it").click().run()
    assert not app.exception
    assert app.success[-1].value.startswith("Your guess was correct")
    assert result.message in codes(app)
    assert bool(line_charts(app)) == bool(result.losses[1])
    if result.accuracies:
        assert f"**{result.accuracies[1]:.1%}** after loading" in text(app)


def transforms_page() -> None:
    from pages.workflow import transforms_view

    transforms_view.draw()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_transform_is_shown(name):
    app = choose(run(transforms_page), "workflow.transforms.name", name)
    failed = name in ("Scale", "NormalizeFirst")
    assert EXAMPLES[name].code.replace(" ", "") in html(app).replace(" ", "").replace("&quot;", '"')
    assert len(app.get("imgs")) + len(app.get("image")) == (1 if failed else 2)
    assert any(each.label == "New random numbers" for each in app.button) == EXAMPLES[name].is_random
    assert ("Error:" in codes(app)) == failed


def test_a_random_transform_is_drawn_again():
    app = choose(run(transforms_page), "workflow.transforms.name", "RandomCrop")
    before = html(app)
    for _again in range(5):
        button(app, "New random numbers").click().run()
        if html(app) != before:
            return
    pytest.fail("five equal crops")


def speed_page() -> None:
    from pages.workflow import loader_speed_view

    loader_speed_view.draw()


@pytest.fixture
def measurement(monkeypatch) -> SimpleNamespace:
    """The measurement that the page starts: the test decides its state and its results."""
    fake = SimpleNamespace(state="running", speeds={}, n_measured=0, n_results=8, progress=0.0, watched=0)
    fake.watch = lambda: setattr(fake, "watched", fake.watched + 1)
    monkeypatch.setattr(loader_speed_view, "Measurement", lambda: fake)
    loader_speed_view._server.clear()
    yield fake
    loader_speed_view._server.clear()


def test_the_speed_is_measured_on_request(measurement):
    app = run(speed_page)
    assert not measurement.watched
    button(app, "Measure").click().run()
    assert measurement.watched
    assert button(app, "Measure").disabled
    rates = dict(zip(SETTINGS, (2_000, 1_900, 3_000, 900, 1_800, 2_100, 60_000, 200_000), strict=True))
    measurement.speeds = {setting: Speed(setting, rate, 0.25) for setting, rate in rates.items()}
    measurement.state, measurement.n_measured, measurement.progress = "finished", 8, 1.0
    app.run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 3
    assert "each image takes 500 µs" in text(app)
    assert "is 30 times as fast" in text(app)
    assert "with `num_workers=2`, loading is 1.5 times as fast" in text(app)
    assert "takes 30 s with a transform per image" in text(app)


def test_workers_that_do_not_help_are_said_not_to(measurement):
    measurement.state = "finished"
    measurement.speeds = {setting: Speed(setting, 1_000 / (1 + setting.num_workers), 0.25) for setting in SETTINGS}
    app = run(speed_page)
    button(app, "Measure").click().run()
    assert "Worker processes do not help here" in text(app)


@pytest.mark.parametrize("state", ["failed", "too_slow", "abandoned"])
def test_a_measurement_that_ends_early_is_explained(measurement, state):
    app = run(speed_page)
    measurement.state = state
    button(app, "Measure").click().run()
    (warning,) = app.warning
    assert "measurement" in warning.value
    assert not button(app, "Measure").disabled
