"""The diagram shows every layer with its output, its costs, and a layer that does not fit its input."""

from xml.etree import ElementTree

import pytest
import torch

from core.topics.mnist_cnn.config import PRESETS, CNNConfig
from core.topics.mnist_cnn.model import (
    Layer,
    input_shape,
    layers,
    summary,
)
from pages.components import text
from pages.mnist_cnn import diagram

DEEP = CNNConfig(network="own", conv_layers=4, batch_norm=True, dropout=0.3)
UNFIT = {
    "fc1": PRESETS["tutorial"].changed(padding=0),
    "conv4": CNNConfig(network="own", conv_layers=4, kernel=9, padding=0, pooling="none"),
    "conv1": CNNConfig(network="own", three_means=True),
}


@pytest.fixture
def draw(monkeypatch):
    """Draw layers, or the network of settings, and return the element; strict parsing fails on unescaped text."""
    drawn = []
    monkeypatch.setattr(text, "_language", lambda: "en")
    monkeypatch.setattr(diagram.st, "html", drawn.append)

    def draw(network, shape=(1, 28, 28), alt="The network"):
        if isinstance(network, CNNConfig):
            network, shape = summary(network), input_shape(network)
        diagram.draw(network, input_shape=shape, alt=alt)
        return ElementTree.fromstring(f"<page>{drawn[-1]}</page>").find("div")

    return draw


def items(drawn):
    """Return the blocks by name."""
    return {item.find(".//b").text: item for item in drawn.iterfind(".//*[@role='listitem']")}


def words(element):
    return " ".join(" ".join(element.itertext()).split())


def shares(drawn, colour):
    """Return the lengths of the bars in percent, by the names of the blocks."""
    bars = {name: item.find(f".//*[@class='cost {colour}']//i") for name, item in items(drawn).items()}
    return {
        name: float(bar.get("style").removeprefix("--share:").removesuffix("%"))
        for name, bar in bars.items()
        if bar is not None
    }


@pytest.mark.parametrize("config", [CNNConfig(), PRESETS["tutorial"], DEEP, CNNConfig(network="own", pooling="none")])
def test_every_layer_is_there_in_its_order(draw, config):
    drawn = draw(config)
    blocks = items(drawn)
    assert list(blocks) == ["image"] + [
        layer.name for layer in summary(config) if layer.kind in ("Conv2d", "MaxPool2d", "Linear")
    ]
    assert words(blocks["image"]) == "image 1 × 28 × 28"
    for layer in summary(config):
        if layer.name in blocks:
            shape = " × ".join(f"{side:,}" for side in layer.output)
            block = blocks[layer.name]
            said = words(block.find("*[@class='words']"))
            assert said.startswith(f"{layer.name} {layer.kind} {shape}"), layer
            assert ("parameter" in said, "multiply-add" in said) == (layer.parameters > 0, layer.multiply_adds > 0), (
                layer
            )
        else:
            assert layer.kind in [chip.text for chip in block.iterfind(".//*[@class='chip']")], layer
            said = words(block.find("*[@class='next']"))
        assert f"{layer.parameters:,} parameters" in said or not layer.parameters, layer


def test_the_tutorials_parameters_and_multiply_adds_are_in_different_layers(draw):
    drawn = draw(PRESETS["tutorial"])
    assert words(drawn.find("p")) == "25,775,882 parameters · 84 million multiply-adds per digit"
    parameters, multiply_adds = (words(legend) for legend in drawn.iterfind("*[@class='legend']/span"))
    assert "largest: 99.7% in fc1" in parameters
    assert "largest: 68.8% in conv2" in multiply_adds
    assert words(items(drawn)["conv2"]).endswith("73,856 parameters 0.3% 58 million multiply-adds 68.8% ReLU")
    assert shares(drawn, "multiply_adds") == pytest.approx(
        {"conv1": 0.538, "conv2": 68.850, "fc1": 30.600, "fc2": 0.012}, abs=6e-4
    )


def test_kernel_stride_and_padding_are_shown(draw):
    blocks = items(draw(CNNConfig()))
    assert "16 × 14 × 14 kernel 5 × 5, stride 2, padding 2" in words(blocks["conv1"])
    assert words(blocks["pool2"]).startswith("pool2 MaxPool2d 32 × 7 × 7 kernel 2 × 2, stride 2")
    assert "kernel" not in words(blocks["fc1"])


@pytest.mark.parametrize("config", [CNNConfig(), PRESETS["tutorial"], DEEP])
def test_the_shares_are_those_of_the_modules(draw, config):
    with torch.device("meta"):
        counts = {name: sum(p.numel() for p in module.parameters()) for name, module in layers(config).items()}
    whole = sum(counts.values())
    drawn = draw(config)
    on_bars = shares(drawn, "parameters")
    assert on_bars == pytest.approx({name: 100 * counts[name] / whole for name in on_bars}, abs=6e-4)
    norms = sum(100 * count / whole for name, count in counts.items() if name.startswith("norm"))
    assert sum(on_bars.values()) + norms == pytest.approx(100, abs=0.01)
    assert sum(shares(drawn, "multiply_adds").values()) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("layer", UNFIT)
def test_a_layer_that_does_not_fit_ends_the_diagram(draw, layer):
    drawn = draw(UNFIT[layer])
    *before, (name, last) = items(drawn).items()
    assert name == layer
    assert last.find("*[@class='block misfit']") is not None
    shape = " × ".join(f"{side:,}" for side in summary(UNFIT[layer])[-1].input)
    assert f"input {shape} ✕ wrong shape" in words(last)
    assert words(drawn.find("p")) == f"✕ Layer {layer} does not match the shape of its input"
    assert all("misfit" not in child.get("class", "") for _name, item in before for child in item.iter())
    assert not shares(drawn, "parameters")  # the totals are unknown


def test_blocks_have_the_size_of_the_outputs(draw):
    blocks = {name: item.find("div") for name, item in items(draw(PRESETS["tutorial"])).items()}
    sheets = {name: len(block.findall("i")) for name, block in blocks.items()}
    assert sheets == {"image": 1, "conv1": 7, "conv2": 8, "pool2": 8, "fc1": 1, "fc2": 1}
    sizes = {
        name: dict(part.split(":") for part in block.get("style").split(";"))["--height"].removesuffix("px")
        for name, block in blocks.items()
    }
    assert int(sizes["image"]) == int(sizes["conv2"]) == 2 * int(sizes["pool2"])
    assert int(sizes["fc1"]) > 2 * int(sizes["fc2"]) > 0


def test_names_are_escaped(draw):
    evil = '"><img src=x onerror="alert(1)"><script>&'
    drawn = draw(
        [Layer(evil, evil, (1, 4, 4), (2, 4, 4), 18, 288), Layer("z", evil, (2, 4, 4), (2, 4, 4), 0, 0)], alt=evil
    )
    assert drawn.get("aria-label") == evil
    assert list(items(drawn)) == ["image", evil]
    assert drawn.find(".//*[@class='chip']").text == evil
    refused = draw([Layer(evil, evil, (1, 4, 4), None, 18, 0, evil)])
    assert list(items(refused)) == ["image", evil]
    assert {element.tag for element in (*drawn.iter(), *refused.iter())} == {"div", "p", "b", "i", "small", "span"}


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1_280, "1,280"),
        (99_999, "99,999"),
        (100_000, "0.1 million"),
        (903_168, "0.9 million"),
        (9_949_999, "9.9 million"),
        (9_950_000, "10 million"),
        (83_954_688, "84 million"),
        (43_294_853_120, "43,295 million"),
    ],
)
def test_amounts(monkeypatch, count, expected):
    monkeypatch.setattr(text, "_language", lambda: "en")
    assert diagram._amount(count) == expected


def test_small_shares_are_not_shown_as_zero(monkeypatch):
    monkeypatch.setattr(text, "_language", lambda: "en")
    assert [diagram._percent(share) for share in (0.00049, 0.0005, 0.6885, 1)] == [
        "<0.1%",
        "0.1%",
        "68.8%",
        "100.0%",
    ]
