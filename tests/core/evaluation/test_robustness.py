"""Accuracy on corrupted images, and the corruptions against closed forms and PyTorch functions."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.torchvision_compat import v2
from core.evaluation.inspection import logits
from core.evaluation.robustness import CORRUPTIONS, corrupted, robustness
from tests.core.evaluation.networks import by_hand, linear, random_images

pytestmark = pytest.mark.usefixtures("one_thread", "networks_unchanged")

KINDS = list(CORRUPTIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_corrupted_pictures_are_those_of_the_seed(kind):
    x = random_images(40)
    first = corrupted(x, kind, 3, seed=1)
    assert (first.shape, first.dtype) == (x.shape, torch.float32)
    assert (float(first.min()), float(first.max())) >= (0, 0)
    assert float(first.max()) <= 1
    assert torch.equal(first, corrupted(x, kind, 3, seed=1))
    assert not torch.equal(first, corrupted(x, kind, 3, seed=2))
    assert not torch.allclose(first, x, atol=0.1)
    assert torch.equal(x, random_images(40))
    assert torch.equal(corrupted(x, kind, 0, seed=1), x)
    assert corrupted(x[:1], kind, 3, seed=1).shape == (1, 1, 28, 28)


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_taken_as_numbers_from_0_to_1(kind):
    x = random_images(8).mul(255).byte()
    for level in (0, 2):
        torch.testing.assert_close(corrupted(x, kind, level, seed=1), corrupted(x / 255, kind, level, seed=1))
    torch.testing.assert_close(corrupted(x, kind, 0, seed=1), x / 255)


def test_noise_is_normal_with_that_deviation():
    """On gray images, five standard deviations from 0 and 1, where nothing is clamped."""
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
    """Return how many of 50 images were rotated by 90 degrees to the left and to the right."""
    x = random_images(50)
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
    x = random_images(20)
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
    assert to_the_left != [True, False] * 10  # which ones is random


@pytest.mark.parametrize("level", [1, 5, 28, 40])
def test_a_shift_is_a_roll_with_zeros(level):
    x = random_images(60)
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
    """A network that finds the position of a spot among ten, with images that it classifies without error."""
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
    # Each level separately, on the images that a page shows
    for level, answer in zip(levels, answers, strict=True):
        shown = corrupted(images, kind, level, seed=6)
        right = (logits(network, 2 * shown - 1).argmax(1) == labels).sum()
        assert answer == float(right) / 300
        assert robustness(network, images, labels, lambda x: 2 * x - 1, kind, [level], seed=6) == [answer]


@pytest.mark.parametrize("kind", KINDS)
def test_level_0_is_the_plain_accuracy(network, kind):
    images, labels = random_images(200).mul(255).byte(), torch.arange(200) % 10
    normalise = v2.Normalize([0.1307], [0.3081])
    plain = (by_hand(network, normalise(images / 255))["fc2"].argmax(1) == labels).double().mean()
    assert robustness(network, images, labels, normalise, kind, [0], seed=1) == [float(plain)]
    assert 0 < plain < 1
