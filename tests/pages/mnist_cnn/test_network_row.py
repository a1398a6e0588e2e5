"""The network row: the data of each layer for the browser, and the explanation of a value."""

import base64
import html
import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn import functional as F

from core.data import datasets
from core.evaluation.inspection import feature_maps
from core.topics.mnist_cnn import model
from core.topics.mnist_cnn.config import PRESETS
from core.topics.mnist_cnn.snapshots import ARRAY
from core.topics.mnist_cnn.transforms import apply, pipeline
from pages.components.server import recording
from tests.pages.conftest import session
from tests.pages.helpers import button, component, components, run_of, text, trigger
from tests.waiting import wait_for


def open_page(**address: str) -> AppTest:
    app = session("mnist_cnn", **address)
    app.session_state["mnist_cnn.tab"] = "Lesson"
    app.run()
    assert not app.exception
    return app


def send(app: AppTest, event: str, value: object) -> AppTest:
    (drawn,) = (each for each in components(app) if each.component_name == "network_row")
    return trigger(app, drawn.id, event, value)


def values(layer: dict, packed: dict) -> np.ndarray:
    """Return the values of a layer as the browser draws them."""
    data = np.frombuffer(base64.b64decode(packed["values"]), np.uint8).astype(np.float32)
    data = (data - 128) / 127 if packed["signed"] else data / 255
    return (data * packed["largest"]).reshape(len(layer["order"]), *layer["size"])


@pytest.fixture(scope="module")
def recorded() -> tuple[torch.nn.Sequential, torch.Tensor]:
    """Return the recorded network, and the first test digit of the page, normalized."""
    run = recording("mnist_cnn-digits")
    x, _label = datasets.load("mnist", "test").batch(torch.tensor([0]))
    return model.load(run.config, run.result.weights), (x - 0.1307) / 0.3081


def test_every_layer_is_that_of_the_network(start, recorded):
    network, x = recorded
    row, maps = component(open_page(), "network_row"), feature_maps(network, x)
    first, *layers = row["layout"]
    assert (first["name"], first["size"]) == ("input", [28, 28])
    assert [layer["name"] for layer in layers] == list(maps)
    for layer, packed in zip(layers, row["newest"]["layers"][1:], strict=True):
        expected = maps[layer["name"]]
        assert layer["count"] == len(expected)
        assert len(layer["order"]) == min(16 if expected.dim() == 3 else 128, len(expected))
        drawn = values(layer, packed)
        assert np.abs(drawn - expected[layer["order"]].numpy()).max() <= packed["largest"] / 127
    assert row["newest"]["probabilities"] == pytest.approx(maps["fc2"].softmax(0).tolist(), abs=1e-6)


def test_a_replay_shows_the_networks_of_the_recording(start):
    app = open_page()
    assert component(app, "network_row")["earlier"] is None
    row = component(send(app, "earlier", True), "network_row")
    run = recording("mnist_cnn-digits")
    steps = [event.step for event in run.history() if ARRAY in event.arrays]
    assert len(steps) >= 5
    assert [frame["step"] for frame in row["earlier"]] == [0, *steps]
    assert row["earlier"][0]["title"] == "the untrained network"
    assert max(row["earlier"][0]["probabilities"]) < 0.3
    # The history contains the predictions for the 60 test digits
    event = next(event for event in run.history() if event.step == steps[-1])
    assert row["earlier"][-1]["probabilities"] == pytest.approx(event.arrays["probabilities"][0].tolist(), abs=0.02)


@pytest.mark.parametrize(
    "config",
    [
        {"network": "own", "conv_layers": "4", "batch_norm": "True", "dropout": "0.2", "pooling": "average"},
        {"network": "own", "pooling": "none", "linear": "0", "activation": "tanh", "channels": "4"},
    ],
)
def test_custom_layers_have_their_columns_and_explanations(start, engine, config):
    app = open_page(samples="200", epochs="1", batch_size="100", **config)
    button(app, "Reset").click().run()
    wait_for(lambda: run_of(app, engine).latest)
    app.run()
    layers = component(app, "network_row")["layout"][1:]
    for layer in layers:
        send(app, "chosen", {"layer": layer["name"], "index": layer["count"] - 1})
        assert f"**How this value is computed** · {layer['name']}" in text(app)
    send(app, "closed", True)
    assert "How this value is computed" not in text(app)


def explanations(app: AppTest) -> str:
    return "\n".join(re.sub("<[^>]*>", " ", html.unescape(each.proto.body)) for each in app.get("html"))


def test_explanations_use_the_values_of_the_network(start, recorded):
    network, x = recorded
    maps, app = feature_maps(network, x), open_page()

    send(app, "chosen", {"layer": "pool2", "index": 5})
    window = component(app, "window_value")
    unpacked = {name: np.frombuffer(base64.b64decode(window[name]), "<f4") for name in ("inputs", "outputs")}
    pooled = F.max_pool2d(torch.tensor(unpacked["inputs"]).view(1, 14, 14), 2)
    assert torch.equal(pooled.flatten(), torch.tensor(unpacked["outputs"]))
    assert torch.allclose(pooled[0], maps["pool2"][5])
    assert (window["size"], window["marks"], window["equation"]) == (2, "largest", "max({values}) = {result}")

    send(app, "chosen", {"layer": "relu1", "index": 2})
    assert component(app, "window_value")["equation"] == "ReLU({values}) = {result}"

    send(app, "chosen", {"layer": "flatten", "index": 10 * 49 + 4 * 7 + 2})
    assert "Unit **521** is the pixel in **row 5, column 3 of feature map 11** of pool2" in text(app)

    send(app, "chosen", {"layer": "fc1", "index": 7})
    products = maps["flatten"] * network.fc1.weight[7]
    (largest, *_others) = products.abs().argsort(descending=True).tolist()
    assert f"flatten, unit {largest + 1}" in explanations(app)
    total = f"{float(maps['fc1'][7]):.3f}".replace("-", "−")
    assert re.search(rf"[=≈] {re.escape(total)}\s", explanations(app) + " ")

    send(app, "chosen", {"layer": "softmax", "index": 3})
    assert "Softmax turns the logits into probabilities" in text(app)


@pytest.mark.parametrize(
    "choice",
    [None, {}, {"layer": "conv9", "index": 0}, {"layer": "conv1", "index": 16}, {"layer": "conv1", "index": "a"}],
)
def test_an_invalid_choice_is_not_explained(start, choice):
    app = send(open_page(), "chosen", choice)
    assert "How this value is computed" not in text(app)


def sheet(app: AppTest) -> str:
    return next(each.proto.body for each in app.get("html") if 'class="training-digits"' in each.proto.body)


def test_the_noise_of_the_slider_is_seen_on_training_digits(start):
    app = open_page()
    clean = sheet(app)
    assert "**Training digits** after the transforms" in text(app)
    app.slider(key="mnist_cnn.field.noise").set_value(0.5).run()
    assert "**Training digits** with noise 0.5" in text(app)
    assert sheet(app) != clean
    config = PRESETS["digits"].changed(noise=0.5)
    digits, _labels = datasets.load("mnist", "train").batch(torch.tensor([1]))
    noisy = apply([one for one in pipeline(config, training=True) if one.kind != "Normalize"], digits, 0)
    assert float((noisy - digits).std()) > 0.1
