"""The trace shows what the program really does, compared with autograd and with the bundled data."""

import math
import os

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from core.data import datasets
from core.topics.workflow.config import PRESETS, WorkflowConfig
from core.topics.workflow.data import MNIST, transform
from core.topics.workflow.program import listing
from core.topics.workflow.spellings import Network
from core.topics.workflow.trace import trace
from core.topics.workflow.train import train

SMALL = WorkflowConfig(samples=640)


def facts(config: WorkflowConfig) -> dict[str, dict]:
    return {line.role: dict(line.facts) for line in trace(config)}


@pytest.fixture(scope="module")
def default() -> dict[str, dict]:
    return facts(SMALL)


def test_every_line_is_traced_once_and_nothing_remains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = torch.get_rng_state(), torch.get_num_threads()
    lines = trace(WorkflowConfig(samples=100, threads=2))
    assert [line.number for line in lines] == [line.number for line in listing(SMALL)]
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]
    assert os.listdir(tmp_path) == []


def test_the_trace_depends_only_on_the_settings(default):
    with torch.random.fork_rng():
        torch.manual_seed(123)
        again = facts(SMALL)
    np.testing.assert_equal(again, default)


def test_the_shapes_are_those_of_the_data_at_every_step(default):
    assert default["train_data"]["item"]["shape"] == (1, 28, 28)
    assert default["batch"]["images"]["shape"] == (64, 1, 28, 28)
    assert default["batch"]["labels"]["shape"] == (64,)
    assert default["batch"]["labels"]["dtype"] == "torch.int64"
    assert default["grid"]["grid"]["shape"] == (3, 242, 242)
    assert default["forward"]["shape"] == (64, 1, 28, 28)
    assert default["relu"]["after"]["shape"] == (64, 8, 14, 14)
    assert default["logits"]["shapes"] == [(64, 8, 14, 14), (64, 1568), (64, 10)]
    assert default["model"]["total"] == sum(value.numel() for value in Network().parameters())


def test_normalizing_gives_a_mean_near_0_and_a_deviation_near_1(default):
    before, after = default["transform"]["stages"]
    raw = datasets.load("mnist", "train").images[:1000].double() / 255
    assert before["mean"] == pytest.approx(raw.mean().item(), rel=1e-4)
    assert before["std"] == pytest.approx(raw.std().item(), rel=1e-3)
    assert after["mean"] == pytest.approx((raw.mean().item() - 0.1307) / 0.3081, abs=1e-4)
    assert abs(default["batch"]["images"]["mean"]) < 0.1 < default["batch"]["before_normalize"]["mean"]
    assert default["batch"]["images"]["std"] == pytest.approx(1, abs=0.1)


def test_shuffling_changes_only_the_order(default):
    plain = facts(SMALL.changed(shuffle=False))
    digits = datasets.load("mnist", "train")
    assert plain["batch"]["digits"] == digits.labels[:64].tolist()
    assert np.array_equal(plain["batch"]["pixels"], digits.images[:64].numpy())
    assert plain["batches"]["digits"] == plain["batch"]["digits"]
    order = default["train_loader"]["orders"]["True"]
    assert order["indices"] == sorted(set(order["indices"]), key=order["indices"].index) != sorted(order["indices"])
    assert order["labels"] == default["batch"]["digits"][:16]
    assert np.array_equal(default["batch"]["pixels"][:16], digits.images[order["indices"]].numpy())
    assert default["batches"]["digits"] != default["batch"]["digits"]
    all_at_once = [facts(WorkflowConfig(samples=64, shuffle=shuffle))["batch"]["digits"] for shuffle in (True, False)]
    assert sorted(all_at_once[0]) == sorted(all_at_once[1])
    assert all_at_once[0] != all_at_once[1]
    for role in ("model", "conv", "fc", "test_data"):
        np.testing.assert_equal(plain[role], default[role])


def test_the_gradients_are_those_of_autograd_and_the_update_subtracts_them():
    config = WorkflowConfig(samples=64, batch_size=64, shuffle=False, learning_rate=0.3)
    traced = facts(config)
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        model = Network()
    digits = MNIST("data", transform=transform(0.0))
    images = torch.stack([digits[index][0].as_subclass(torch.Tensor) for index in range(64)])
    loss = cross_entropy(model(images), digits.targets[:64])
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    assert traced["loss"]["loss"] == pytest.approx(loss.item(), rel=1e-6)
    norms = [each["norm"] for each in traced["backward"]["after"]]
    assert norms == pytest.approx([gradient.norm().item() for gradient in gradients], rel=1e-5)
    assert [each["norm"] for each in traced["backward"]["before"]] == [None] * 4
    step = traced["step"]
    assert [each["change"] for each in step["rows"]] == pytest.approx([0.3 * norm for norm in norms], rel=1e-4)
    change = step["filters_after"] - step["filters_before"]
    np.testing.assert_allclose(change, -0.3 * gradients[0][:, 0].numpy(), atol=1e-6)
    assert step["largest_error"] < 1e-6
    assert [each["norm"] for each in traced["zero_grad"]["before"]] == norms
    assert [each["norm"] for each in traced["zero_grad"]["after"]] == [None] * 4
    assert "second time" in traced["backward"]["again"]


def test_modes_and_gradient_recording(default):
    assert default["train_mode"]["training"] is True
    assert default["eval_mode"]["training"] is False
    assert default["no_grad"] == {"enabled": False, "requires_grad": False, "grad_fn": None}
    assert default["outputs"]["grad_fn"] == "AddmmBackward0"


def test_the_loaded_network_computes_the_same(default):
    assert default["restored"]["difference"] > 0.1
    assert default["load"]["message"] == "<All keys matched successfully>"
    assert all(default["load"]["equal"].values())
    assert default["compare"]["difference"] == 0
    assert [each["name"] for each in default["save"]["rows"]] == list(Network().state_dict())
    assert default["save"]["bytes"] > 4 * default["model"]["total"]


def test_the_first_loss_is_that_of_the_run(default):
    events = train(SMALL)
    next(events)
    assert default["append"]["losses"] == [next(events).metrics["loss"]]
    assert (
        default["print_accuracy"]["text"]
        == f"epoch 1: {default['correct']['correct'] / 1000:.1%} of the test digits correct"
    )
    assert default["loss"]["guessing"] == math.log(10)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_traced(preset):
    assert facts(PRESETS[preset])["compare"]["difference"] == 0
