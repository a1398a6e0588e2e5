"""Networks as fixtures, and a check that functions do not change them."""

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from tests.core.evaluation.networks import compact, normalised, seeded


@pytest.fixture
def network() -> nn.Sequential:
    return seeded(compact)


@pytest.fixture
def with_norm() -> nn.Sequential:
    network = seeded(normalised)
    for value in (network.norm1.running_mean, network.norm1.running_var, network.norm1.weight.data):
        value.copy_(torch.rand(4, generator=torch.Generator().manual_seed(1)) + 0.5)
    return network


@pytest.fixture
def networks_unchanged(request) -> Iterator[None]:
    """Check after a test that modes, weights, buffers, hooks and the global generator are unchanged."""
    networks = [request.getfixturevalue(name) for name in ("network", "with_norm") if name in request.fixturenames]
    for network in networks:
        network.train()
        network.dropout.eval()
    before, random = [copy.deepcopy(network) for network in networks], torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), random)
    for network, was in zip(networks, before, strict=True):
        for layer, layer_was in zip(network.modules(), was.modules(), strict=True):
            assert layer.training == layer_was.training
            assert not layer._forward_hooks
            assert not layer._forward_pre_hooks
        assert list(network.state_dict()) == list(was.state_dict())
        for value, value_was in zip(network.state_dict().values(), was.state_dict().values(), strict=True):
            assert torch.equal(value, value_was)
        assert all(parameter.grad is None and parameter.requires_grad for parameter in network.parameters())
