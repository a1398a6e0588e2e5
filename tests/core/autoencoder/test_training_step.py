"""An update equals plain PyTorch; CPU optimizations change only its rounding, and a benchmark chooses them."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import Images
from core.topics.autoencoder.train import estimate_seconds, keyframe_steps
from core.topics.autoencoder.training_step import (
    LOSSES,
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
PLAIN = AutoencoderConfig(data="fashion_mnist", batch_size=16, schedule="constant", threads=1, cpu_optimizations=())
LINEAR = PLAIN.changed(network="linear")


def run(config: AutoencoderConfig, count: int) -> tuple[Tensor, nn.Module]:
    """Return the losses of the first updates, and the network after them."""
    network, pictures = build_network(config), Images(config)
    optimizer = build_optimizer(config, network)
    losses = torch.stack([update(config, network, optimizer, *pictures.batch(step)) for step in range(count)])
    return losses, network


@pytest.fixture
def costs(monkeypatch) -> list[AutoencoderConfig]:
    """A fake benchmark: each optimization saves a tenth, and the time is proportional to the batch size."""
    measured = []

    def measure(_tuner, config: AutoencoderConfig, batch: int) -> float:
        measured.append(config.changed(batch_size=batch))
        return 0.002 * batch * 0.9 ** len(config.cpu_optimizations)

    monkeypatch.setattr(cpu_optimizations, "_measure", measure)
    cpu_optimizations._fastest.cache_clear()
    yield measured
    cpu_optimizations._fastest.cache_clear()


# ---- The loss


@pytest.mark.parametrize(
    ("loss", "of_a_pixel"),
    [
        ("mse", lambda output, clean: (output - clean) ** 2),
        ("l1", lambda output, clean: abs(output - clean)),
        # The output is a logit: the clean pixel is the probability of white
        (
            "bce",
            lambda output, clean: (
                -clean * math.log(1 / (1 + math.exp(-output))) - (1 - clean) * math.log(1 - 1 / (1 + math.exp(-output)))
            ),
        ),
    ],
)
def test_losses_are_means_of_their_formulas_over_all_pixels(loss, of_a_pixel: Callable[[float, float], float]):
    outputs = torch.randn(3, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 3
    clean = Images(PLAIN).batch(0)[1][:3]
    numbers = zip(outputs.double().flatten().tolist(), clean.double().flatten().tolist(), strict=True)
    expected = sum(of_a_pixel(*pair) for pair in numbers) / (3 * 784)
    assert float(LOSSES[loss](outputs, clean)) == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_of_large_logits_is_finite():
    outputs, clean = torch.tensor([200.0, -200.0]), torch.tensor([0.0, 0.0])
    assert float(LOSSES["bce"](outputs, clean)) == 100


# ---- Updates


@pytest.mark.parametrize(
    ("loss", "of"),
    [
        ("mse", nn.MSELoss()),
        ("l1", nn.L1Loss()),
        ("bce", lambda output, clean: (F.softplus(output) - clean * output).mean()),
    ],
)
@pytest.mark.parametrize("network", ["quick", "unet"])
def test_an_update_is_one_step_of_adam_towards_the_clean_pictures(network, loss, of):
    config = PLAIN.changed(network=network, loss=loss, learning_rate=0.002)
    losses, trained = run(config, 4)
    by_hand, pictures = build_network(config), Images(config)
    adam = torch.optim.Adam(by_hand.parameters(), lr=0.002)
    for step, loss_before in enumerate(losses):
        corrupted, clean = pictures.batch(step)
        expected = of(by_hand(corrupted), clean)
        adam.zero_grad()
        expected.backward()
        adam.step()
        assert float(loss_before) == pytest.approx(float(expected.detach()), rel=1e-4)
    assert losses[-1] < losses[0]
    assert not losses.requires_grad
    for ours, theirs in zip(trained.state_dict().values(), by_hand.state_dict().values(), strict=True):
        # Adam turns a gradient of mere rounding errors into a whole update; batch norm causes a few of them
        equal = torch.isclose(ours, theirs, rtol=1e-3, atol=1e-3).double().mean()
        assert float(equal) > 0.999 if network == "unet" else equal == 1


# Adam turns a gradient of mere rounding errors into a whole update; batch norm causes some of them
@pytest.mark.parametrize(("network", "rounding"), [("convolutional", 1e-4), ("quick", 1e-4), ("unet", 0.01)])
def test_the_first_losses_are_the_same_but_for_rounding(network, rounding):
    config = PLAIN.changed(network=network, batch_size=8, learning_rate=1e-3)
    plain, pool_first, fused, channels_last, rounded = (
        run(config.changed(cpu_optimizations=names), 8)[0]
        for names in ((), ("pool_first",), ("fused",), ("channels_last",), ALL)
    )
    assert plain[-1] < 0.6 * plain[0]
    assert torch.equal(pool_first, plain)
    torch.testing.assert_close(fused, plain, rtol=rounding, atol=0)
    torch.testing.assert_close(channels_last, plain, rtol=rounding, atol=0)
    torch.testing.assert_close(rounded, plain, rtol=0.05, atol=0)
    assert not torch.allclose(rounded, plain, rtol=1e-6)


# ---- Effects of the CPU optimizations


def test_channels_last_is_how_the_weights_and_the_pictures_lie_in_memory():
    seen = []
    for names in ((), ("channels_last",)):
        config = PLAIN.changed(network="convolutional", cpu_optimizations=names)
        network = build_network(config)
        network.encoder[3].register_forward_pre_hook(lambda module, inputs: seen.append((module.weight, inputs[0])))
        update(config, network, build_optimizer(config, network), *Images(config).batch(0))
    for tensors, last in zip(seen, (False, True), strict=True):
        assert [x.is_contiguous(memory_format=torch.channels_last) for x in tensors] == [last, last]


def test_bfloat16_is_for_the_products_alone():
    config = LINEAR.changed(cpu_optimizations=("bfloat16",))
    network, types = build_network(config), []
    network.decoder[-2].register_forward_hook(lambda _module, _inputs, output: types.append(output.dtype))
    loss = update(config, network, build_optimizer(config, network), *Images(config).batch(0))
    assert types == [torch.bfloat16]
    assert {x.dtype for x in (loss, *network.parameters(), *(p.grad for p in network.parameters()))} == {torch.float32}
    with precision(LINEAR.cpu_optimizations, torch.device("cpu")):
        assert not torch.is_autocast_enabled("cpu")
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("names", [(), ("fused",)])
def test_the_optimizer_is_the_tutorials(names):
    config = LINEAR.changed(cpu_optimizations=names, learning_rate=0.003)
    made = build_optimizer(config, build_network(config))
    assert type(made) is torch.optim.Adam
    (group,) = made.param_groups
    assert (group["lr"], group["betas"], group["eps"], group["weight_decay"]) == (0.003, (0.9, 0.999), 1e-8, 0)
    assert group["fused"] == bool(names)


# ---- Choice of the CPU optimizations, and the duration of a run


def test_automatic_is_what_is_measured_to_be_the_quickest(costs):
    config = PLAIN.changed(cpu_optimizations=("automatic",), seed=5, epochs=3)
    chosen = resolve(config)
    assert set(chosen.cpu_optimizations) == set(ALL)
    assert chosen == config.changed(cpu_optimizations=chosen.cpu_optimizations, device="cpu")
    assert resolve(chosen) == chosen
    assert len(costs) == len({config.cpu_optimizations for config in costs}) == 5
    # Another seed, another learning rate and a longer run cost the same
    assert (
        resolve(config.changed(seed=6, learning_rate=1, epochs=9, schedule="cosine")).cpu_optimizations
        == chosen.cpu_optimizations
    )
    levels = {"noise": 0.1, "salt_and_pepper": 0.9, "mosaic": 7, "occlusion": 3, "blur": 0.2}
    assert resolve(config.changed(**levels)).cpu_optimizations == chosen.cpu_optimizations
    assert resolve(config.changed(cpu_optimizations=("fused",))).cpu_optimizations == ("fused",)
    assert len(costs) == 5
    resolve(config.changed(network="unet"))
    resolve(config.changed(corruptions=("blur",)))
    assert len(costs) == 15


def test_a_run_takes_its_updates_and_its_looks(costs):
    config = PLAIN.changed(batch_size=100, epochs=2)
    # 200 updates; all test images after each epoch and some at every keyframe, at a third of the cost
    looks = len(keyframe_steps(config))
    assert 10 <= looks <= 16
    assert estimate_seconds(config) == pytest.approx(0.2 * (200 + (20_000 + looks * 500) / 300))
    assert estimate_seconds(config.changed(cpu_optimizations=("automatic",))) == pytest.approx(
        0.9**4 * estimate_seconds(config)
    )
    # All 500 images in one batch
    whole = config.changed(batch_size=2_000, samples=500)
    assert estimate_seconds(whole) == pytest.approx(0.002 * (2 * 500 + (20_000 + len(keyframe_steps(whole)) * 500) / 3))


def test_large_batches_are_measured_in_smaller_ones(costs):
    config = PLAIN.changed(network="convolutional", batch_size=2_000)
    assert TUNER.seconds_per_update(config) == pytest.approx(0.002 * 2_000)
    assert [each.batch_size < 500 for each in costs] == [True, True]
    costs.clear()
    resolve(config.changed(cpu_optimizations=("automatic",)))
    assert {each.batch_size < 500 for each in costs} == {True}


def test_measuring_leaves_no_trace():
    cpu_optimizations._fastest.cache_clear()
    cpu_optimizations._measure.cache_clear()
    state = torch.random.get_rng_state()
    chosen = resolve(LINEAR.changed(threads=2, cpu_optimizations=("automatic",)))
    assert "pool_first" in chosen.cpu_optimizations
    assert len(cpu_optimizations._measure.kept) == 5
    assert 0 < estimate_seconds(chosen) < 600
    assert len(cpu_optimizations._measure.kept) == 5
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == 1


def test_the_measured_seconds_are_those_of_updates():
    times = [cpu_optimizations._measure(TUNER, PLAIN, size) for size in (10, 300)]
    assert all(later > 2 * earlier > 0 for earlier, later in pairwise(times))
