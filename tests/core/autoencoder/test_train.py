"""Training: equal to plain PyTorch to the last bit, reproducible by its seed, and evaluated on unseen images."""

import math
from itertools import islice, pairwise

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from core.data import datasets
from core.data.corruptions import LIMITS, corrupt
from core.engine import RunStore
from core.evaluation.metrics import mean_psnr, mse, ssim
from core.paths import CHECKPOINTS
from core.topics.autoencoder import train as training
from core.topics.autoencoder.config import PRESETS, AutoencoderConfig
from core.topics.autoencoder.data import (
    EVAL_SUBSET,
    N_SHOWN,
    Images,
    corrupted_pairs,
)
from core.topics.autoencoder.model import build, load, size
from core.topics.autoencoder.train import N_TEST, keyframe_steps, reconstruct, train
from core.topics.autoencoder.training_step import build_network, build_optimizer, update
from core.training import loop
from core.training.batching import EVALUATION_TIME_SHARE, MAX_EVALUATIONS
from core.training.progress import Progress, TrainedModel, run_to_end
from tests.core.topic_metrics import topic_metrics

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = AutoencoderConfig(
    data="fashion_mnist",
    network="linear",
    samples=2_000,
    batch_size=400,
    epochs=2,
    learning_rate=0.003,
    schedule="constant",
    threads=1,
    cpu_optimizations=(),
)
CHAIN = ("mosaic", "gaussian", "occlusion", "salt_and_pepper", "blur")
FEW = 300


@pytest.fixture
def few(monkeypatch) -> None:
    """Use fewer test images where a test does not need all."""
    monkeypatch.setattr(training, "N_TEST", FEW)
    monkeypatch.setattr(training, "EVAL_SUBSET", N_SHOWN)


def run(config: AutoencoderConfig, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config.changed(**changes)), events.append)


def curve(events: list[Progress], metric: str) -> list[float | None]:
    return [event.metrics[metric] for event in events if metric in event.metrics]


def quality_by_hand(pictures: Tensor, clean: Tensor) -> list[float]:
    return [mean_psnr(pictures, clean), float(ssim(pictures, clean).mean())]


# ---- Updates


@pytest.mark.usefixtures("few")
def test_training_is_a_plain_loop_to_the_last_bit():
    config = SMALL.changed(relu_code=True, batch_size=140, epochs=1)
    events, model = run(config)
    widths, modules = (784, 128, 64, 32, 64, 128, 784), [nn.Flatten()]
    for inputs, outputs in pairwise(widths):
        modules += [nn.Linear(inputs, outputs), nn.ReLU()]
    network = nn.Sequential(*modules[:-1], nn.Unflatten(1, (1, 28, 28)))
    for parameter, weight in zip(network.parameters(), build(config).parameters(), strict=True):
        parameter.data = weight.detach().clone()
    adam, pictures, losses = torch.optim.Adam(network.parameters(), lr=0.003), Images(config), []
    for step in range(15):
        noisy, clean = pictures.batch(step)
        loss = nn.functional.mse_loss(network(noisy), clean)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert curve(events, "loss") == losses
    assert losses[-1] < 0.7 * losses[0]
    for ours, theirs in zip(model.weights.values(), network.parameters(), strict=True):
        assert torch.equal(ours, theirs.detach())


@pytest.mark.usefixtures("few")
def test_every_update_takes_the_learning_rate_of_the_schedule(monkeypatch):
    taken, update = [], training.update

    def recorded(config, network, optimizer, corrupted, clean):
        taken.append(optimizer.param_groups[0]["lr"])
        return update(config, network, optimizer, corrupted, clean)

    monkeypatch.setattr(training, "update", recorded)
    events, _model = run(SMALL, schedule="cosine", learning_rate=0.01)
    expected = [0.01 * (1 + math.cos(math.pi * step / 10)) / 2 for step in range(10)]
    np.testing.assert_allclose(curve(events, "learning_rate"), expected, rtol=1e-6)
    assert taken == curve(events, "learning_rate")


def test_a_trained_network_beats_doing_nothing_on_pictures_that_it_has_never_seen(monkeypatch):
    monkeypatch.setattr(training, "N_TEST", 1_000)
    config = AutoencoderConfig(
        data="fashion_mnist", samples=10_000, batch_size=100, epochs=1, threads=1, cpu_optimizations=("fused",)
    )
    events, model = run(config)
    first, final = events[0].metrics, model.metrics
    assert final["test/psnr"] > final["input/psnr"] + 4
    assert final["test/ssim"] > final["input/ssim"]
    assert first["some/psnr"] < first["input/psnr"] < final["some/psnr"] - 4
    assert final["test/mse"] == pytest.approx(10 ** (-final["test/psnr"] / 10))
    # And for each of the images that are shown
    noisy, clean = corrupted_pairs("fashion_mnist", "test", config.corruption_levels, N_SHOWN)
    restored = torch.from_numpy(events[-1].arrays["restored"]).unsqueeze(1) / 255
    assert bool((mse(restored, clean) < mse(noisy, clean)).all())


# ---- Reproducibility


@pytest.mark.usefixtures("few")
def test_a_seed_gives_the_same_run_to_the_last_bit_also_beside_another_run():
    config = SMALL.changed(epochs=1, corruptions=CHAIN)
    alone = [run(config, seed=seed) for seed in (0, 1)]
    runs = [train(config.changed(seed=seed)) for seed in (0, 1)]
    beside: tuple[list[Progress], list[Progress]] = ([], [])
    for _ in range(config.updates + 1):
        for one, events in zip(runs, beside, strict=True):
            events.append(next(one))
    for one, events, (expected, model) in zip(runs, beside, alone, strict=True):
        with pytest.raises(StopIteration) as end:
            next(one)
        assert end.value.value.metrics == model.metrics
        assert all(torch.equal(weights, model.weights[name]) for name, weights in end.value.value.weights.items())
        for event, other in zip(events, expected, strict=True):
            assert (event.step, event.metrics) == (other.step, other.metrics)
            assert event.arrays.keys() == other.arrays.keys()
            assert all(np.array_equal(values, other.arrays[name]) for name, values in event.arrays.items())
    assert not set(curve(beside[0], "loss")) & set(curve(beside[1], "loss"))
    # The test images are the same for every seed
    assert curve(beside[0], "input/psnr") == curve(beside[1], "input/psnr")


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("network", ["quick", "unet", "convolutional"])
def test_the_other_networks_begin_in_the_same_way_again(network):
    config = SMALL.changed(network=network, batch_size=20, corruptions=CHAIN)
    first, again, other = (list(islice(train(config.changed(seed=seed)), 5)) for seed in (0, 0, 1))
    for event, same in zip(first, again, strict=True):
        assert event.metrics == same.metrics
        assert all(np.array_equal(values, same.arrays[name]) for name, values in event.arrays.items())
    assert not set(curve(first, "loss")) & set(curve(other, "loss"))


@pytest.mark.usefixtures("few")
def test_between_two_events_the_callers_state_is_its_own():
    torch.manual_seed(7)
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    for _event in train(SMALL.changed(corruptions=CHAIN, cpu_optimizations=("bfloat16", "channels_last"))):
        assert torch.equal(torch.random.get_rng_state(), state)
        assert torch.get_num_threads() == threads
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")


# ---- Images


@pytest.mark.parametrize("data", datasets.DATASETS)
def test_a_batch_is_clean_training_pictures_and_the_same_corrupted(data):
    config = SMALL.changed(data=data, batch_size=300, noise=0.3)
    noisy, clean = Images(config).batch(2)
    again, same = Images(config).batch(2)
    assert torch.equal(noisy, again)
    assert torch.equal(clean, same)
    assert noisy.shape == clean.shape == (300, 1, 28, 28)
    assert (noisy.dtype, float(noisy.min()), float(noisy.max())) == (torch.float32, 0, 1)
    # Where the noise is not clamped, it has its standard deviation
    middle = (clean > 0.45) & (clean < 0.55)
    assert float((noisy - clean)[middle].std()) == pytest.approx(0.3, rel=0.1)
    known = {picture.numpy().tobytes() for picture in datasets.load(data, "train").images}
    assert {(255 * picture).round().to(torch.uint8).numpy().tobytes() for picture in clean} <= known


def test_every_pass_shows_every_picture_once_in_another_order_and_corrupts_it_anew():
    config = SMALL.changed(corruptions=("gaussian", "occlusion"), samples=60_000, batch_size=2_000)
    pictures, passes = Images(config), []
    for steps in (range(5), range(5, 10)):
        batches = [pictures.batch(step) for step in steps]
        passes.append([torch.cat(parts).flatten(1) for parts in zip(*batches, strict=True)])
    orders = []
    for _noisy, clean in passes:
        everything = (255 * clean).round().to(torch.uint8)
        orders.append([row.tobytes() for row in everything.numpy()])
    expected = [picture.numpy().tobytes() for picture in pictures.train.images]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(expected)
    assert orders[0] != orders[1] != expected
    firsts = [noisy[order.index(expected[0])] for (noisy, _clean), order in zip(passes, orders, strict=True)]
    assert not torch.equal(*firsts)


def test_fewer_pictures_are_a_choice_of_the_seed_and_come_again_in_every_pass():
    config = SMALL.changed(samples=150, batch_size=50)
    assert (config.pictures, config.updates) == (150, 6)
    chosen = []
    for seed in (0, 1):
        pictures = Images(config.changed(seed=seed))
        passes = [
            torch.cat([pictures.batch(step)[1] for step in steps]).flatten(1) for steps in (range(3), range(3, 6))
        ]
        first, second = ({picture.numpy().tobytes() for picture in clean} for clean in passes)
        assert first == second
        assert len(first) > 140  # a few images occur twice
        chosen.append(first)
    assert len(chosen[0] & chosen[1]) < 20


def test_pictures_are_corrupted_in_the_order_of_the_settings():
    config = SMALL.changed(corruptions=("occlusion", "mosaic"), batch_size=50)
    noisy, clean = Images(config).batch(0)
    other, same = Images(config.changed(corruptions=("mosaic", "occlusion"))).batch(0)
    assert torch.equal(clean, same)
    blocks = [x.unflatten(3, (7, 4)).unflatten(2, (7, 4)) for x in (noisy, other)]
    constant = [bool((x == x[:, :, :, :1, :, :1]).all()) for x in blocks]
    assert constant == [True, False]


@pytest.mark.parametrize("corruptions", [("gaussian",), CHAIN])
@pytest.mark.parametrize("split", ["train", "test"])
def test_what_is_tested_is_spoilt_in_the_same_way_every_time(split, corruptions):
    steps = SMALL.changed(corruptions=corruptions).corruption_levels
    state = torch.random.get_rng_state()
    spoiled, clean = corrupted_pairs("mnist", split, steps, 40)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(clean[:, 0], datasets.load("mnist", split).images[:40] / 255)
    assert torch.equal(spoiled, corrupted_pairs("mnist", split, steps, 40)[0])
    # A smaller count returns the first images of a larger one: the page shows the images of the run
    assert torch.equal(spoiled[:N_SHOWN], corrupted_pairs("mnist", split, steps, N_SHOWN)[0])
    errors = (spoiled - clean).flatten(1)
    assert not torch.allclose(errors[0], errors[1], atol=0.1)


def test_a_run_is_tested_on_pictures_corrupted_as_in_training_but_not_with_the_same_noise():
    config = SMALL.changed(corruptions=("gaussian", "occlusion"), noise=0.2)
    noisy, clean = Images(config).test_subset(100)
    assert torch.equal(noisy, corrupted_pairs("fashion_mnist", "test", (("gaussian", 0.2), ("occlusion", 10)), 100)[0])
    grey, steps = torch.full((100, 1, 28, 28), 0.5), (("gaussian", 0.05),)
    batch = Images(config.changed(corruptions=("gaussian",), noise=0.05)).batch(0)
    noises = [
        corrupted_pairs("fashion_mnist", "test", steps, 100)[0] - clean,
        (batch[0] - batch[1])[:100],
        corrupt(grey, steps, torch.Generator().manual_seed(0)) - grey,
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        correlation = (noises[one] * noises[other]).mean() / (noises[one].std() * noises[other].std())
        assert abs(correlation) < 0.1


# ---- Reconstructions


class Answer(nn.Module):
    """Return the input times a factor, and record the mode of each call."""

    def __init__(self, factor: float = 1.0):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))
        self.modes: set[bool] = set()

    def forward(self, x: Tensor) -> Tensor:
        self.modes.add(self.training)
        return self.factor * x


@pytest.mark.parametrize("count", [0, 3, 1_001])
def test_what_is_restored_is_what_the_network_answers_cut_to_0_and_1(count):
    x = torch.rand(count, 1, 28, 28)
    restored = reconstruct(SMALL, Answer(2.0), x)
    assert torch.equal(restored, (2 * x).clamp(max=1))
    assert not restored.requires_grad
    assert float(reconstruct(SMALL, Answer(-1.0), x).abs().sum()) == 0


def test_with_cross_entropy_a_sigmoid_makes_pixels_of_what_the_network_answers():
    x = torch.rand(4, 1, 28, 28)
    restored = reconstruct(SMALL.changed(loss="bce"), Answer(-3.0), x)
    torch.testing.assert_close(restored, 1 / (1 + (3 * x).exp()))


@pytest.mark.parametrize("sigmoid", [False, True])
@pytest.mark.parametrize("network", ["linear", "unet"])
def test_with_cross_entropy_black_can_be_learnt(network, sigmoid):
    """After a second sigmoid, no pixel would be darker than 0.5."""
    config = SMALL.changed(network=network, loss="bce", sigmoid=sigmoid, learning_rate=0.01)
    learning, x = build_network(config), torch.rand(8, 1, 28, 28)
    optimizer = build_optimizer(config, learning)
    for _ in range(40):
        update(config, learning, optimizer, x, torch.zeros_like(x))
    assert float(reconstruct(config, learning, x).max()) < 0.05


@pytest.mark.parametrize("mode", [True, False])
def test_the_network_is_asked_in_eval_mode_and_left_as_it_was(mode):
    network = Answer().train(mode)
    reconstruct(SMALL, network, torch.rand(2, 1, 28, 28))
    assert network.modes == {False}
    assert network.training == mode
    unet = build(SMALL.changed(network="unet")).train(mode)
    before = {name: values.clone() for name, values in unet.state_dict().items()}
    reconstruct(SMALL, unet, torch.rand(2, 1, 28, 28))
    assert all(torch.equal(values, before[name]) for name, values in unet.state_dict().items())
    assert {module.training for module in unet.modules()} == {mode}


def test_the_fast_path_restores_the_same_but_for_rounding():
    config = SMALL.changed(network="convolutional", cpu_optimizations=("bfloat16", "channels_last", "pool_first"))
    x = torch.rand(6, 1, 28, 28)
    plain, fast = (reconstruct(each, build_network(each), x) for each in (config.changed(cpu_optimizations=()), config))
    assert (fast.dtype, fast.is_contiguous()) == (torch.float32, True)
    torch.testing.assert_close(fast, plain, rtol=0, atol=0.01)
    assert not torch.equal(fast, plain)


# ---- Events


@pytest.mark.usefixtures("few")
def test_events_are_as_documented():
    config = SMALL.changed(batch_size=50)
    events, model = run(config)
    assert [event.step for event in events] == list(range(81))
    assert {event.total for event in events} == {80}
    for event in events:
        looks = event.step in keyframe_steps(config) | {0}
        metrics = {"loss", "learning_rate"} if event.step else {"input/psnr", "input/ssim"}
        metrics |= {"some/psnr", "some/ssim"} if looks else set()
        metrics |= {"epoch", "test/mse", "test/psnr", "test/ssim"} if event.step in (40, 80) else set()
        assert topic_metrics(event).keys() == metrics
        assert all(math.isfinite(value) for value in event.metrics.values())
        arrays = {name: (values.shape, str(values.dtype)) for name, values in event.arrays.items()}
        assert arrays == ({"restored": ((N_SHOWN, 28, 28), "uint8")} if looks else {})
    assert curve(events, "epoch") == [1, 2]
    inputs = {name: model.metrics[name] for name in ("input/psnr", "input/ssim")}
    assert model.metrics == topic_metrics(events[-1]) | inputs | {"updates": 80}
    assert curve(events, "some/psnr")[-1] > curve(events, "some/psnr")[0] + 3


def test_all_pictures_of_the_test_set_are_evaluated():
    assert len(datasets.load("fashion_mnist", "test").labels) == N_TEST


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_the_metrics_are_those_of_the_reconstructions(monkeypatch, loss):
    """Metrics of the untrained network at step 0, and of the trained one at the end, on N_TEST images."""
    monkeypatch.setattr(training, "N_TEST", FEW)
    config = SMALL.changed(loss=loss, epochs=1)
    events, model = run(config)
    for event, network in ((events[0], build(config)), (events[-1], load(config, model.weights))):
        noisy, clean = corrupted_pairs("fashion_mnist", "test", config.corruption_levels, EVAL_SUBSET)
        restored = reconstruct(config, network, noisy)
        found = [event.metrics[f"some/{name}"] for name in ("psnr", "ssim")]
        assert found == pytest.approx(quality_by_hand(restored, clean), abs=1e-5)
        np.testing.assert_array_equal(event.arrays["restored"], (255 * restored[:N_SHOWN, 0]).round())
    assert [events[0].metrics[f"input/{name}"] for name in ("psnr", "ssim")] == pytest.approx(
        quality_by_hand(noisy, clean)
    )
    noisy, clean = corrupted_pairs("fashion_mnist", "test", config.corruption_levels, FEW)
    restored = reconstruct(config, network, noisy)
    for metrics in (events[-1].metrics, model.metrics):
        expected = [float(mse(restored, clean).mean()), *quality_by_hand(restored, clean)]
        assert [metrics[f"test/{name}"] for name in ("mse", "psnr", "ssim")] == pytest.approx(expected, abs=1e-5)
    assert [model.metrics[f"input/{name}"] for name in ("psnr", "ssim")] == pytest.approx(quality_by_hand(noisy, clean))


@pytest.mark.usefixtures("few")
def test_what_is_returned_is_tested_in_32_bits(monkeypatch):
    asked = []
    monkeypatch.setattr(
        training,
        "reconstruct",
        lambda *args: asked.append((len(args[2]), args[0].cpu_optimizations)) or reconstruct(*args),
    )
    config = SMALL.changed(network="quick", batch_size=2_000, cpu_optimizations=("bfloat16", "pool_first", "fused"))
    _events, model = run(config)
    noisy, clean = corrupted_pairs("fashion_mnist", "test", config.corruption_levels, FEW)
    expected = mean_psnr(reconstruct(config.changed(cpu_optimizations=()), load(config, model.weights), noisy), clean)
    assert model.metrics["test/psnr"] == pytest.approx(expected, abs=1e-5)
    assert abs(mean_psnr(reconstruct(config, load(config, model.weights), noisy), clean) - expected) > 1e-5
    # All images once per epoch, no more
    assert [cpu_optimizations for count, cpu_optimizations in asked if count == FEW] == [config.cpu_optimizations, ()]


@pytest.mark.usefixtures("few")
def test_events_are_copies_that_stay_as_they_were():
    kept, copies = [], []
    for event in train(SMALL):
        kept.append(event)
        copies.append((dict(event.metrics), {name: values.copy() for name, values in event.arrays.items()}))
    arrays = [event.arrays["restored"] for event in kept if event.arrays]
    assert len(arrays) > 5
    for event, (metrics, restored) in zip(kept, copies, strict=True):
        assert event.metrics == metrics
        assert {type(values) for values in event.arrays.values()} <= {np.ndarray}
        assert all(np.array_equal(values, restored[name]) for name, values in event.arrays.items())
    for one, other in pairwise(arrays):
        assert not np.shares_memory(one, other)
        assert not np.array_equal(one, other)


@pytest.mark.usefixtures("few")
def test_long_runs_have_few_events(monkeypatch):
    monkeypatch.setattr(loop, "MAX_EVENTS", 5)
    config = SMALL.changed(batch_size=80, epochs=3)
    events, _model = run(config)
    steps = {event.step for event in events}
    assert steps == {0, *range(15, 76, 15), 25, 50, 75} | keyframe_steps(config)
    assert len(steps) == len(events) < 40


@pytest.mark.parametrize("data", datasets.DATASETS)
@pytest.mark.parametrize("batch_size", [10, 50, 128, 2_000])
@pytest.mark.parametrize("epochs", [1, 2, 13])
def test_looks_are_soon_then_evenly_spaced_then_at_the_end(data, batch_size, epochs):
    config = SMALL.changed(data=data, samples=60_000, batch_size=batch_size, epochs=epochs)
    steps = sorted(keyframe_steps(config))
    first = {1, 2, 4, 8, 16, 32}
    assert (steps[0], steps[-1]) == (1, config.updates)
    assert len(set(steps) - first) <= MAX_EVALUATIONS
    assert len(steps) >= min(config.updates, 10)
    # They take a small part of the training time, or there are ten of them
    assert len(set(steps) - first) <= max(10, EVALUATION_TIME_SHARE * epochs * config.pictures / (EVAL_SUBSET / 3)) + 1
    assert len(set(np.diff([step for step in steps if step > 32][:-1]))) <= 1


# ---- Failures


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("changes", [{"noise": 0}, {"corruptions": ()}, {"corruptions": ("mosaic",), "mosaic": 1}])
def test_of_pictures_that_nothing_happened_to_there_is_no_psnr(changes):
    events, model = run(SMALL, epochs=1, **changes)
    for metrics in (events[0].metrics, model.metrics):
        assert metrics["input/psnr"] is None
        assert metrics["input/ssim"] == pytest.approx(1)
    found = [value for event in events for name, value in event.metrics.items() if name != "input/psnr"]
    assert None not in found
    assert model.metrics["test/psnr"] > 5


@pytest.mark.usefixtures("few")
def test_identical_pictures_have_no_psnr_either_when_a_network_restores_them(monkeypatch):
    monkeypatch.setattr(training, "build_network", lambda config: Answer())
    events, model = run(SMALL, epochs=1, corruptions=())
    assert {*curve(events, "some/psnr"), *curve(events, "test/psnr"), model.metrics["test/psnr"]} == {None}
    assert {*curve(events, "loss"), *curve(events, "test/mse")} == {0}
    assert curve(events, "some/ssim") == pytest.approx([1] * 6)
    assert "diverged_at" not in model.metrics


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", LIMITS)
def test_the_largest_corruption_can_be_trained_against(name):
    level = {"gaussian": "noise"}.get(name, name)
    config = SMALL.changed(epochs=1, corruptions=(name,), **{level: LIMITS[name][1]})
    events, model = run(config)
    assert all(math.isfinite(value) for event in events for value in event.metrics.values())
    assert all(math.isfinite(value) for value in model.metrics.values())
    assert curve(events, "loss")[-1] < curve(events, "loss")[0]
    assert model.metrics["input/psnr"] < 20


@pytest.mark.usefixtures("few")
def test_two_numbers_are_a_code():
    _events, model = run(SMALL, code=2, epochs=1)
    assert load(SMALL.changed(code=2), model.weights).encoder(torch.rand(1, 1, 28, 28)).shape == (1, 2)
    assert model.metrics["test/psnr"] > 5


@pytest.mark.usefixtures("few")
def test_divergence_ends_the_run_and_is_told(monkeypatch):
    update, losses = training.update, []

    def lost(*arguments):
        losses.append(update(*arguments))
        return losses[-1] if len(losses) < 7 else torch.tensor(float("inf"))  # as with weights that have overflowed

    monkeypatch.setattr(training, "update", lost)
    events, model = run(SMALL, epochs=20)
    last = events[-1]
    assert last.step == 7
    assert last.step == last.metrics["diverged_at"] == model.metrics["diverged_at"] == model.metrics["updates"]
    assert last.step < last.total == 100
    assert last.metrics["loss"] is None is model.metrics["loss"]
    assert [event.step for event in events] == list(range(last.step + 1))
    assert all(value is not None for event in events[:-1] for value in event.metrics.values())
    assert all("diverged_at" not in event.metrics for event in events[:-1])
    assert {event.arrays["restored"].dtype for event in events if event.arrays} == {np.dtype(np.uint8)}
    assert model.metrics["input/psnr"] > 5
    assert not any(math.isnan(value) for value in model.metrics.values() if value is not None)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_the_longest_steps_are_survived(loss):
    """Weights of 10 give outputs of 1e15: nothing is learned, and every metric is finite or None."""
    events, model = run(SMALL, learning_rate=10, loss=loss, epochs=1)
    assert max(value or math.inf for value in curve(events, "loss")) > 1e6
    values = [value for metrics in (model.metrics, *(event.metrics for event in events)) for value in metrics.values()]
    assert all(value is None or math.isfinite(value) for value in values)
    assert model.metrics["some/psnr"] < model.metrics["input/psnr"]


@pytest.mark.usefixtures("few")
def test_what_is_no_number_is_shown_black_and_has_no_psnr(monkeypatch):
    monkeypatch.setattr(training, "build_network", lambda config: Answer(math.nan))
    events, model = run(SMALL)
    assert [event.step for event in events] == [0, 1]
    assert not events[0].arrays["restored"].any()
    assert events[0].metrics["some/psnr"] is None is events[0].metrics["some/ssim"]
    assert model.metrics["diverged_at"] == 1
    assert {model.metrics[f"test/{name}"] for name in ("mse", "psnr", "ssim")} == {None}


# ---- Shipped recordings

RECORDED = sorted(path.name.removeprefix("autoencoder-") for path in CHECKPOINTS.glob("autoencoder-*"))


@pytest.mark.parametrize("preset", RECORDED)
def test_a_recording_is_of_its_preset_and_restores_as_well_as_its_card_says(preset):
    recording = RunStore(CHECKPOINTS).load(f"autoencoder-{preset}")
    assert PRESETS[preset].matches(recording.config)
    config = recording.config
    plain = config.changed(cpu_optimizations=("channels_last",))  # in 32 bits, and twice as fast
    network = load(plain, safetensors.torch.load(recording.weights)).to(memory_format=torch.channels_last)
    noisy, clean = corrupted_pairs(config.data, "test", config.corruption_levels, 10_000)
    assert recording.metrics["input/psnr"] == pytest.approx(mean_psnr(noisy, clean), abs=0.02)
    # The large networks would take seconds: a few images, which were reconstructed in 16 bits
    of, count, tolerance = ("test", 10_000, 0.02) if size(config).multiply_adds < 1e6 else ("some", EVAL_SUBSET, 0.05)
    restored = torch.cat([reconstruct(plain, network, part) for part in noisy[:count].split(100)])
    assert recording.metrics[f"{of}/psnr"] == pytest.approx(mean_psnr(restored, clean[:count]), abs=tolerance)
    gain = recording.metrics["test/psnr"] - recording.metrics["input/psnr"]
    assert gain < 0.1 if preset == "break" else gain > 6
