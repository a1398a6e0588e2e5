"""What topics with a fast path share: how an update is timed, and what the tricks change."""

from types import SimpleNamespace

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.mnist_cnn.config import CNNConfig
from core.training import timing
from core.training.cpu_optimizations import CANDIDATES, FastConfig, fuse, memory_format, pool_first, precision
from core.training.timing import seconds, threads

ALL = ("bfloat16", "channels_last", "fused", "pool_first")


def timed(monkeypatch, durations: list[float]) -> tuple[float, int]:
    """What `seconds` says of updates that take so long, and how many it asked for."""
    now, waiting = 0.0, list(durations)

    def update() -> None:
        nonlocal now
        now += waiting.pop(0)

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: now))
    return seconds(update), len(durations) - len(waiting)


# ---- How long an update takes


@pytest.mark.parametrize(
    ("durations", "least", "updates"),
    [
        # Long ones three times; the first does not count, as it loads and allocates
        ([0.5, 4, 3], 3, 3),
        # Short ones until they are 0.1 s together, and at most seven times
        ([0.001, 0.03, 0.02, 0.04, 0.04], 0.02, 5),
        ([0.001, 0.009, 0.008, 0.007, 0.006, 0.005, 0.004], 0.004, 7),
    ],
)
def test_an_update_takes_the_least_of_several_times(monkeypatch, durations, least, updates):
    assert timed(monkeypatch, [*durations, 0, 0]) == (pytest.approx(least), updates)


def test_threads_are_set_and_given_back_whatever_happens():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
        with threads(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == before + 1
    with pytest.raises(ValueError, match="whatever"), threads(before + 2):
        raise ValueError("whatever")
    assert torch.get_num_threads() == before


# ---- The settings


@pytest.mark.parametrize("kind", [CNNConfig, AutoencoderConfig])
@pytest.mark.parametrize("chosen", [(), ("fused",), ALL, *CANDIDATES])
def test_automatic_covers_a_run_with_whatever_tricks(kind: type[FastConfig], chosen):
    automatic, run = kind(epochs=3), kind(epochs=3, tricks=chosen)
    assert automatic.matches(automatic)
    assert automatic.matches(run)
    assert run.matches(run)
    assert not run.matches(automatic)
    assert not automatic.matches(kind(epochs=4, tricks=chosen))


def test_settings_of_another_topic_are_not_covered():
    assert not CNNConfig().matches(AutoencoderConfig())
    assert not AutoencoderConfig().matches(CNNConfig(tricks=()))


@pytest.mark.parametrize("kind", [CNNConfig, AutoencoderConfig])
def test_automatic_chooses_alone(kind: type[FastConfig]):
    assert kind().tricks == ("automatic",)
    assert kind.model_validate({"tricks": ",".join(ALL)}).tricks == ALL
    assert kind.model_validate({"tricks": ""}).tricks == ()
    with pytest.raises(ValidationError, match="“automatic” chooses by itself"):
        kind(tricks=("fused", "automatic"))


# ---- What they change


def test_each_trick_changes_its_own_thing():
    assert memory_format(ALL) == torch.channels_last
    assert memory_format(("bfloat16", "fused", "pool_first")) == torch.contiguous_format
    a = torch.rand(4, 4)
    for names, dtype in ((ALL, torch.bfloat16), (("channels_last", "fused", "pool_first"), torch.float32)):
        with precision(names):
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
        "f": nn.GELU(),  # falls before it rises
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


def test_what_was_measured_is_kept_for_a_while_and_then_measured_again(monkeypatch):
    now, asked = 1_000.0 * timing.FRESH, []
    monkeypatch.setattr(timing.time, "monotonic", lambda: now)
    measure = timing.measured(lambda config: asked.append(config) or len(asked))
    assert [measure("a"), measure("a"), measure("b")] == [1, 1, 2]
    now += 0.9 * timing.FRESH
    assert measure("a") == 1
    now += 0.2 * timing.FRESH
    assert [measure("a"), measure("a")] == [3, 3]
    assert asked == ["a", "b", "a"]
