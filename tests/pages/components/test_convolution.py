"""The data for the browser that show how a pixel is computed: the network's values and all texts."""

import base64
import json
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from streamlit.testing.v1 import AppTest

from core.data import datasets
from pages.components.charts import convolution


def script(**arguments: object) -> None:
    """The page for these tests."""
    from pages.components.charts import convolution

    convolution.draw(**arguments)


def layer(channels: int = 1, kernel: int = 3, stride: int = 1, padding: int = 0, *, size: int = 28) -> dict:
    """Arguments for a filter with random weights. One channel is a digit; several are random feature maps."""
    generator = torch.Generator().manual_seed(channels + kernel)
    inputs = datasets.load("mnist", "test").batch(torch.tensor([0]))[0]
    if channels > 1:
        inputs = torch.randn(1, channels, size, size, generator=generator)
    weights = torch.randn(1, channels, kernel, kernel, generator=generator)
    outputs = F.conv2d(inputs, weights, torch.tensor([0.25]), stride, padding)[0, 0]
    geometry = {"stride": stride, "padding": padding}
    labels = {"key": "origin", "alt": "What filter 3 sees", "names": ("picture", "conv1, filter 3")}
    arrays = {"inputs": inputs[0].numpy(), "weights": weights[0].numpy(), "bias": 0.25, "outputs": outputs.numpy()}
    return arrays | geometry | labels


def sent(arguments: dict) -> dict:
    """Return the data for the browser, which cannot parse JSON with NaN."""
    app = AppTest.from_function(script, kwargs=arguments, default_timeout=60).run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json, parse_constant=pytest.fail)


def floats(packed: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(base64.b64decode(packed), "<f4").copy())


@pytest.mark.parametrize(
    "shape", [(1, 5, 2, 2), (16, 3, 1, 1), (64, 3, 1, 0), (3, 7, 3, 3), (2, 1, 1, 0), (4, 2, 2, 1)]
)
def test_the_pixels_are_those_of_the_convolution(shape):
    arguments = layer(*shape, size=17)
    data = sent(arguments)
    assert (data["channels"], data["kernel"], data["stride"], data["padding"]) == shape
    inputs = floats(data["inputs"]).view(1, data["channels"], data["rows"], data["columns"])
    weights = floats(data["weights"]).view(1, data["channels"], data["kernel"], data["kernel"])
    outputs = F.conv2d(inputs.double(), weights.double(), floats(data["bias"]).double(), shape[2], shape[3])[0, 0]
    assert list(outputs.shape) == data["output"]
    sent_outputs = floats(data["outputs"]).view(outputs.shape)
    torch.testing.assert_close(sent_outputs.double(), outputs, atol=1e-4, rtol=1e-5)
    assert np.array_equal(sent_outputs, arguments["outputs"])


def test_arrays_travel_row_by_row_however_they_lie_in_memory():
    plain = layer()
    turned = plain | {name: np.asfortranarray(plain[name], np.float64) for name in ("inputs", "weights", "outputs")}
    assert sent(turned) == sent(plain)


def test_the_largest_layer_is_light():
    assert len(json.dumps(sent(layer(64, 7, padding=3)))) < 300_000


def test_it_is_known_again_as_long_as_nothing_changes():
    before, other = layer(), layer()
    assert sent(other)["id"] == sent(before)["id"]
    other["outputs"] = other["outputs"].copy()
    other["outputs"][5, 7] += 1e-3
    changes = [other, before | {"padding": 1}, before | {"names": ("a", "b")}]
    assert len({sent(change)["id"] for change in [before, *changes]}) == 4


def test_what_diverged_is_drawn_too():
    diverged = layer()
    diverged["outputs"] = np.full_like(diverged["outputs"], np.nan)
    data = sent(diverged | {"bias": float("nan")})
    assert floats(data["bias"]).isnan().all()
    assert floats(data["outputs"]).isnan().all()


def test_titles_and_the_text_alternative_arrive():
    data = sent(layer())
    assert data["names"] == ["picture", "conv1, filter 3"]
    assert data["alt"] == "What filter 3 sees"


def test_every_word_of_the_script_comes_from_python():
    scripts = "\n".join((convolution._ASSETS / name).read_text() for name in convolution._SCRIPTS)
    assert set(re.findall(r"\bwords\.(\w+)", scripts)) == set(sent(layer())["words"])
