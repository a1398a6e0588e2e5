"""The measurements for the health checks equal values computed directly, and leave no trace in the network."""

from importlib import import_module

import pytest
import torch
from torch import nn

from core import topics
from core.engine.train_again import without_new_measurements
from core.training.health.signals import PREFIX
from core.training.probes import UpdateProbe, inactive_share, probe_steps, watch_units
from core.training.progress import Progress, TrainedModel, run_to_end


def make_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5), nn.Sigmoid(), nn.Linear(5, 3))


def test_an_update_is_measured_by_layer():
    network, x = make_network(), torch.rand(8, 1, 8, 8)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    probe = UpdateProbe(network)
    network(x).square().sum().backward()
    optimizer.step()
    measured = probe.measure()
    assert len(measured) == 6
    for layer in ("0", "3", "5"):
        weight = network.get_parameter(f"{layer}.weight")
        change = (weight.detach() - before[f"{layer}.weight"]).norm() / before[f"{layer}.weight"].norm()
        assert measured[f"health/gradient_norm/{layer}"] == pytest.approx(float(weight.grad.norm()))
        assert measured[f"health/update_ratio/{layer}"] == pytest.approx(float(change))


def test_frozen_layers_are_not_measured():
    network = make_network()
    network[0].requires_grad_(False)
    network(torch.rand(2, 1, 8, 8)).sum().backward()
    assert {name.rpartition("/")[2] for name in UpdateProbe(network).measure()} == {"3", "5"}


def test_units_are_measured_during_a_forward_pass():
    network, x = make_network(), torch.rand(8, 1, 8, 8)
    with torch.no_grad():
        network[0].bias[:3] = -10.0  # 3 of 4 feature maps are dead
        network[3].bias[:] = torch.tensor([20.0, -20.0, 0.0, 0.0, 0.0])
    expected = network(x)
    state = torch.get_rng_state()
    with watch_units(network) as units:
        outputs = network(x)
    assert units == {"health/dead/0": 0.75, "health/saturated/3": pytest.approx(0.4)}
    assert torch.equal(outputs, expected)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks for module in network.modules())


def test_hooks_are_removed_after_an_error():
    network = make_network()
    with pytest.raises(RuntimeError), watch_units(network):
        network(torch.rand(8, 1, 3, 2))
    assert not any(module._forward_hooks for module in network.modules())


def test_a_layer_before_a_functional_relu():
    network = nn.Sequential(nn.Linear(2, 4))
    with torch.no_grad():
        network[0].weight[:] = torch.tensor([[1.0, 0], [-1.0, 0], [0, 1.0], [-1.0, -1.0]])
        network[0].bias[:] = 0
    with watch_units(network, functional_relu=("0",)) as units:
        network(torch.rand(10, 2))
    assert units == {"health/dead/0": 0.5}


def test_a_unit_that_is_saturated_on_both_sides_counts():
    outputs = torch.tensor([[1.0, 0.5], [-1.0, 1.0], [0.995, -1.0]])
    assert inactive_share(outputs, "tanh") == 0.5


@pytest.mark.parametrize("count", [0, 1, 7, 30, 240])
def test_few_keyframes_are_measured(count):
    keyframes = set(range(count + 1))
    steps = probe_steps(keyframes)
    assert steps <= keyframes - {0}
    assert len(steps) <= 22
    assert not count or {1, count} <= steps


def train(name: str, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    topic = topics.topic(name)
    return events, run_to_end(topic.train(topic.default.changed(**changes)), events.append)


@pytest.mark.parametrize(
    ("name", "module", "changes"),
    [
        (
            "mnist_cnn",
            "core.training.loop",
            {
                "network": "own",
                "samples": 300,
                "epochs": 1,
                "channels": 4,
                "linear": 16,
                "dropout": 0.5,
                "ema_decay": 0.9,
            },
        ),
        ("workflow", "core.topics.workflow.train", {"samples": 640, "epochs": 1}),
        ("playground", "core.topics.playground.train", {"epochs": 5, "dropout": 0.3, "optimizer": "Adam"}),
    ],
)
def test_measurements_do_not_change_a_run(name, module, changes, monkeypatch):
    measured, model = train(name, **changes)
    monkeypatch.setattr(import_module(module), "probe_steps", lambda _keyframes: set())
    events, expected = train(name, **changes)
    assert any(key.startswith(PREFIX) for event in measured for key in event.metrics)
    assert len(measured) == len(events)
    for event, other in zip(measured, events, strict=True):
        metrics = {key: value for key, value in event.metrics.items() if not key.startswith(PREFIX)}
        assert (event.step, event.total, metrics) == (other.step, other.total, other.metrics)
        assert {key: array.tobytes() for key, array in event.arrays.items()} == {
            key: array.tobytes() for key, array in other.arrays.items()
        }
    assert model.metrics == expected.metrics
    assert all(torch.equal(weight, model.weights[key]) for key, weight in expected.weights.items())


def test_only_measurements_may_be_missing_in_an_earlier_run():
    new = {"loss": 1.0, "epoch": 1.0, "health/dead/1": 0.5, "health/dead/2": 0.5}
    kept = without_new_measurements(new, {"loss": 1.0, "health/dead/2": 0.5})
    assert kept == {"loss": 1.0, "epoch": 1.0, "health/dead/2": 0.5}
