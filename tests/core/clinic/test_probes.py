"""The tests that a learner can choose, against values that are known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from core.topics.clinic.config import PRESETS
from core.topics.clinic.execution import Execution, source
from core.topics.clinic.mutations import MUTATIONS
from core.topics.clinic.probes import PROBES, decode, encode

CONFIG = PRESETS["loss_stays_high"].changed(epochs=1)
REGRESSION = PRESETS["fit_is_a_flat_line"].changed(epochs=1)


def result(name: str, text: str, config=CONFIG):
    return PROBES[name](text, config, Execution(text, config))


def test_the_initial_loss_is_near_that_of_guessing():
    found = result("initial_loss", source("digits"))
    assert found.details["expected"] == pytest.approx(math.log(10))
    assert found.number == pytest.approx(math.log(10), abs=0.1)
    assert found.arrays["counts"].sum() == 32 * 10
    found = result("initial_loss", source("regression"), REGRESSION)
    targets = Execution(source("regression"), REGRESSION)
    targets.update()
    assert found.details["expected"] == pytest.approx(float(np.var(targets.names["targets"].numpy())), rel=1e-5)


def test_a_second_softmax_keeps_the_loss_of_one_batch_above_its_bound():
    bound = -math.log(math.e / (math.e + 9))
    assert result("one_batch", source("digits")).number < 0.1
    found = result("one_batch", source("digits", MUTATIONS["digits"]["softmax_in_model"]))
    assert (found.arrays["losses"] > bound).all()


def test_the_gradients_are_those_of_autograd():
    found = result("gradients", source("digits"))
    program = Execution(source("digits"), CONFIG)
    weights = [value.detach().clone() for value in program.model.parameters()]
    program.update()
    model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    for parameter, weight in zip(model.parameters(), weights, strict=True):
        parameter.data = weight
    loss = nn.functional.cross_entropy(model(program.names["inputs"]), program.names["targets"])
    first, _, second, _ = torch.autograd.grad(loss, list(model.parameters()))
    assert decode(found.arrays["layers"]) == ["0.0.weight", "1.weight"]
    assert found.arrays["norms"][0] == pytest.approx([first.norm().item(), second.norm().item()], rel=1e-4)
    ratios = [0.1 * (first.norm() / weights[0].norm()).item(), 0.1 * (second.norm() / weights[2].norm()).item()]
    assert found.arrays["ratios"][0] == pytest.approx(ratios, rel=1e-3)


def test_the_shapes_show_the_broadcasting():
    operations = decode(result("shapes", source("regression"), REGRESSION).arrays["operations"])
    assert operations[0][0] == "linear"
    assert operations[0][1:] == [[32, 32], "float32"]
    broadcast = result("shapes", source("regression", MUTATIONS["regression"]["broadcasting"]), REGRESSION)
    assert broadcast.number == 32 * 32
    assert result("shapes", source("regression"), REGRESSION).number == 32


def test_a_look_at_the_data():
    found = result("batch", source("digits"))
    program = Execution(source("digits"), CONFIG)
    program.update()
    inputs = program.names["inputs"]
    assert found.number == pytest.approx(inputs.mean().item())
    assert (found.details["minimum"], found.details["maximum"], found.details["overlap"]) == (0, 1, 0)
    assert found.details["classes"] == len(set(program.names["targets"].tolist()))
    assert result("batch", source("new_digits", MUTATIONS["new_digits"]["test_in_training"])).details["overlap"] == 1


def test_a_value_in_bytes():
    assert decode(encode(["ä", 1, [2.5]])) == ["ä", 1, [2.5]]
