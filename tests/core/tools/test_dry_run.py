"""The dry run against the modules themselves, and its hooks."""

import pytest
import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.optim import optimizer as optimizers

from core import topics
from core.engine import prepare
from core.tools.config import ToolConfig, resolve
from core.tools.dry_run.observation import Observer
from core.tools.dry_run.train import report_of, train
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build
from core.training.progress import run_to_end


def report(topic: str, config) -> dict:
    settings, events = ToolConfig.of(topics.topic(topic), config), []
    prepare(settings)
    run_to_end(train(settings), events.append)
    assert [event.step for event in events][-1] == events[-1].total
    return report_of(events[-1])


def hook_dictionaries() -> list[dict]:
    return [
        hooks._global_forward_hooks,
        hooks._global_forward_pre_hooks,
        optimizers._global_optimizer_pre_hooks,
        optimizers._global_optimizer_post_hooks,
    ]


SMALL = CNNConfig(
    network="own", conv_layers=1, channels=4, linear=16, samples=200, batch_size=50, threads=1, cpu_optimizations=()
)


def test_the_shapes_and_the_parameters_are_those_of_the_network():
    shown, network = report("mnist_cnn", SMALL), build(SMALL)
    x, shapes = torch.zeros(50, 1, 28, 28), []
    for layer in network.modules():
        if not any(layer.children()):
            y = layer(x)
            shapes.append((type(layer).__name__, list(x.shape), list(y.shape)))
            x = y
    assert [(row["kind"], row["input"], row["output"]) for row in shown["layers"]] == shapes
    assert {row["name"]: row["shape"] for row in shown["parameters"]} == {
        name: list(weight.shape) for name, weight in network.named_parameters()
    }
    count = sum(weight.numel() for weight in network.parameters())
    assert (
        sum(row["count"] for row in shown["parameters"]) == sum(row["parameters"] for row in shown["layers"]) == count
    )
    assert shown["memory"]["weights"] == shown["memory"]["gradients"] == 4 * count
    assert shown["memory"]["optimizer"] == pytest.approx(8 * count, abs=4 * len(shown["parameters"]))  # Adam
    assert 0 < shown["seconds"] < 5
    assert all(row["gradient"] > 0 and row["change"] > 0 for row in shown["parameters"])


def test_the_activations_are_the_tensors_that_autograd_keeps():
    x, layer = torch.rand(8, 4), nn.Linear(4, 3)
    network = nn.Sequential(layer, nn.Tanh())
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    observer = Observer()
    with observer.observing():
        network(x).sum().backward()
        optimizer.step()
    assert observer.memory == {
        "weights": 4 * 15,
        "gradients": 4 * 15,
        "optimizer": 0,
        "activations": x.nbytes + 4 * 8 * 3,  # the input of Linear and the output of Tanh
    }
    (weight, bias) = observer.parameters
    assert weight["gradient"] == pytest.approx(float(layer.weight.grad.norm()))
    before = layer.weight.detach() + 0.5 * layer.weight.grad
    assert weight["change"] == pytest.approx(0.5 * weight["gradient"] / float(before.norm()), rel=1e-5)
    assert (weight["low"], weight["high"]) == pytest.approx((float(before.min()), float(before.max())), rel=1e-5)
    assert bias["shape"] == [3]


def test_no_hook_is_left_even_after_an_error():
    report("playground", topics.topic("playground").default)
    assert not any(hook_dictionaries())
    with pytest.raises(RuntimeError, match="shapes"), Observer().observing():
        nn.Linear(2, 2)(torch.zeros(1, 3))
    assert not any(hook_dictionaries())


@pytest.mark.parametrize("topic", ["manual_mlp", "workflow", "bias_variance", "lr_schedules", "optimizer_race"])
def test_every_topic_has_a_report(topic):
    presets = topics.topic(topic).presets
    shown = report(topic, presets.get("networks", topics.topic(topic).default))
    assert all(row["count"] and row["shape"] for row in shown["parameters"])
    assert bool(shown["layers"]) == (topic in ("manual_mlp", "workflow"))


def test_the_manual_network_without_modules_has_its_weights():
    shown = report("manual_mlp", topics.topic("manual_mlp").default.changed(implementation="tensors"))
    assert [(row["name"], row["shape"]) for row in shown["parameters"]] == [("W1", [784, 64]), ("W2", [64, 10])]
    assert not shown["layers"]
    assert all(row["change"] > 0 for row in shown["parameters"])


def test_machine_dependent_choices_are_resolved():
    settings = ToolConfig.of(topics.topic("mnist_cnn"), SMALL.changed(device="automatic"))
    assert resolve(settings).examined.device == "cpu"


@pytest.mark.parametrize(
    "settings",
    [{"topic": "nothing"}, {"settings": "{"}, {"settings": '{"layers": 99}'}, {"topic": "bias_variance"}],
)
def test_settings_that_cannot_be_examined(settings):
    with pytest.raises(ValueError, match=r"no topic|settings|layers|no updates"):
        ToolConfig(**settings)
