"""Image metrics against scikit-image and closed forms; classifier metrics against one-hot products."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor
from torch.nn.functional import one_hot

from core.data import datasets
from core.evaluation.metrics import (
    accuracy,
    confusion_cell,
    confusion_matrix,
    mean_psnr,
    misclassified,
    mse,
    psnr,
    ssim,
    wilson_interval,
)

pytestmark = pytest.mark.usefixtures("one_thread")

SEEDS = st.integers(0, 2**31)


def pairs(seed: int, count: int = 3, channels: int = 1, height: int = 28, width: int = 28) -> tuple[Tensor, Tensor]:
    """Images with black and white areas, and the same with increasing noise, float32."""
    source = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, channels, -(-height // 5), -(-width // 5), generator=source).mul_(3).sub_(1).clamp_(0, 1)
    targets = coarse.repeat_interleave(5, dim=2).repeat_interleave(5, dim=3)[..., :height, :width]
    noise = torch.randn(targets.shape, generator=source) * torch.linspace(0.001, 1, count).view(-1, 1, 1, 1)
    return (targets + noise).clamp_(0, 1), targets.contiguous()


def skimage_ssim(picture: Tensor, target: Tensor) -> float:
    """For one image (C, H, W), in float64."""
    return structural_similarity(
        *(each.double().numpy() for each in (picture, target)),
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=0,
    )


@given(seed=SEEDS, channels=st.sampled_from([1, 3]), height=st.integers(1, 40), width=st.integers(1, 40))
def test_psnr_is_that_of_skimage(seed, channels, height, width):
    pictures, targets = pairs(seed, 3, channels, height, width)
    wrong = mse(pictures, targets) > 0
    pictures, targets = pictures[wrong], targets[wrong]
    found = psnr(pictures, targets)
    assert (found.shape, found.dtype) == ((len(pictures),), torch.float64)
    for value, picture, target in zip(found.tolist(), pictures.double().numpy(), targets.double().numpy(), strict=True):
        assert value == pytest.approx(peak_signal_noise_ratio(target, picture, data_range=1), abs=1e-5)


def test_psnr_of_known_errors():
    targets = torch.full((4, 1, 28, 28), 0.25)
    errors = torch.tensor([1.0, 0.1, 0.01, 0.0]).view(-1, 1, 1, 1)
    assert psnr(targets + errors, targets).tolist() == pytest.approx([0.0, 20.0, 40.0, math.inf], abs=1e-4)
    assert psnr(torch.zeros(1, 1, 3, 3), torch.full((1, 1, 3, 3), 0.5)).item() == pytest.approx(10 * math.log10(4))
    assert mse(targets + errors, targets).tolist() == pytest.approx([1.0, 0.01, 0.0001, 0.0], rel=1e-5)


def test_mean_psnr_is_of_the_error_over_all_pixels():
    pictures, targets = pairs(0, 50, 3)
    expected = peak_signal_noise_ratio(targets.double().numpy(), pictures.double().numpy(), data_range=1)
    found = mean_psnr(pictures, targets)
    assert isinstance(found, float)
    assert found == pytest.approx(expected, abs=1e-5)
    assert psnr(pictures, targets).mean() > found + 1  # the other convention


@given(seed=SEEDS)
def test_mean_psnr_is_never_above_the_mean(seed):
    pictures, targets = pairs(seed, 4)
    assert mean_psnr(pictures, targets) <= psnr(pictures, targets).mean() + 1e-9
    assert mean_psnr(pictures[:1], targets[:1]) == psnr(pictures[:1], targets[:1]).item()


def test_one_perfect_picture_does_not_make_the_mean_infinite():
    targets = torch.zeros(2, 1, 28, 28)
    pictures = targets.clone()
    assert mean_psnr(pictures, targets) == math.inf
    pictures[1] = 0.1
    assert mean_psnr(pictures, targets) == pytest.approx(10 * math.log10(2 / 0.1**2), abs=1e-5)
    assert psnr(pictures, targets)[0] == math.inf


@given(seed=SEEDS, channels=st.sampled_from([1, 3]), height=st.integers(11, 40), width=st.integers(11, 40))
def test_ssim_is_that_of_skimage(seed, channels, height, width):
    pictures, targets = pairs(seed, 3, channels, height, width)
    found = ssim(pictures, targets)
    assert (found.shape, found.dtype) == ((3,), torch.float64)
    expected = [skimage_ssim(*pair) for pair in zip(pictures, targets, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(ssim(pictures.double(), targets.double()), found, rtol=0, atol=1e-12)
    torch.testing.assert_close(ssim(targets, pictures), found, rtol=0, atol=1e-12)
    assert found.abs().max() < 1


def test_ssim_of_many_pictures_is_that_of_each():
    targets = datasets.load("mnist", "test").batch(torch.arange(520))[0]
    noise = torch.randn(targets.shape, generator=torch.Generator().manual_seed(0))
    pictures = targets + noise * torch.linspace(0, 0.5, 520).view(-1, 1, 1, 1)
    found = ssim(pictures, targets)
    for i in (0, 1, 249, 250, 519):
        assert found[i].item() == pytest.approx(skimage_ssim(pictures[i], targets[i]), abs=1e-9)


def test_ssim_of_constant_pictures_is_that_of_their_brightness():
    """Also for white images, where E[x²] - E[x]² cancels and only the first term of the formula is left."""
    for x, y in ((1.0, 1.0), (1.0, 0.9), (0.0, 1.0), (0.3, 0.6)):
        found = ssim(torch.full((1, 1, 20, 20), x), torch.full((1, 1, 20, 20), y)).item()
        assert found == pytest.approx((2 * x * y + 1e-4) / (x * x + y * y + 1e-4), abs=1e-7)


def test_ssim_of_the_same_is_one_and_of_the_opposite_below_zero():
    _, targets = pairs(3)
    torch.testing.assert_close(ssim(targets, targets), torch.ones(3, dtype=torch.float64), rtol=0, atol=1e-12)
    assert ssim(1 - targets, targets).max() < 0


@pytest.mark.parametrize("metric", [psnr, mse, ssim])
def test_no_pictures_have_no_values_and_inputs_stay(metric):
    assert metric(torch.zeros(0, 1, 28, 28), torch.zeros(0, 1, 28, 28)).shape == (0,)
    pictures, targets = pairs(4)
    before = pictures.clone(), targets.clone()
    metric(pictures, targets)
    assert torch.equal(pictures, before[0])
    assert torch.equal(targets, before[1])


def test_ssim_of_too_small_pictures_is_refused():
    with pytest.raises(ValueError, match="at least 11 pixels on each side, but these have 10"):
        ssim(torch.zeros(1, 1, 28, 10), torch.zeros(1, 1, 28, 10))


# --- classifiers ------------------------------------------------------------------------------------------------------


def test_accuracy_counts_rows_that_are_not_finite_as_wrong():
    logits = torch.tensor([[2.0, 1.0], [0.0, 3.0], [float("nan"), 0.0], [float("inf"), 0.0], [1.0, 5.0]])
    assert accuracy(logits, torch.tensor([0, 1, 0, 0, 0])) == 2 / 5


def test_confusion_and_its_cells():
    labels, answers = torch.tensor([0, 1, 2, 2, 2, 1, 0]), torch.tensor([0, 2, 2, 1, 2, 2, 0])
    table = confusion_matrix(labels, answers, classes=4)
    assert table.tolist() == [[2, 0, 0, 0], [0, 0, 2, 0], [0, 1, 2, 0], [0, 0, 0, 0]]
    assert table.dtype == torch.int64
    assert confusion_cell(labels, answers, 1, 2).tolist() == [1, 5]
    assert confusion_cell(labels, answers, 2, 1).tolist() == [3]
    assert confusion_cell(labels, answers, 3, 0).tolist() == []


def test_a_large_confusion_is_counted_right():
    random = torch.Generator().manual_seed(1)
    labels, answers = torch.randint(10, (2, 5_000), generator=random)
    table = confusion_matrix(labels, answers)
    assert torch.equal(table, (one_hot(labels, 10).T @ one_hot(answers, 10)))
    for true, predicted in ((0, 9), (9, 0), (4, 4)):
        cell = confusion_cell(labels, answers, true, predicted)
        assert len(cell) == table[true, predicted] > 0


def test_the_surest_mistakes_come_first():
    shares = torch.tensor([[0.6, 0.4, 0.0], [0.1, 0.9, 0.0], [0.3, 0.3, 0.4], [0.0, 0.05, 0.95], [0.5, 0.2, 0.3]])
    assert misclassified(shares, torch.tensor([1, 1, 0, 0, 1])).tolist() == [3, 0, 4, 2]
    assert misclassified(shares, shares.argmax(1)).tolist() == []
    equal = torch.eye(2).repeat(500, 1)
    assert misclassified(equal, torch.ones(1000, dtype=torch.int64))[:3].tolist() == [0, 2, 4]


@pytest.mark.parametrize(("correct", "count"), [(81, 263), (15, 148), (0, 20), (1, 29), (500, 500), (7, 7_000)])
def test_the_wilson_interval_holds_the_proportions_that_a_score_test_keeps(correct, count):
    """At both ends the measured proportion is 1.96 standard deviations away. Source: Wilson, 1927."""
    proportion = correct / count
    low, high = wilson_interval(proportion, count)
    assert 0 <= low <= proportion <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert abs(proportion - end) / math.sqrt(end * (1 - end) / count) == pytest.approx(1.959964, abs=1e-5)
    assert (low > 0, high < 1) == (correct > 0, correct < count)


def test_the_wilson_interval_is_the_published_one():
    """Source: Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3."""
    expected = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (correct, count), interval in expected.items():
        assert wilson_interval(correct / count, count) == pytest.approx(interval, abs=5e-5)
