"""CPU optimizations: their settings, their effects, and their selection."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.mnist_cnn.config import CNNConfig
from core.training import cpu_optimizations, timing
from core.training.cpu_optimizations import (
    CANDIDATES,
    CpuOptimizedConfig,
    Tuner,
    fuse,
    memory_format,
    pool_first,
    precision,
)

ALL = ("bfloat16", "channels_last", "fused", "pool_first")


# ---- Settings


@pytest.mark.parametrize("kind", [CNNConfig, AutoencoderConfig])
@pytest.mark.parametrize("chosen", [(), ("fused",), ALL, *CANDIDATES])
def test_automatic_covers_a_run_with_every_choice(kind: type[CpuOptimizedConfig], chosen):
    automatic, run = kind(epochs=3), kind(epochs=3, cpu_optimizations=chosen)
    assert automatic.matches(automatic)
    assert automatic.matches(run)
    assert run.matches(run)
    assert not run.matches(automatic)
    assert not automatic.matches(kind(epochs=4, cpu_optimizations=chosen))


def test_settings_of_another_topic_are_not_covered():
    assert not CNNConfig().matches(AutoencoderConfig())
    assert not AutoencoderConfig().matches(CNNConfig(cpu_optimizations=()))


@pytest.mark.parametrize("kind", [CNNConfig, AutoencoderConfig])
def test_automatic_chooses_alone(kind: type[CpuOptimizedConfig]):
    assert kind().cpu_optimizations == ("automatic",)
    assert kind.model_validate({"cpu_optimizations": ",".join(ALL)}).cpu_optimizations == ALL
    assert kind.model_validate({"cpu_optimizations": ""}).cpu_optimizations == ()
    with pytest.raises(ValidationError, match="choose either “automatic” or specific"):
        kind(cpu_optimizations=("fused", "automatic"))


# ---- Effects


def test_each_optimization_changes_its_own_thing():
    assert memory_format(ALL) == torch.channels_last
    assert memory_format(("bfloat16", "fused", "pool_first")) == torch.contiguous_format
    a = torch.rand(4, 4)
    for names, dtype in ((ALL, torch.bfloat16), (("channels_last", "fused", "pool_first"), torch.float32)):
        with precision(names, torch.device("cpu")):
            assert (a @ a).dtype == dtype
    assert (a @ a).dtype == torch.float32


def test_an_optimizer_is_in_one_piece_if_it_can():
    w = [torch.zeros(2, requires_grad=True), torch.zeros(3, requires_grad=True)]
    groups = [{"params": [each]} for each in w]
    for made, can in ((torch.optim.Adam(groups), True), (torch.optim.RMSprop(groups), False)):
        for names in (ALL, ("pool_first",)):
            fused = fuse(made, names)
            assert fused is made
            assert [group["fused"] for group in fused.param_groups] == 2 * [can and names == ALL]


def test_only_max_pooling_goes_before_an_activation_that_never_falls():
    named = {
        "a": nn.Conv2d(1, 2, 3),
        "b": nn.ReLU(),
        "c": nn.MaxPool2d(2),
        "d": nn.Tanh(),
        "e": nn.MaxPool2d(2),
        "f": nn.GELU(),  # decreases before it increases
        "g": nn.MaxPool2d(2),
        "h": nn.LeakyReLU(),
        "i": nn.AvgPool2d(2),
        "j": nn.ReLU(),
    }
    moved = pool_first(named)
    assert "".join(moved) == "acbedfghij"
    assert all(moved[name] is module for name, module in named.items())
    x = torch.randn(3, 1, 40, 40)
    one, other = (nn.Sequential(*modules.values()) for modules in (named, moved))
    torch.testing.assert_close(one(x), other(x), rtol=0, atol=1e-6)


# ---- Selection


@pytest.fixture
def tuner(monkeypatch) -> SimpleNamespace:
    """A tuner for updates that take no time. ``seconds`` are its measurements; ``measured`` lists measured settings."""
    state = SimpleNamespace(now=1_000.0 * timing.FRESH, seconds=lambda names: 1 / (1 + len(names)), measured=[])

    def make_update(config: CNNConfig, batch_size: int) -> Callable[[], None]:
        names = config.cpu_optimizations
        state.measured.append((names, batch_size))
        return lambda: names

    monkeypatch.setattr(timing.time, "monotonic", lambda: state.now)
    monkeypatch.setattr(cpu_optimizations, "seconds", lambda update: state.seconds(update()))
    state.tuner = Tuner(make_update, lambda _config: 1_000, lambda config: config.changed(seed=0))
    return state


def test_the_choice_expires_with_the_timings_that_it_is_based_on(tuner):
    config = CNNConfig(seed=3)
    assert set(tuner.tuner.resolve(config).cpu_optimizations) == set(ALL)
    assert len(tuner.measured) == len(CANDIDATES)
    tuner.seconds = len  # the machine has changed: the slowest is now the fastest
    tuner.now += 0.9 * timing.FRESH
    assert set(tuner.tuner.resolve(config.changed(seed=4)).cpu_optimizations) == set(ALL)
    assert len(tuner.measured) == len(CANDIDATES)
    tuner.now += 0.2 * timing.FRESH
    chosen = tuner.tuner.resolve(config)
    assert chosen == config.changed(cpu_optimizations=("pool_first",), device="cpu")
    assert len(tuner.measured) == 2 * len(CANDIDATES)
    # The timing of the chosen settings has not expired: nothing is measured again
    assert tuner.tuner.seconds_per_update(config) == 1
    assert len(tuner.measured) == 2 * len(CANDIDATES)


def test_no_batch_is_measured_whose_update_takes_long(tuner):
    most = cpu_optimizations.MAX_MEASURED_WORK // 3_000
    assert tuner.tuner.max_batch(CNNConfig()) == most
    tuner.tuner.resolve(CNNConfig(batch_size=100))
    assert {batch_size for _names, batch_size in tuner.measured} == {100}
    assert replace(tuner.tuner, multiply_adds=lambda _config: 10**12).max_batch(CNNConfig()) == 8
