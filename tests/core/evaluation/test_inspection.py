"""Looks into networks against passes by hand, slow loops and closed forms; the networks stay as they were."""

import copy
from collections import OrderedDict
from collections.abc import Iterator

import pytest
import torch
from scipy.stats import binomtest
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.torchvision_compat import v2
from core.evaluation import inspection
from core.evaluation.inspection import (
    corrupted,
    feature_maps,
    logits,
    occlusion_map,
    output_parts,
    probabilities,
    robustness,
)

pytestmark = pytest.mark.usefixtures("one_thread")

KINDS = list(inspection.CORRUPTIONS)


def seeded(make) -> nn.Sequential:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(3)
        return nn.Sequential(make())


def compact() -> OrderedDict[str, nn.Module]:
    """207,178 parameters, as in the app."""
    return OrderedDict(
        conv1=nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(16, 32, kernel_size=3, padding=1),
        relu2=nn.ReLU(inplace=True),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(32 * 7 * 7, 128),
        relu3=nn.ReLU(),
        dropout=nn.Dropout(0.5),
        fc2=nn.Linear(128, 10),
    )


def normalised() -> OrderedDict[str, nn.Module]:
    """Three channels in; batch norm, and pooling before the activation."""
    return OrderedDict(
        conv1=nn.Conv2d(3, 4, kernel_size=5, stride=2, padding=2, bias=False),
        norm1=nn.BatchNorm2d(4),
        pool1=nn.MaxPool2d(2),
        tanh1=nn.Tanh(),
        conv2=nn.Conv2d(4, 5, kernel_size=3, padding=1),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(0.5),
        fc1=nn.Linear(5 * 7 * 7, 10),
    )


@pytest.fixture
def network() -> nn.Sequential:
    return seeded(compact)


@pytest.fixture
def with_norm() -> nn.Sequential:
    network = seeded(normalised)
    for value in (network.norm1.running_mean, network.norm1.running_var, network.norm1.weight.data):
        value.copy_(torch.rand(4, generator=torch.Generator().manual_seed(1)) + 0.5)
    return network


def linear(weights: Tensor) -> nn.Sequential:
    """A network whose answers are the sums of a picture's pixels times the weights (classes, ...) of each class."""
    layer = nn.utils.skip_init(nn.Linear, weights[0].numel(), len(weights))
    layer.weight.data, layer.bias.data = weights.flatten(1), torch.zeros(len(weights))
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc1=layer))


def pictures(count: int, channels: int = 1) -> Tensor:
    return torch.rand(count, channels, 28, 28, generator=torch.Generator().manual_seed(2))


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request) -> Iterator[None]:
    """After every question: each network's modes, weights, buffers and hooks, and the global generator, as before."""
    networks = [request.getfixturevalue(name) for name in ("network", "with_norm") if name in request.fixturenames]
    for asked in networks:
        asked.train()
        asked.dropout.eval()
    before, random = [copy.deepcopy(asked) for asked in networks], torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), random)
    for asked, was in zip(networks, before, strict=True):
        for layer, layer_was in zip(asked.modules(), was.modules(), strict=True):
            assert layer.training == layer_was.training
            assert not layer._forward_hooks
            assert not layer._forward_pre_hooks
        assert list(asked.state_dict()) == list(was.state_dict())
        for value, value_was in zip(asked.state_dict().values(), was.state_dict().values(), strict=True):
            assert torch.equal(value, value_was)
        assert all(parameter.grad is None and parameter.requires_grad for parameter in asked.parameters())


def by_hand(network: nn.Sequential, x: Tensor) -> dict[str, Tensor]:
    """All outputs of the compact network in eval mode, with the functions alone."""
    weights = {name: value.detach() for name, value in network.state_dict().items()}
    maps = {}
    maps["conv1"] = F.conv2d(x, weights["conv1.weight"], weights["conv1.bias"], stride=2, padding=2)
    maps["relu1"] = F.relu(maps["conv1"])
    maps["conv2"] = F.conv2d(maps["relu1"], weights["conv2.weight"], weights["conv2.bias"], padding=1)
    maps["relu2"] = F.relu(maps["conv2"])
    maps["pool2"] = F.max_pool2d(maps["relu2"], 2)
    maps["flatten"] = maps["pool2"].flatten(1)
    maps["fc1"] = F.linear(maps["flatten"], weights["fc1.weight"], weights["fc1.bias"])
    maps["relu3"] = F.relu(maps["fc1"])
    maps["dropout"] = maps["relu3"]
    maps["fc2"] = F.linear(maps["dropout"], weights["fc2.weight"], weights["fc2.bias"])
    return maps


def is_plain(result: Tensor) -> bool:
    """Whether a result can be changed and used anywhere, also by NumPy and autograd."""
    result.numpy()
    return not (result.is_inference() or result.requires_grad)


def test_feature_maps_are_those_of_a_pass_by_hand(network):
    x = pictures(1)
    before = x.clone()
    maps, expected = feature_maps(network, x), by_hand(network, x)
    assert list(maps) == list(expected)
    for name, output in maps.items():
        torch.testing.assert_close(output, expected[name][0], rtol=1e-5, atol=1e-6)
        assert is_plain(output)
    assert (maps["conv2"] < 0).any()  # although the ReLU after it writes into its input
    assert maps["fc1"].shape == (128,)
    maps["conv1"].zero_()
    assert maps["relu1"].any()
    assert torch.equal(x, before)


def test_a_picture_survives_a_first_layer_that_writes_into_it():
    x = pictures(1) - 0.5
    maps = feature_maps(nn.Sequential(OrderedDict(relu=nn.ReLU(inplace=True))), x)
    assert (x < 0).any()
    assert torch.equal(maps["relu"], x[0].clamp(min=0))


@pytest.mark.parametrize("batch_size", [1, 4, 500])
def test_answers_are_those_of_a_pass_by_hand(network, batch_size):
    x = pictures(11)
    expected = by_hand(network, x)["fc2"]
    answers, shares = logits(network, x, batch_size=batch_size), probabilities(network, x, batch_size=batch_size)
    torch.testing.assert_close(answers, expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(shares, expected.exp() / expected.exp().sum(1, keepdim=True), rtol=1e-5, atol=1e-7)
    assert is_plain(answers)
    assert is_plain(shares)


def test_no_pictures_have_no_answers(network):
    assert probabilities(network, pictures(0)).shape == (0, 10)


def test_in_eval_mode_batch_norm_takes_its_statistics(with_norm):
    x = pictures(6, channels=3)
    expected = copy.deepcopy(with_norm).eval()(x).detach()
    torch.testing.assert_close(logits(with_norm, x), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(logits(with_norm, x, batch_size=1), expected, rtol=1e-5, atol=1e-6)


def test_in_training_mode_dropout_stays_on(network):
    """Half of the units are 0 and the others doubled: right on average, as often as asked anew another answer."""
    x = pictures(1)
    expected = by_hand(network, x)
    answers = torch.stack([logits(network, x, training_mode=True, seed=seed)[0] for seed in range(400)])
    assert len(answers.unique(dim=0)) == 400
    terms = expected["relu3"] * network.fc2.weight.detach()
    errors = (answers.mean(0) - expected["fc2"][0]) / (terms.square().sum(1) / 400).sqrt()
    assert errors.abs().max() < 4.5
    # Every unit is kept or not with 1/2: a variance of its term's square
    torch.testing.assert_close(answers.var(0), terms.square().sum(1), rtol=0.4, atol=0)


def test_in_training_mode_the_seed_says_all(network):
    x = pictures(9)
    first = probabilities(network, x, training_mode=True, seed=5)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(77)
        assert torch.equal(first, probabilities(network, x, training_mode=True, seed=5))
    assert not torch.equal(first, probabilities(network, x, training_mode=True, seed=6))
    assert not torch.equal(first[0], probabilities(network, x[[1, 0]], training_mode=True, seed=5)[1])
    torch.testing.assert_close(first.sum(1), torch.ones(9))


def test_in_training_mode_batch_norm_takes_those_of_the_batch(with_norm):
    with_norm.dropout.p = 0.0
    x = pictures(6, channels=3)
    for batch_size in (2, 6):
        expected = torch.cat([copy.deepcopy(with_norm).train()(batch) for batch in x.split(batch_size)]).detach()
        answers = logits(with_norm, x, training_mode=True, batch_size=batch_size)
        torch.testing.assert_close(answers, expected, rtol=1e-5, atol=1e-6)
        assert not torch.allclose(answers, logits(with_norm, x), atol=1e-2)


def test_most_active():
    maps = torch.tensor(
        [[[0.0, 0.0], [0.0, 9.0]], [[2.0, 2.0], [2.0, 2.0]], [[-5.0, 0.0], [0.0, 0.0]], [[3.0] * 2] * 2]
    )
    assert inspection.most_active(maps, 3).tolist() == [3, 0, 1]
    assert inspection.most_active(torch.tensor([0.0, 2.0, -1.0, 2.0, 5.0]), 4).tolist() == [4, 1, 3, 0]
    assert inspection.most_active(maps, 9).tolist() == [3, 0, 1, 2]
    assert inspection.most_active(torch.arange(1000) % 2.0, 3).tolist() == [1, 3, 5]  # of equal ones the first


def test_filters_are_a_copy_of_the_weights(network):
    weights = inspection.filters(network, "conv2")
    assert torch.equal(weights, network.conv2.weight)
    assert is_plain(weights)
    weights.zero_()
    assert network.conv2.weight.any()


# --- what a pixel is computed from ------------------------------------------------------------------------------------


def windows(parts, side: int) -> Tensor:
    """The inputs under the filter at every place of the output: (C · k · k, H', W')."""
    found = F.unfold(parts.inputs[None], parts.weights.shape[-1], padding=parts.padding, stride=parts.stride)
    return found[0].unflatten(1, (side, side))


@pytest.mark.parametrize(
    ("name", "filter", "before", "after", "side"),
    [("conv1", 3, None, "relu1", 14), ("conv2", 31, "relu1", "relu2", 14)],
)
def test_a_pixel_is_its_window_times_the_weights(network, name, filter, before, after, side):
    x = pictures(1)
    parts, maps = output_parts(network, x, name, filter), by_hand(network, x)
    expected_inputs = x[0] if before is None else maps[before][0]
    torch.testing.assert_close(parts.inputs, expected_inputs, rtol=1e-5, atol=1e-6)
    pixels = torch.einsum("i,ihw->hw", parts.weights.flatten(), windows(parts, side)) + parts.bias
    assert parts.output.shape == (side, side)
    torch.testing.assert_close(pixels, parts.output, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(parts.output, maps[name][0, filter], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(parts.activated, maps[after][0, filter], rtol=1e-5, atol=1e-6)
    assert (parts.activated != parts.output).any()
    assert all(is_plain(part) for part in (parts.inputs, parts.weights, parts.output, parts.activated))
    parts.inputs.zero_()
    assert x.any()


def test_the_window_of_a_pixel_is_where_the_docstring_says(network):
    """By plain loops over rows, columns and channels; at a corner, at an edge and inside."""
    parts = output_parts(network, pictures(1), "conv1", 7)
    assert (parts.stride, parts.padding, parts.weights.shape) == (2, 2, (1, 5, 5))
    for r, c in ((0, 0), (5, 13), (13, 0), (6, 9)):
        value = parts.bias
        for channel, i, j in torch.cartesian_prod(torch.arange(1), torch.arange(5), torch.arange(5)).tolist():
            row, column = r * 2 - 2 + i, c * 2 - 2 + j
            if 0 <= row < 28 and 0 <= column < 28:
                value += float(parts.weights[channel, i, j] * parts.inputs[channel, row, column])
        assert value == pytest.approx(float(parts.output[r, c]), rel=1e-5, abs=1e-6)


def test_batch_norm_comes_before_the_activation_and_pooling_is_left_out(with_norm):
    x = pictures(1, channels=3)
    parts = output_parts(with_norm, x, "conv1", 2)
    assert torch.equal(parts.inputs, x[0])
    assert (parts.bias, parts.stride, parts.padding, parts.weights.shape) == (0.0, 2, 2, (3, 5, 5))
    pixels = torch.einsum("i,ihw->hw", parts.weights.flatten(), windows(parts, 14))
    torch.testing.assert_close(pixels, parts.output, rtol=1e-5, atol=1e-6)
    norm = with_norm.norm1
    scaled = (parts.output - norm.running_mean[2]) / (norm.running_var[2] + norm.eps).sqrt()
    expected = (scaled * norm.weight[2] + norm.bias[2]).detach()
    factor, shift = parts.norm
    torch.testing.assert_close(factor * parts.output + shift, expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(parts.activated, expected.tanh(), rtol=1e-5, atol=1e-6)
    # Pooled afterwards, they are what the network goes on with
    pooled = F.max_pool2d(parts.activated[None], 2)[0]
    torch.testing.assert_close(pooled, feature_maps(with_norm, x)["tanh1"][2], rtol=1e-5, atol=1e-6)


def test_without_an_activation_the_output_stays(with_norm):
    x = pictures(1, channels=3)
    parts = output_parts(with_norm, x, "conv2", 4)
    assert torch.equal(parts.activated, parts.output)
    assert parts.norm is None
    assert torch.equal(parts.output, feature_maps(with_norm, x)["conv2"][4])
    assert torch.equal(parts.inputs, feature_maps(with_norm, x)["tanh1"])


# --- what mattered ----------------------------------------------------------------------------------------------------


def slow_occlusion_map(network: nn.Sequential, x: Tensor, label: int, size: int, stride: int, fill: float) -> Tensor:
    height, width = x.shape[-2:]
    starts = [sorted({*range(0, side - size + 1, stride), side - size}) for side in (height, width)]
    whole = copy.deepcopy(network).eval()
    sums, counts = torch.zeros(height, width), torch.zeros(height, width)
    with torch.no_grad():
        probability = whole(x).softmax(1)[0, label]
        for top in starts[0]:
            for left in starts[1]:
                covered = x.clone()
                covered[:, :, top : top + size, left : left + size] = fill
                sums[top : top + size, left : left + size] += probability - whole(covered).softmax(1)[0, label]
                counts[top : top + size, left : left + size] += 1
    assert counts.min() > 0
    return sums / counts


@pytest.mark.parametrize(("size", "stride"), [(7, 2), (6, 5), (3, 3), (28, 1)])
@pytest.mark.parametrize("label", [0, 8])
def test_the_occlusion_map_is_that_of_a_slow_loop(with_norm, size, stride, label):
    x = pictures(1, channels=3) * 4
    found = occlusion_map(with_norm, x, label, size=size, stride=stride, fill=-0.42)
    assert found.shape == (28, 28)
    assert is_plain(found)
    expected = slow_occlusion_map(with_norm, x, label, size, stride, -0.42)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert found.abs().max() > 1e-3


def test_where_nothing_is_looked_at_nothing_matters():
    """A network whose answer 3 is the ink in one corner, on a picture that is wider than high."""
    weights = torch.zeros(10, 20, 30)
    weights[3, :4, :4] = 0.1
    network = linear(weights)
    found = occlusion_map(network, torch.ones(1, 1, 20, 30), 3, size=5, stride=1, fill=0.0)
    assert found[0, 0] == found.max() > 0.2
    assert found[:4, :4].min() > 0
    assert not found[8:].any()
    assert not found[:, 8:].any()
    assert (occlusion_map(network, torch.ones(1, 1, 20, 30), 2, size=5, stride=1, fill=0.0)[:4, :4] < 0).all()


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_confusion_and_its_cells():
    labels, answers = torch.tensor([0, 1, 2, 2, 2, 1, 0]), torch.tensor([0, 2, 2, 1, 2, 2, 0])
    table = inspection.confusion(labels, answers, classes=4)
    assert table.tolist() == [[2, 0, 0, 0], [0, 0, 2, 0], [0, 1, 2, 0], [0, 0, 0, 0]]
    assert table.dtype == torch.int64
    assert inspection.in_cell(labels, answers, 1, 2).tolist() == [1, 5]
    assert inspection.in_cell(labels, answers, 2, 1).tolist() == [3]
    assert inspection.in_cell(labels, answers, 3, 0).tolist() == []


def test_a_large_confusion_is_counted_right():
    random = torch.Generator().manual_seed(1)
    labels, answers = torch.randint(10, (2, 5_000), generator=random)
    table = inspection.confusion(labels, answers)
    assert torch.equal(table, (F.one_hot(labels, 10).T @ F.one_hot(answers, 10)))
    for true, predicted in ((0, 9), (9, 0), (4, 4)):
        cell = inspection.in_cell(labels, answers, true, predicted)
        assert len(cell) == table[true, predicted] > 0


def test_the_surest_mistakes_come_first():
    shares = torch.tensor([[0.6, 0.4, 0.0], [0.1, 0.9, 0.0], [0.3, 0.3, 0.4], [0.0, 0.05, 0.95], [0.5, 0.2, 0.3]])
    assert inspection.mistakes(shares, torch.tensor([1, 1, 0, 0, 1])).tolist() == [3, 0, 4, 2]
    assert inspection.mistakes(shares, shares.argmax(1)).tolist() == []
    equal = torch.eye(2).repeat(500, 1)
    assert inspection.mistakes(equal, torch.ones(1000, dtype=torch.int64))[:3].tolist() == [0, 2, 4]


@pytest.mark.parametrize(("right", "count"), [(81, 263), (15, 148), (0, 20), (1, 29), (500, 500)])
def test_the_interval_of_a_share_is_scipys(right, count):
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    assert inspection.interval(right / count, count) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert 0 <= expected.low < expected.high <= 1


# --- robustness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_corrupted_pictures_are_those_of_the_seed(kind):
    x = pictures(40)
    first = corrupted(x, kind, 3, seed=1)
    assert (first.shape, first.dtype) == (x.shape, torch.float32)
    assert (float(first.min()), float(first.max())) >= (0, 0)
    assert float(first.max()) <= 1
    assert torch.equal(first, corrupted(x, kind, 3, seed=1))
    assert not torch.equal(first, corrupted(x, kind, 3, seed=2))
    assert not torch.allclose(first, x, atol=0.1)
    assert torch.equal(x, pictures(40))
    assert torch.equal(corrupted(x, kind, 0, seed=1), x)
    assert corrupted(x[:1], kind, 3, seed=1).shape == (1, 1, 28, 28)


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_taken_as_numbers_from_0_to_1(kind):
    x = pictures(8).mul(255).byte()
    for level in (0, 2):
        torch.testing.assert_close(corrupted(x, kind, level, seed=1), corrupted(x / 255, kind, level, seed=1))
    torch.testing.assert_close(corrupted(x, kind, 0, seed=1), x / 255)


def test_noise_is_normal_with_that_deviation():
    """On grey, where five deviations from 0 and 1 nothing is cut."""
    grey = torch.full((500, 1, 28, 28), 0.5)
    noise = (corrupted(grey, "noise", 0.1, seed=3) - grey) / 0.1
    count = noise.numel()
    assert float(noise.mean()) == pytest.approx(0, abs=4 / count**0.5)
    assert float(noise.std()) == pytest.approx(1, abs=4 / (2 * count) ** 0.5)
    assert float(noise.pow(4).mean()) == pytest.approx(3, abs=4 * (96 / count) ** 0.5)
    assert len(noise[:, 0, 5, 5].unique()) > 490
    black = corrupted(torch.zeros(500, 1, 28, 28), "noise", 0.5, seed=3)
    assert float((black == 0).float().mean()) == pytest.approx(0.5, abs=0.01)
    assert float((black == 1).float().mean()) == pytest.approx(0.02275, abs=0.002)


def quarter_turns(level: float) -> tuple[int, int]:
    """How many pictures of 50 were turned by 90 degrees to the left, and to the right."""
    x = pictures(50)
    turned = corrupted(x, "rotation", level, seed=4)
    counts = [0, 0]
    for picture, now in zip(x, turned, strict=True):
        for way, k in enumerate((1, -1)):
            counts[way] += torch.allclose(now, torch.rot90(picture, k, (1, 2)), atol=1e-2)
    return counts[0], counts[1]


@pytest.mark.parametrize("level", [90, 89.999])
def test_a_quarter_turn_is_torchs(level):
    assert quarter_turns(level) == (25, 25)


@pytest.mark.parametrize("level", [10, 33.3])
def test_a_rotation_is_that_of_an_affine_grid(level):
    x = pictures(20)
    turned = corrupted(x, "rotation", level, seed=4)
    expected = []
    for angle in (level, -level):
        angle = torch.tensor(angle).deg2rad()
        matrix = torch.tensor([[angle.cos(), -angle.sin(), 0], [angle.sin(), angle.cos(), 0]])
        grid = F.affine_grid(matrix.expand(20, 2, 3), x.shape, align_corners=False)
        expected.append(F.grid_sample(x, grid, align_corners=False))
    to_the_left = [torch.allclose(now, left, atol=1e-3) for now, left in zip(turned, expected[0], strict=True)]
    to_the_right = [torch.allclose(now, right, atol=1e-3) for now, right in zip(turned, expected[1], strict=True)]
    assert sum(to_the_left) == 10
    assert to_the_right == [not left for left in to_the_left]
    assert to_the_left != [True, False] * 10  # which ones is drawn


@pytest.mark.parametrize("level", [1, 5, 28, 40])
def test_a_shift_is_a_roll_with_zeros(level):
    x = pictures(60)
    ways = {"down": (level, 0), "up": (-level, 0), "right": (0, level), "left": (0, -level)}
    expected = {}
    for way, (down, right) in ways.items():
        rolled = x.roll((down, right), dims=(2, 3))
        rows, columns = torch.arange(28) - down, torch.arange(28) - right
        inside = ((rows >= 0) & (rows < 28))[:, None] & ((columns >= 0) & (columns < 28))[None]
        expected[way] = rolled * inside
    shifted = corrupted(x, "shift", level, seed=4)
    found = [
        [way for way, pictures_there in expected.items() if torch.equal(picture, pictures_there[number])]
        for number, picture in enumerate(shifted)
    ]
    if level >= 28:
        assert not shifted.any()
    else:
        assert all(len(ways_of_one) == 1 for ways_of_one in found)
        assert all(found.count([way]) >= 5 for way in ways)


def reader_of_spots() -> tuple[nn.Sequential, Tensor, Tensor]:
    """A network that reads at which of ten places a spot is, with the pictures that it reads without a mistake."""
    spots = torch.zeros(10, 1, 28, 28)
    for label in range(10):
        row, column = 2 + 20 * (label // 5), 1 + 5 * (label % 5)
        spots[label, 0, row : row + 3, column : column + 3] = 1
    return linear(spots), spots.repeat(30, 1, 1, 1), torch.arange(10).repeat(30)


@pytest.mark.parametrize(("kind", "levels"), [("noise", [0, 1, 2]), ("rotation", [0, 10, 90]), ("shift", [0, 2, 8])])
def test_the_harder_the_pictures_the_fewer_are_read(kind, levels):
    network, images, labels = reader_of_spots()
    answers = robustness(network, images, labels, lambda x: 2 * x - 1, kind, levels, seed=6)
    assert answers[0] == 1
    assert answers[1] > 0.8
    assert answers[2] < 0.5
    assert answers == robustness(network, images, labels, lambda x: 2 * x - 1, kind, levels, seed=6)
    # Each level by itself, and on the very pictures that a page shows
    for level, answer in zip(levels, answers, strict=True):
        shown = corrupted(images, kind, level, seed=6)
        right = (logits(network, 2 * shown - 1).argmax(1) == labels).sum()
        assert answer == float(right) / 300
        assert robustness(network, images, labels, lambda x: 2 * x - 1, kind, [level], seed=6) == [answer]


@pytest.mark.parametrize("kind", KINDS)
def test_level_0_is_the_plain_accuracy(network, kind):
    images, labels = pictures(200).mul(255).byte(), torch.arange(200) % 10
    normalise = v2.Normalize([0.1307], [0.3081])
    plain = (by_hand(network, normalise(images / 255))["fc2"].argmax(1) == labels).double().mean()
    assert robustness(network, images, labels, normalise, kind, [0], seed=1) == [float(plain)]
    assert 0 < plain < 1


def test_a_question_is_one_pass_of_all_its_pictures(network, monkeypatch):
    """That is what makes the answers quick; large sets go in parts of 500."""
    passes, forward = [], nn.Sequential.forward

    def counted(asked: nn.Sequential, x: Tensor) -> Tensor:
        passes.append(len(x))
        return forward(asked, x)

    monkeypatch.setattr(nn.Sequential, "forward", counted)
    x, labels = pictures(1_000), torch.arange(1_000) % 10
    probabilities(network, x)
    assert passes == [500, 500]
    passes.clear()
    occlusion_map(network, x[:1], 5, fill=-0.42)
    assert passes == [1 + 12 * 12]  # of the patches the last one of a row ends at the edge
    passes.clear()
    feature_maps(network, x[:1])
    output_parts(network, x[:1], "conv2", 3)
    assert not passes  # these go through the layers one by one
    for kind in KINDS:
        robustness(network, x[:500], labels[:500], lambda images: images, kind, [0, 2], seed=1)
    assert passes == [500] * 2 * len(KINDS)
