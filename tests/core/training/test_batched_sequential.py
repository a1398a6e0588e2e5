"""Batched networks of any depth against single ones of torch.nn."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from core.training.batched.sequential import BatchedSequential

pytestmark = pytest.mark.usefixtures("one_thread")

BATCH = 5
NETWORKS = 3


def networks(depth: int) -> list[nn.Sequential]:
    torch.manual_seed(depth)
    sizes = [2, 4, 3, 6][: depth + 1]
    return [
        nn.Sequential(
            *(layer for size in pairwise(sizes) for layer in (nn.Linear(*size), nn.Tanh())),
            nn.Linear(sizes[-1], 2),
        ).double()
        for _ in range(NETWORKS)
    ]


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_logits_and_gradients_are_those_of_each_network_on_its_own_batch(depth):
    singles = networks(depth)
    batched = BatchedSequential(singles)
    x = torch.randn(NETWORKS, BATCH, 2, dtype=torch.float64)
    logits = batched.logits(x)
    logits.square().sum().backward()
    for number, single in enumerate(singles):
        expected = single(x[number])
        torch.testing.assert_close(logits[number], expected)
        expected.square().sum().backward()
        for ours, theirs in zip(batched.parameters, single.parameters(), strict=True):
            assert theirs.grad.any()
            torch.testing.assert_close(ours[number], theirs)
            torch.testing.assert_close(ours.grad[number], theirs.grad)


def test_training_the_batch_leaves_the_networks_alone():
    singles = networks(1)
    before = [parameter.clone() for parameter in singles[0].parameters()]
    batched = BatchedSequential(singles)
    with torch.no_grad():
        for parameter in batched.parameters:
            parameter.add_(1)
    assert all(torch.equal(*pair) for pair in zip(singles[0].parameters(), before, strict=True))
