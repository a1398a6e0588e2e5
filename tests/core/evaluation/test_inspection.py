"""Inspection of networks against manual forward passes. The networks do not change."""

import copy
from collections import OrderedDict

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.evaluation import inspection
from core.evaluation.inspection import feature_maps, linear_parts, logits, output_parts, probabilities
from core.evaluation.occlusion import occlusion_map
from core.evaluation.robustness import CORRUPTIONS, robustness
from tests.core.evaluation.networks import by_hand, is_plain, random_images

pytestmark = pytest.mark.usefixtures("one_thread", "networks_unchanged")


def test_feature_maps_are_those_of_a_pass_by_hand(network):
    x = random_images(1)
    before = x.clone()
    maps, expected = feature_maps(network, x), by_hand(network, x)
    assert list(maps) == list(expected)
    for name, output in maps.items():
        torch.testing.assert_close(output, expected[name][0], rtol=1e-5, atol=1e-6)
        assert is_plain(output)
    assert (maps["conv2"] < 0).any()  # although the ReLU after it overwrites its input
    assert maps["fc1"].shape == (128,)
    maps["conv1"].zero_()
    assert maps["relu1"].any()
    assert torch.equal(x, before)


def test_a_picture_survives_a_first_layer_that_writes_into_it():
    x = random_images(1) - 0.5
    maps = feature_maps(nn.Sequential(OrderedDict(relu=nn.ReLU(inplace=True))), x)
    assert (x < 0).any()
    assert torch.equal(maps["relu"], x[0].clamp(min=0))


@pytest.mark.parametrize("batch_size", [1, 4, 500])
def test_answers_are_those_of_a_pass_by_hand(network, batch_size):
    x = random_images(11)
    expected = by_hand(network, x)["fc2"]
    answers, shares = logits(network, x, batch_size=batch_size), probabilities(network, x, batch_size=batch_size)
    torch.testing.assert_close(answers, expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(shares, expected.exp() / expected.exp().sum(1, keepdim=True), rtol=1e-5, atol=1e-7)
    assert is_plain(answers)
    assert is_plain(shares)


def test_no_pictures_have_no_answers(network):
    assert probabilities(network, random_images(0)).shape == (0, 10)


def test_in_eval_mode_batch_norm_takes_its_statistics(with_norm):
    x = random_images(6, channels=3)
    expected = copy.deepcopy(with_norm).eval()(x).detach()
    torch.testing.assert_close(logits(with_norm, x), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(logits(with_norm, x, batch_size=1), expected, rtol=1e-5, atol=1e-6)


def test_in_training_mode_dropout_stays_on(network):
    """Half of the units are 0 and the others doubled: correct on average, but different for every draw."""
    x = random_images(1)
    expected = by_hand(network, x)
    answers = torch.stack([logits(network, x, training_mode=True, seed=seed)[0] for seed in range(400)])
    assert len(answers.unique(dim=0)) == 400
    terms = expected["relu3"] * network.fc2.weight.detach()
    errors = (answers.mean(0) - expected["fc2"][0]) / (terms.square().sum(1) / 400).sqrt()
    assert errors.abs().max() < 4.5
    # Every unit is kept with probability 1/2: the variance is the square of its term
    torch.testing.assert_close(answers.var(0), terms.square().sum(1), rtol=0.4, atol=0)


def test_in_training_mode_the_seed_says_all(network):
    x = random_images(9)
    first = probabilities(network, x, training_mode=True, seed=5)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(77)
        assert torch.equal(first, probabilities(network, x, training_mode=True, seed=5))
    assert not torch.equal(first, probabilities(network, x, training_mode=True, seed=6))
    assert not torch.equal(first[0], probabilities(network, x[[1, 0]], training_mode=True, seed=5)[1])
    torch.testing.assert_close(first.sum(1), torch.ones(9))


def test_in_training_mode_batch_norm_takes_those_of_the_batch(with_norm):
    with_norm.dropout.p = 0.0
    x = random_images(6, channels=3)
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
    assert inspection.most_active(torch.arange(1000) % 2.0, 3).tolist() == [1, 3, 5]  # the first of equal ones


def test_filters_are_a_copy_of_the_weights(network):
    weights = inspection.filters(network, "conv2")
    assert torch.equal(weights, network.conv2.weight)
    assert is_plain(weights)
    weights.zero_()
    assert network.conv2.weight.any()


# --- how a pixel is computed ------------------------------------------------------------------------------------------


def windows(parts, side: int) -> Tensor:
    """The inputs under the filter at every output position: (C · k · k, H', W')."""
    found = F.unfold(parts.inputs[None], parts.weights.shape[-1], padding=parts.padding, stride=parts.stride)
    return found[0].unflatten(1, (side, side))


@pytest.mark.parametrize(("name", "filter", "before", "side"), [("conv1", 3, None, 14), ("conv2", 31, "relu1", 14)])
def test_a_pixel_is_its_window_times_the_weights(network, name, filter, before, side):
    x = random_images(1)
    parts, maps = output_parts(network, x, name, filter), by_hand(network, x)
    expected_inputs = x[0] if before is None else maps[before][0]
    torch.testing.assert_close(parts.inputs, expected_inputs, rtol=1e-5, atol=1e-6)
    pixels = torch.einsum("i,ihw->hw", parts.weights.flatten(), windows(parts, side)) + parts.bias
    assert parts.output.shape == (side, side)
    torch.testing.assert_close(pixels, parts.output, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(parts.output, maps[name][0, filter], rtol=1e-5, atol=1e-6)
    assert all(is_plain(part) for part in (parts.inputs, parts.weights, parts.output))
    parts.inputs.zero_()
    assert x.any()


def test_the_window_of_a_pixel_is_where_the_docstring_says(network):
    """Compared with plain loops over rows, columns, and channels, at a corner, at an edge, and inside."""
    parts = output_parts(network, random_images(1), "conv1", 7)
    assert (parts.stride, parts.padding, parts.weights.shape) == (2, 2, (1, 5, 5))
    for r, c in ((0, 0), (5, 13), (13, 0), (6, 9)):
        value = parts.bias
        for channel, i, j in torch.cartesian_prod(torch.arange(1), torch.arange(5), torch.arange(5)).tolist():
            row, column = r * 2 - 2 + i, c * 2 - 2 + j
            if 0 <= row < 28 and 0 <= column < 28:
                value += float(parts.weights[channel, i, j] * parts.inputs[channel, row, column])
        assert value == pytest.approx(float(parts.output[r, c]), rel=1e-5, abs=1e-6)


def test_batch_norm_scales_and_shifts_the_output(with_norm):
    x = random_images(1, channels=3)
    parts, norm = output_parts(with_norm, x, "conv1", 2), with_norm.norm1
    assert torch.equal(parts.inputs, x[0])
    assert (parts.bias, parts.stride, parts.padding, parts.weights.shape) == (0.0, 2, 2, (3, 5, 5))
    pixels = torch.einsum("i,ihw->hw", parts.weights.flatten(), windows(parts, 14))
    torch.testing.assert_close(pixels, parts.output, rtol=1e-5, atol=1e-6)
    factor, shift = inspection.scale_and_shift(norm, 2)
    scaled = (parts.output - norm.running_mean[2]) / (norm.running_var[2] + norm.eps).sqrt()
    expected = (scaled * norm.weight[2] + norm.bias[2]).detach()
    torch.testing.assert_close(factor * parts.output + shift, expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(expected, feature_maps(with_norm, x)["norm1"][2], rtol=1e-5, atol=1e-6)


def test_a_question_is_one_pass_of_all_its_random_images(network, monkeypatch):
    """Batching makes predictions fast. Large sets are split into parts of 500."""
    passes, forward = [], nn.Sequential.forward

    def counted(asked: nn.Sequential, x: Tensor) -> Tensor:
        passes.append(len(x))
        return forward(asked, x)

    monkeypatch.setattr(nn.Sequential, "forward", counted)
    x, labels = random_images(1_000), torch.arange(1_000) % 10
    probabilities(network, x)
    assert passes == [500, 500]
    passes.clear()
    occlusion_map(network, x[:1], 5, fill=-0.42)
    assert passes == [1 + 12 * 12]  # the last patch of a row ends at the edge
    passes.clear()
    feature_maps(network, x[:1])
    output_parts(network, x[:1], "conv2", 3)
    assert not passes  # these run layer by layer
    for kind in CORRUPTIONS:
        robustness(network, x[:500], labels[:500], lambda images: images, kind, [0, 2], seed=1)
    assert passes == [500] * 2 * len(CORRUPTIONS)


def test_a_unit_is_the_sum_of_its_parts():
    with torch.random.fork_rng():
        layers = OrderedDict(flatten=nn.Flatten(), fc1=nn.Linear(12, 5), relu=nn.ReLU(), fc2=nn.Linear(5, 3))
        network, x = nn.Sequential(layers), torch.randn(1, 3, 2, 2)
    with torch.inference_mode():
        outputs = {"fc1": network[:2](x), "fc2": network(x)}
    for name, expected in outputs.items():
        parts = linear_parts(network, x, name, 2)
        assert float(parts.inputs @ parts.weights) + parts.bias == pytest.approx(parts.output, abs=1e-5)
        assert parts.output == pytest.approx(float(expected[0, 2]), abs=1e-5)
        products = (parts.inputs * parts.weights).abs()
        assert products[parts.largest(2)].tolist() == products.topk(2).values.tolist()
