"""Corruptions against closed forms, slow loops, binomial bounds and SciPy."""

import math

import numpy as np
import pytest
import scipy
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.data import datasets
from core.data.corruptions import (
    CORRUPTIONS,
    LIMITS,
    RANDOM,
    corrupt,
)

pytestmark = pytest.mark.usefixtures("one_thread")

SIDES = st.tuples(st.integers(1, 30), st.integers(1, 30))
SEEDS = st.integers(0, 2**31)
WHOLE = ("mosaic", "occlusion")


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, channels: int = 1, height: int = 28, width: int = 28, *, seed: int = 1) -> Tensor:
    """Any gray value, and often black and white."""
    return torch.rand(count, channels, height, width, generator=random(seed)).mul_(1.6).sub_(0.3).clamp_(0, 1)


def corrupted(name: str, images: Tensor, level: float, seed: int = 0) -> Tensor:
    return CORRUPTIONS[name](images, level, random(seed))


@st.composite
def levels(draw, name: str) -> float:
    low, high = LIMITS[name]
    return draw(st.integers(int(low), int(high)) if name in WHOLE else st.floats(low, high))


# --- shared properties ------------------------------------------------------------------------------------------------


def test_they_are_these():
    assert list(CORRUPTIONS) == list(LIMITS) == ["gaussian", "salt_and_pepper", "mosaic", "occlusion", "blur"]


@pytest.mark.parametrize("name", CORRUPTIONS)
@given(data=st.data(), seed=SEEDS, count=st.integers(0, 5), channels=st.sampled_from([1, 3]), sides=SIDES)
def test_pictures_stay_pictures(name, data, seed, count, channels, sides):
    """Images of any number and size, even smaller than a block, patch, or blur kernel. The input does not change."""
    images = pictures(count, channels, *sides, seed=seed)
    before = images.clone()
    level = data.draw(levels(name))
    result = corrupted(name, images, level, seed)
    assert (result.shape, result.dtype, result.is_contiguous()) == (images.shape, torch.float32, True)
    assert torch.equal(result, result.clamp(0, 1))  # also excludes NaN
    assert torch.equal(result, corrupted(name, images, level, seed))
    result.fill_(0.5)
    assert torch.equal(images, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_at_the_lowest_level_nothing_happens(name):
    images = pictures()
    for level in {0, LIMITS[name][0]}:
        result = corrupted(name, images, level)
        assert torch.equal(result, images)
        assert result.data_ptr() != images.data_ptr()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_higher_level_destroys_more(name):
    images = datasets.load("mnist", "test").batch(torch.arange(200))[0]
    low, high = LIMITS[name]
    steps = np.linspace(low, high, 5).round(0 if name in WHOLE else 3)
    errors = [float((corrupted(name, images, level) - images).square().mean()) for level in steps]
    assert errors[0] == 0
    assert errors == sorted(errors)
    assert errors[-1] > 0.05


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_chance_comes_from_the_generator_alone(name):
    images = torch.full((2, 1, 28, 28), 0.5)
    first, level = random(3), LIMITS[name][1]
    results = [CORRUPTIONS[name](images, level, first) for _ in range(2)]
    assert torch.equal(results[0], results[1]) == (name not in RANDOM)
    assert torch.equal(results[0][0], results[0][1]) == (name not in RANDOM)
    state = torch.get_rng_state()
    assert torch.equal(results[0], corrupted(name, images, level, seed=3))
    assert torch.equal(torch.get_rng_state(), state)


# --- single corruptions -----------------------------------------------------------------------------------------------


def cut_normal(mean: float, sigma: float) -> tuple[float, float]:
    """Mean and variance of a normal variable clamped to 0..1, from the integrals over its three parts."""
    a, b = -mean / sigma, (1 - mean) / sigma
    normal = scipy.stats.norm
    inside, edges = normal.cdf(b) - normal.cdf(a), normal.pdf(a) - normal.pdf(b)
    first = mean * inside + sigma * edges + normal.sf(b)
    spread = inside + a * normal.pdf(a) - b * normal.pdf(b)
    second = mean**2 * inside + 2 * mean * sigma * edges + sigma**2 * spread + normal.sf(b)
    return first, second - first**2


@given(value=st.floats(0, 1), sigma=st.floats(0.01, 1), seed=SEEDS)
def test_gaussian_noise_is_a_cut_normal_variable(value, sigma, seed):
    noisy = corrupted("gaussian", torch.full((40, 1, 28, 28), value), sigma, seed).double()
    mean, variance = cut_normal(value, sigma)
    squares = (noisy - mean).square()
    for sample, expected in ((noisy, mean), (squares, variance)):
        error = sample.std() / math.sqrt(sample.numel())
        assert abs(sample.mean() - expected) < 6 * error + 1e-6


def test_the_noise_of_neighbours_channels_and_pictures_is_independent():
    """Without the clamping, which a small level does not reach."""
    noise = corrupted("gaussian", torch.full((50, 3, 28, 28), 0.5), 0.05).double().sub_(0.5).div_(0.05)
    for neighbour in (noise.roll(1, dimension) for dimension in range(4)):
        assert abs((noise * neighbour).mean()) < 5 / math.sqrt(noise.numel())


@given(level=st.floats(0, 1), seed=SEEDS)
def test_salt_and_pepper_are_a_share_of_the_pixels_half_each(level, seed):
    images = torch.full((40, 3, 28, 28), 0.5)
    noisy = corrupted("salt_and_pepper", images, level, seed)
    assert set(noisy.unique().tolist()) <= {0.0, 0.5, 1.0}
    assert torch.equal(noisy, noisy[:, :1].expand_as(noisy))  # the same in all channels
    pixels = noisy[:, 0].numel()
    for value, share in ((0.0, level / 2), (1.0, level / 2), (0.5, 1 - level)):
        bound = 6 * math.sqrt(pixels * share * (1 - share)) + 1
        assert abs(int((noisy[:, 0] == value).sum()) - pixels * share) <= bound


def test_the_same_seed_and_a_higher_level_replace_the_same_pixels_and_others():
    images = torch.full((2, 1, 28, 28), 0.5)
    less, more = (corrupted("salt_and_pepper", images, level) for level in (0.2, 0.6))
    assert torch.equal(more[less != 0.5], less[less != 0.5])


@given(side=st.integers(1, 14), sides=SIDES, channels=st.sampled_from([1, 3]), seed=SEEDS)
def test_mosaic_blocks_are_means(side, sides, channels, seed):
    images = pictures(2, channels, *sides, seed=seed)
    found = corrupted("mosaic", images, side)
    for top in range(0, sides[0], side):
        for left in range(0, sides[1], side):
            block = (..., slice(top, top + side), slice(left, left + side))
            expected = images[block].double().mean(dim=(2, 3), keepdim=True)
            assert torch.equal(found[block], found[block][..., :1, :1].expand_as(found[block]))
            torch.testing.assert_close(found[block][..., :1, :1].double(), expected, rtol=1e-6, atol=1e-7)
    means = (each.double().mean(dim=(2, 3)) for each in (found, images))
    torch.testing.assert_close(*means, rtol=1e-6, atol=1e-7)


@given(side=st.integers(0, 20), height=st.integers(20, 30), width=st.integers(20, 30), seed=SEEDS)
def test_occlusion_is_one_black_square_inside_the_picture(side, height, width, seed):
    covered = corrupted("occlusion", torch.ones(5, 3, height, width), side, seed)
    assert torch.equal(covered, covered[:, :1].expand_as(covered))
    for picture in covered[:, 0]:
        rows, columns = (picture == 0).nonzero(as_tuple=True)
        assert len(rows) == side**2
        if side:
            top, left = int(rows.min()), int(columns.min())
            assert not picture[top : top + side, left : left + side].any()


def test_what_is_not_covered_stays():
    images = pictures()
    covered = corrupted("occlusion", images, 9)
    patch = corrupted("occlusion", torch.ones_like(images), 9) == 0
    assert torch.equal(covered, torch.where(patch, 0.0, images))


@pytest.mark.parametrize(("side", "places"), [(20, 9), (7, 22), (1, 28)])
def test_all_places_of_a_patch_are_equally_likely(side, places):
    covered = corrupted("occlusion", torch.ones(20_000, 1, 28, 28), side)[:, 0] == 0
    top, left = (covered.any(dim=dimension).int().argmax(dim=1) for dimension in (2, 1))
    counts = torch.bincount(top * places + left, minlength=places**2).numpy()
    assert len(counts) == places**2
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


@given(sigma=st.floats(0.01, 4), sides=SIDES, seed=SEEDS)
def test_blur_is_that_of_scipy(sigma, sides, seed):
    images = pictures(2, 1, *sides, seed=seed)
    expected = scipy.ndimage.gaussian_filter(
        images.double().numpy(), sigma, mode="reflect", radius=math.ceil(3 * sigma), axes=(2, 3)
    )
    np.testing.assert_allclose(corrupted("blur", images, sigma).numpy(), expected, rtol=0, atol=1e-6)


@given(sigma=st.floats(0, 4), sides=SIDES, value=st.floats(0, 1, width=32), seed=SEEDS)
def test_blur_keeps_constants_and_means(sigma, sides, value, seed):
    constant = torch.full((1, 1, *sides), value)
    torch.testing.assert_close(corrupted("blur", constant, sigma), constant, rtol=1e-6, atol=1e-7)
    images = pictures(2, 3, *sides, seed=seed)
    means = (each.double().mean(dim=(2, 3)) for each in (corrupted("blur", images, sigma), images))
    torch.testing.assert_close(*means, rtol=1e-6, atol=1e-7)


def test_white_does_not_leave_the_range_by_rounding():
    white = torch.ones(1, 1, 28, 28)
    assert max(corrupted("blur", white, step / 50).max() for step in range(201)) == 1


@pytest.mark.parametrize("sigma", [0.7, 1.5, 3.0])
def test_a_blurred_dot_has_the_deviation_of_the_level(sigma):
    """Slightly less, because the tails of the Gaussian are cut off."""
    dot = torch.zeros(1, 1, 41, 41)
    dot[..., 20, 20] = 1
    spot = corrupted("blur", dot, sigma)[0, 0].double()
    places = torch.arange(41.0, dtype=torch.float64) - 20
    for line in (spot.sum(dim=0), spot.sum(dim=1)):
        assert float((line * places.square()).sum().sqrt()) == pytest.approx(sigma, rel=0.03)
    torch.testing.assert_close(spot, spot.T)


# --- sequences of corruptions -----------------------------------------------------------------------------------------


def test_a_chain_is_one_after_the_other_with_one_generator():
    images = pictures()
    steps = [("mosaic", 4), ("gaussian", 0.3), ("occlusion", 8), ("salt_and_pepper", 0.1), ("blur", 1.0)]
    expected, source = images, random(5)
    for name, level in steps:
        expected = CORRUPTIONS[name](expected, level, source)
    assert torch.equal(corrupt(images, steps, random(5)), expected)


def test_the_order_of_a_chain_counts():
    images = pictures()
    steps = [("mosaic", 4), ("occlusion", 8)]
    one, other = (corrupt(images, chain, random()) for chain in (steps, steps[::-1]))
    assert not torch.allclose(one, other, atol=0.1)


def test_an_empty_chain_returns_the_pictures():
    images = pictures()
    assert corrupt(images, [], random()) is images
