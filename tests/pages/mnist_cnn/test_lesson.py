"""The figures of the lesson and of the presets' descriptions are those of the networks and the recordings."""

import re

import pytest
import torch
from torch.nn.functional import cross_entropy

from core.data import datasets
from core.engine import RunStore
from core.evaluation.inspection import logits
from core.paths import CHECKPOINTS, ROOT
from core.topics.mnist_cnn import model
from core.topics.mnist_cnn.config import PRESETS
from core.topics.mnist_cnn.model import Layer, summary
from core.topics.mnist_cnn.transforms import apply, pipeline
from pages.components import text
from pages.mnist_cnn import diagram, labels

LESSON = (ROOT / "pages/mnist_cnn/lesson.en.md").read_text(encoding="utf-8")
N_DIGITS = 2_000
"""Training digits on which losses are computed."""


@pytest.fixture(autouse=True)
def in_english(monkeypatch) -> None:
    monkeypatch.setattr(text, "_language", lambda: "en")


def recording(preset: str):
    return RunStore(CHECKPOINTS).load(f"mnist_cnn-{preset}")


def accuracy(preset: str, data: str = "test") -> float:
    return recording(preset).metrics[f"accuracy/{data}"]


def layers(preset: str) -> dict[str, Layer]:
    return {layer.name: layer for layer in summary(PRESETS[preset])}


def total(preset: str, cost: str) -> int:
    return sum(getattr(layer, cost) for layer in summary(PRESETS[preset]))


def test_the_table_has_the_costs_of_the_networks():
    rows = re.findall(r"^\| (.+) \| ([\d,]+) \| (.+) \|$", LESSON, re.MULTILINE)
    expected = [
        (name, f"{total(preset, 'parameters'):,}", diagram._amount(total(preset, "multiply_adds")))
        for name, preset in (("compact", "digits"), ("the tutorial's", "tutorial"))
    ]
    assert rows == expected


def test_the_shares_are_those_of_the_tutorials_layers():
    fc1, conv2 = (layers("tutorial")[name] for name in ("fc1", "conv2"))
    assert f"{fc1.parameters / total('tutorial', 'parameters'):.1%} of the parameters" in LESSON
    assert f"{fc1.input[0]:,} inputs" in LESSON
    assert f"{conv2.multiply_adds / total('tutorial', 'multiply_adds'):.0%} of the multiply-adds" in LESSON


def test_the_size_formula_has_the_numbers_of_the_first_layer():
    conv1 = layers("digits")["conv1"]
    size, stride, padding = conv1.window.size, conv1.window.stride, conv1.window.padding
    assert f"$k = {size}$, $p = {padding}$, $s = {stride}$" in LESSON
    side = rf"\frac{{{conv1.input[1]} + {2 * padding} - {size}}}{{{stride}}} \right\rfloor + 1 = {conv1.output[1]}$"
    assert side in LESSON


def test_the_lesson_names_every_preset_by_its_label():
    assert [label for label in labels.presets().values() if f"*{label}*" not in LESSON] == []


def test_label_smoothing_has_the_target_of_the_presets():
    for preset in ("fast", "best"):
        smoothing = PRESETS[preset].label_smoothing
        assert f"**Label smoothing** ({smoothing:g})" in LESSON
        assert f"to {1 - 0.9 * smoothing:.0%} instead of 100%" in LESSON


def test_presets_reach_the_accuracies_in_their_descriptions():
    assert min(accuracy("digits"), accuracy("fast")) >= 0.99
    assert accuracy("overfit", "train") == 1
    assert 1 - accuracy("overfit") == pytest.approx(0.1, abs=0.02)  # "about one new digit in ten"
    assert accuracy("best") - accuracy("digits") == pytest.approx(0.005, abs=0.002)  # "half of a percentage point"
    assert accuracy("tutorial", "without_eval") < accuracy("tutorial")


def test_the_compact_network_is_about_as_good_as_the_tutorials():
    assert accuracy("digits") == pytest.approx(accuracy("tutorial"), abs=0.003)
    assert total("digits", "parameters") < 0.01 * total("tutorial", "parameters")


def test_the_fast_preset_takes_less_than_a_fifth_of_the_time_of_the_tutorials_recipe():
    fast, tutorial = (recording(preset) for preset in ("fast", "tutorial"))
    assert fast.finished - fast.started < 0.2 * (tutorial.finished - tutorial.started)


def test_most_training_digits_have_a_loss_below_a_thousandth():
    run, data = recording("digits"), datasets.load("mnist", "train")
    x = apply(pipeline(run.config, training=False), data.images[:N_DIGITS].unsqueeze(1) / 255, 0)
    outputs = logits(model.load(run.config, run.result.weights), x)
    losses = cross_entropy(outputs, data.labels[:N_DIGITS], reduction="none")
    assert float((losses < 0.001).double().mean()) > 0.55
    assert accuracy("digits", "train") == pytest.approx(0.99, abs=0.003)
    right = (outputs.argmax(dim=1) == data.labels[:N_DIGITS]).double()
    assert float(right.mean()) == pytest.approx(0.99, abs=0.003)
    assert torch.isfinite(losses).all()
