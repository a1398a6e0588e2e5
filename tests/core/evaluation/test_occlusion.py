"""Occlusion maps against a slow loop and closed forms."""

import copy

import pytest
import torch
from torch import Tensor, nn

from core.evaluation.occlusion import occlusion_map
from tests.core.evaluation.networks import is_plain, linear, random_images

pytestmark = pytest.mark.usefixtures("one_thread", "networks_unchanged")


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
    x = random_images(1, channels=3) * 4
    found = occlusion_map(with_norm, x, label, size=size, stride=stride, fill=-0.42)
    assert found.shape == (28, 28)
    assert is_plain(found)
    expected = slow_occlusion_map(with_norm, x, label, size, stride, -0.42)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert found.abs().max() > 1e-3


def test_where_nothing_is_looked_at_nothing_matters():
    """A network whose logit 3 is the intensity in one corner, for an image that is wider than high."""
    weights = torch.zeros(10, 20, 30)
    weights[3, :4, :4] = 0.1
    network = linear(weights)
    found = occlusion_map(network, torch.ones(1, 1, 20, 30), 3, size=5, stride=1, fill=0.0)
    assert found[0, 0] == found.max() > 0.2
    assert found[:4, :4].min() > 0
    assert not found[8:].any()
    assert not found[:, 8:].any()
    assert (occlusion_map(network, torch.ones(1, 1, 20, 30), 2, size=5, stride=1, fill=0.0)[:4, :4] < 0).all()
