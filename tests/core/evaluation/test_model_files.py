"""Files of trained weights: written files can be read, and all other input is rejected."""

import contextlib
import io
import json
import pickle
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CoreError
from core.evaluation.model_files import ModelCard, read, write
from core.topics.manual_mlp.config import MLPConfig
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build, load

CONFIG = CNNConfig(network="own", channels=2, linear=4, batch_norm=True, seed=3, cpu_optimizations=())
CARD = ModelCard("mnist_cnn", CONFIG, {"accuracy/test": 0.5, "updates": 7.0}, "MNIST", "2026-01-02T03:04:05+00:00")
WEIGHTS = build(CONFIG).state_dict()
FILE = write(WEIGHTS, CARD)


def code_of(data: bytes, topic: str = "mnist_cnn", kind: type = CNNConfig) -> str:
    with pytest.raises(CoreError) as caught:
        read(data, topic, kind)
    return caught.value.code


def with_card(card: object) -> bytes:
    return safetensors.torch.save({"w": torch.zeros(1)}, metadata={"card": json.dumps(card)})


def test_what_is_written_comes_back():
    weights, card = read(FILE, "mnist_cnn", CNNConfig)
    assert card == CARD
    assert weights.keys() == WEIGHTS.keys()
    assert all(torch.equal(weights[name], weight) for name, weight in WEIGHTS.items())


def test_what_comes_back_computes_the_same():
    network = build(CONFIG).eval()
    x = torch.rand(3, 1, 28, 28)
    weights, card = read(FILE, "mnist_cnn", CNNConfig)
    assert torch.equal(load(card.config, weights)(x), network(x))


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


def test_a_pickle_is_told_and_not_opened():
    assert code_of(pickle.dumps(Bomb())) == "weights_pickle"
    saved = io.BytesIO()
    torch.save(WEIGHTS, saved)
    assert code_of(saved.getvalue()) == "weights_pickle"


def test_what_begins_as_a_pickle_does_is_none_for_that():
    """The first byte of a file is the lowest byte of the header length."""
    files = (write(WEIGHTS, replace(CARD, data="M" * count)) for count in range(0, 256, 8))
    (data,) = (data for data in files if data.startswith(b"\x80"))
    assert read(data, "mnist_cnn", CNNConfig)[0].keys() == WEIGHTS.keys()


@given(st.integers(0, len(FILE) - 1))
def test_a_truncated_file_is_damaged(length):
    assert code_of(FILE[:length]) == "weights_damaged"


@given(st.binary(max_size=200))
def test_whatever_comes_is_told(data):
    assert code_of(data).startswith("weights_")


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_in_the_header_is_told_or_harmless(place, byte):
    with contextlib.suppress(CoreError):
        _weights, card = read(FILE[:place] + bytes([byte]) + FILE[place + 1 :], "mnist_cnn", CNNConfig)
        assert isinstance(card.config, CNNConfig)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (safetensors.torch.save({"w": torch.zeros(1)}), "weights_without_card"),
        (with_card({}), "weights_without_card"),
        (with_card([1]), "weights_without_card"),
        (with_card(json.loads(CARD.as_json()) | {"topic": "manual_mlp"}), "weights_of_another_topic"),
        (write({"w": torch.tensor([1.0, float("nan")])}, CARD), "weights_not_finite"),
    ],
)
def test_another_file_is_told(data, code):
    assert code_of(data) == code


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_weights_of_any_usual_precision_are_read(kind):
    weights, card = read(
        write({name: weight.to(kind) for name, weight in WEIGHTS.items()}, CARD), "mnist_cnn", CNNConfig
    )
    assert {weight.dtype for weight in load(card.config, weights).parameters()} == {torch.float32}


KINDS = [torch.float8_e4m3fn, torch.float8_e5m2, torch.int8, torch.uint8, torch.int64, torch.bool, torch.complex64]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["fc2.bias", "norm1.num_batches_tracked"])
def test_numbers_of_another_kind_are_told(name, kind):
    data = write(WEIGHTS | {name: WEIGHTS[name].to(kind)}, CARD)
    if name.endswith("tracked") and kind == torch.int64:
        load(CONFIG, read(data, "mnist_cnn", CNNConfig)[0])
    else:
        assert code_of(data) == "weights_unfit"


def test_only_plausible_figures_are_kept():
    good = {"accuracy/test": 1, "loss": 1e30, "epoch": 2}
    bad = {"accuracy/train": 1.01, "accuracy/validation": -0.1, "a": float("nan"), "b": float("inf"), "c": 10**400}
    card = json.loads(CARD.as_json()) | {"metrics": good | bad | {"d": "text", "e": None}}
    assert read(with_card(card), "mnist_cnn", CNNConfig)[1].metrics == good


def test_a_card_is_of_its_topic():
    assert code_of(FILE, "manual_mlp", MLPConfig) == "weights_of_another_topic"


@pytest.mark.parametrize("setting", [{"unknown": 1}, {"network": "transformer"}, {"epochs": 10**9}])
def test_a_card_of_a_newer_version_is_told_with_its_setting(setting):
    card = json.loads(CARD.as_json())
    with pytest.raises(CoreError) as caught:
        read(with_card(card | {"config": card["config"] | setting}), "mnist_cnn", CNNConfig)
    assert (caught.value.code, caught.value.parameters) == ("weights_newer", {"name": next(iter(setting))})


@pytest.mark.parametrize(
    ("other", "code", "parameters"),
    [
        ({"conv1.weight": torch.zeros(1)}, "weights_missing", {"name": "conv1.bias"}),
        (
            WEIGHTS | {"conv1.weight": torch.zeros(2, 1, 5, 5)},
            "weights_unfit",
            {"name": "conv1.weight", "expected": "float32 (2, 1, 3, 3)", "given": "float32 (2, 1, 5, 5)"},
        ),
        (WEIGHTS | {"more": torch.zeros(1)}, "weights_unexpected", {"name": "more"}),
        (
            {name: weight for name, weight in WEIGHTS.items() if name != "fc2.bias"},
            "weights_missing",
            {"name": "fc2.bias"},
        ),
    ],
)
def test_weights_of_another_network_are_told(other, code, parameters):
    with pytest.raises(CoreError) as caught:
        load(CONFIG, other)
    assert (caught.value.code, caught.value.parameters) == (code, parameters)
