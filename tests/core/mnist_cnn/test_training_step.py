"""CPU optimizations change updates only by rounding, keep the accuracy, and are chosen by their measured cost."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import torch
from torch import nn

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import Digits
from core.topics.mnist_cnn.train import evaluate_accuracy
from core.topics.mnist_cnn.training_step import (
    TUNER,
    build_network,
    build_optimizer,
    resolve,
    update,
)
from core.training import cpu_optimizations
from core.training.cpu_optimizations import precision

pytestmark = pytest.mark.usefixtures("one_thread")

ALL = ("pool_first", "fused", "channels_last", "bfloat16")
PLAIN = CNNConfig(samples=4_000, batch_size=50, threads=1, cpu_optimizations=())
SMALL = CNNConfig(
    network="own", conv_layers=1, channels=8, linear=32, transforms=("center_crop", "normalize"), crop=20, threads=1
)


def losses(config: CNNConfig, network: nn.Module, digits: Digits, *, updates: int) -> torch.Tensor:
    optimizer = build_optimizer(config, network)
    return torch.stack([update(config, network, optimizer, *digits.batch(step)) for step in range(updates)])


@pytest.fixture
def costs(monkeypatch) -> list[tuple[tuple[str, ...], int]]:
    """Replace measurements by formulas, and record them: a tenth less per optimization, linear in the batch size."""
    measured = []

    def measure(_tuner, config: CNNConfig, batch: int) -> float:
        measured.append((config.cpu_optimizations, batch))
        return (0.01 + 0.002 * batch) * 0.9 ** len(config.cpu_optimizations)

    monkeypatch.setattr(cpu_optimizations, "_measure", measure)
    cpu_optimizations._fastest.cache_clear()
    yield measured
    cpu_optimizations._fastest.cache_clear()


# ---- Equality of updates


@pytest.mark.parametrize(("optimizer", "rate"), [("momentum", 0.01), ("adam", 1e-3)])
def test_the_first_losses_are_the_same_but_for_rounding(optimizer, rate):
    config = PLAIN.changed(optimizer=optimizer, learning_rate=rate)
    curves = {}
    for names in ((), ("pool_first",), ("fused",), ("channels_last",), ALL):
        chosen = config.changed(cpu_optimizations=names)
        curves[names] = losses(chosen, build_network(chosen), Digits(chosen), updates=25)
    plain, pool_first, fused, channels_last, rounded = curves.values()
    assert plain[-1] < 0.95 * plain[0]
    assert torch.equal(pool_first, plain)
    torch.testing.assert_close(fused, plain, rtol=1e-4, atol=0)
    torch.testing.assert_close(channels_last, plain, rtol=1e-3, atol=0)
    torch.testing.assert_close(rounded, plain, rtol=0.03, atol=0)
    assert not torch.allclose(rounded, plain, rtol=1e-6)


def test_cpu_optimizations_keep_the_accuracy():
    accuracies: dict[tuple[str, ...], list[float]] = {(): [], ALL: []}
    for names, found in accuracies.items():
        for seed in range(2):
            config = SMALL.changed(samples=1_000, epochs=5, learning_rate=0.003, cpu_optimizations=names, seed=seed)
            network, digits = build_network(config), Digits(config)
            losses(config, network, digits, updates=config.updates)
            found.append(evaluate_accuracy(config, network, digits.test_subset(slice(2_000))))
    plain, fast = accuracies.values()
    assert min(plain) > 0.75
    assert min(plain) <= max(fast)
    assert min(fast) <= max(plain)


# ---- Effect of each optimization


def test_channels_last_is_the_memory_format_of_weights_and_images():
    seen = []
    for names in ((), ("channels_last",)):
        config = PLAIN.changed(cpu_optimizations=names)
        network = build_network(config)
        network.conv2.register_forward_pre_hook(lambda module, inputs: seen.append((module.weight, inputs[0])))
        update(config, network, build_optimizer(config, network), *Digits(config).batch(0))
    for tensors, last in zip(seen, (False, True), strict=True):
        assert [x.is_contiguous(memory_format=torch.channels_last) for x in tensors] == [last, last]


def test_bfloat16_is_used_for_multiplications_only():
    config = PLAIN.changed(cpu_optimizations=("bfloat16",))
    network, types = build_network(config), []
    network.fc1.register_forward_hook(lambda _module, _inputs, output: types.append(output.dtype))
    loss = update(config, network, build_optimizer(config, network), *Digits(config).batch(0))
    assert types == [torch.bfloat16]
    assert {x.dtype for x in (loss, *network.parameters(), *(p.grad for p in network.parameters()))} == {torch.float32}
    with precision(PLAIN.cpu_optimizations, torch.device("cpu")):
        assert not torch.is_autocast_enabled("cpu")
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_optimizers_are_fused_if_they_support_it(optimizer):
    for names in ((), ("fused",)):
        config = SMALL.changed(optimizer=optimizer, cpu_optimizations=names, weight_decay=0.1, learning_rate=0.003)
        made = build_optimizer(config, build_network(config))
        (group,) = made.param_groups
        assert group["fused"] == (names == ("fused",) and optimizer != "rmsprop")
        assert (group["lr"], group["weight_decay"]) == (0.003, 0.1)
        assert type(made).__name__.lower() == {"momentum": "sgd", "nesterov": "sgd"}.get(optimizer, optimizer)


# ---- Automatic choice


def test_automatic_chooses_the_fastest_optimizations(costs):
    config = CNNConfig(batch_size=64, samples=200, seed=5, noise=0.2)
    chosen = resolve(config)
    assert set(chosen.cpu_optimizations) == set(ALL)
    assert chosen == config.changed(cpu_optimizations=chosen.cpu_optimizations, device="cpu")
    assert resolve(chosen) == chosen
    assert len(costs) == len({names for names, _batch in costs}) == 5
    # Another seed costs the same, as do settings that only other networks use
    assert (
        resolve(config.changed(seed=6, weight_decay=0.1, mean=0.5, noise=0.4, channels=64)).cpu_optimizations
        == chosen.cpu_optimizations
    )
    assert len(costs) == 5
    resolve(config.changed(network="own"))
    resolve(config.changed(network="own", channels=64))
    assert len(costs) == 15
    assert resolve(config.changed(cpu_optimizations=("fused",))).cpu_optimizations == ("fused",)
    assert len(costs) == 15


def test_concurrent_callers_share_one_measurement(costs, monkeypatch):
    measure = cpu_optimizations._measure

    def slow(tuner, config: CNNConfig, batch: int) -> float:
        time.sleep(0.02)
        return measure(tuner, config, batch)

    monkeypatch.setattr(cpu_optimizations, "_measure", slow)
    with ThreadPoolExecutor(8) as people:
        chosen = set(people.map(lambda seed: resolve(CNNConfig(seed=seed)).cpu_optimizations, range(8)))
    assert len(chosen) == 1
    assert len(costs) == 5


def test_measuring_keeps_the_random_state_and_the_threads():
    cpu_optimizations._fastest.cache_clear()
    cpu_optimizations._measure.cache_clear()
    state = torch.random.get_rng_state()
    chosen = resolve(SMALL.changed(threads=2, batch_size=16, dropout=0.5)).cpu_optimizations
    assert "pool_first" in chosen
    assert len(cpu_optimizations._measure.kept) == 5
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == 1


def test_the_cost_of_a_large_batch_is_extrapolated(costs):
    for batch_size in (2, 8, 64, 1_000):
        config = CNNConfig(network="tutorial", cpu_optimizations=(), batch_size=batch_size, epochs=1)
        assert TUNER.seconds_per_update(config) == pytest.approx(0.01 + 0.002 * batch_size)
    assert max(batch for _names, batch in costs) == 67
    assert TUNER.seconds_per_update(config.changed(batch_size=500, samples=100)) == pytest.approx(0.01 + 0.002 * 100)


def test_the_measured_seconds_are_those_of_updates():
    times = [TUNER.seconds_per_update(SMALL.changed(cpu_optimizations=(), batch_size=size)) for size in (20, 400)]
    assert all(later > 2 * earlier > 0 for earlier, later in pairwise(times))
