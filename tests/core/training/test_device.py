import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from core.errors import CoreError
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.manual_mlp.config import MLPConfig
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.train import train
from core.topics.mnist_cnn.training_step import resolve
from core.training import device
from core.training.device import MIN_MULTIPLY_ADDS, choose_device, device_of, hardware, training_device
from core.training.progress import run_to_end

DEVICES = ("cpu", device.gpu()) if device.gpu() else ("cpu",)
SMALL = CNNConfig(samples=500, epochs=1, batch_size=50, threads=1, cpu_optimizations=())


def test_a_run_on_a_gpu_is_that_on_the_cpu_and_no_operation_mixes_devices():
    # A separate program, because the simulated GPU is registered with PyTorch for the whole process
    program = [sys.executable, "-m", "tests.core.training.simulated_gpu"]
    found = json.loads(subprocess.run(program, capture_output=True, check=True, text=True).stdout)

    same = {"used": True, "metrics": True, "final metrics": True, "weights": True}
    assert found == {"mixing is refused": True, "cnn": same, "autoencoder": same}


@pytest.mark.parametrize("name", DEVICES)  # those of this machine
def test_the_same_seed_gives_the_same_curve_on_one_device(name):
    config = SMALL.changed(device=name, network="own", channels=4, linear=16, dropout=0.3)
    curves = []
    for _ in range(2):
        events = []
        model = run_to_end(train(config), events.append)
        curves.append([event.metrics for event in events])

    assert curves[0] == curves[1]
    assert {weight.device.type for weight in model.weights.values()} == {name}


@pytest.mark.parametrize(
    ("gpu", "multiply_adds", "expected"),
    [
        (None, 10**12, "cpu"),
        ("cuda", MIN_MULTIPLY_ADDS - 1, "cpu"),
        ("cuda", MIN_MULTIPLY_ADDS, "cuda"),
        ("mps", MIN_MULTIPLY_ADDS, "mps"),
    ],
)
def test_automatic_takes_the_gpu_for_large_networks_only(monkeypatch, gpu, multiply_adds, expected):
    monkeypatch.setattr(device, "gpu", lambda: gpu)

    assert choose_device(AutoencoderConfig(), lambda: multiply_adds).device == expected
    assert choose_device(AutoencoderConfig(device="cpu"), lambda: multiply_adds).device == "cpu"


def test_the_tutorials_network_is_large_enough_and_the_compact_one_is_not(monkeypatch):
    monkeypatch.setattr(device, "gpu", lambda: "cuda")
    chosen = {
        network: resolve(CNNConfig(network=network, cpu_optimizations=(), batch_size=64)).device
        for network in ("compact", "tutorial")
    }

    assert chosen == {"compact": "cpu", "tutorial": "cuda"}


def test_a_device_that_is_not_there_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(device, "gpu", lambda: "cuda")
    with pytest.raises(CoreError) as caught:
        training_device(CNNConfig(device="mps"))
    assert (caught.value.code, caught.value.parameters) == ("device_missing", {"device": "mps"})

    assert training_device(CNNConfig(device="cuda")) == torch.device("cuda", 0)
    assert training_device(CNNConfig(device="automatic")) == torch.device("cpu")


def test_a_run_of_the_settings_stands_for_automatic_ones_and_only_for_them():
    trained = CNNConfig(device="cpu", cpu_optimizations=("fused",))

    assert CNNConfig().matches(trained)
    assert CNNConfig(device="cpu").matches(trained)
    assert not CNNConfig(device="cuda").matches(trained)
    assert not CNNConfig(cpu_optimizations=()).matches(trained)
    assert not CNNConfig(seed=1).matches(trained)


def test_the_hardware_of_a_run_is_named_with_its_device():
    name = hardware(MLPConfig())

    assert name.endswith(" (CPU)")
    assert len(name) > len(" (CPU)")
    assert hardware(CNNConfig(device="cpu")) == name


def test_the_device_of_a_network_is_that_of_its_weights():
    assert device_of(nn.Linear(2, 2)) == torch.device("cpu")
    assert device_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")
