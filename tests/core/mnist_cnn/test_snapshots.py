"""Snapshots during a run equal the weights of the network in training."""

import numpy as np
import pytest
import torch

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build
from core.topics.mnist_cnn.snapshots import ARRAY, MAX_BYTES, networks, pack, snapshot_steps, unpack
from core.topics.mnist_cnn.train import train
from core.training.progress import run_to_end
from core.training.state import TrainingState

SMALL = CNNConfig(
    network="own", channels=2, linear=8, batch_norm=True, samples=500, epochs=2, batch_size=50, learning_rate=1e-3
)


def test_unpacking_restores_a_packed_network():
    network = build(SMALL).eval()
    network.norm1.running_mean += 3
    again = unpack(SMALL, pack(network))
    x = torch.rand(4, 1, 28, 28)
    torch.testing.assert_close(again(x), network(x), atol=2e-3, rtol=2e-2)
    assert not again.training


def test_snapshots_are_the_networks_of_their_updates():
    state, history, weights = TrainingState(), [], {}

    def watch(event):
        history.append(event)
        weights[event.step] = {name: tensor.clone() for name, tensor in state.current_weights().items()}

    run_to_end(train(SMALL, state), watch)
    found = dict(networks(SMALL, history))
    assert list(found) == [0, *(event.step for event in history if ARRAY in event.arrays)]
    assert 3 <= len(found) <= 7
    for step, network in found.items():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                torch.testing.assert_close(tensor, weights[step][name], atol=1e-3, rtol=1e-3)
    assert not np.allclose(pack(found[0]), pack(network), atol=1e-4)


@pytest.mark.parametrize(("preset", "expected"), [("compact", {2, 4, 16, 40, 80, 200}), ("tutorial", set())])
def test_snapshots_are_dense_at_the_beginning_and_few_bytes(preset, expected):
    network = build(CNNConfig(network=preset))
    evaluated = {1, 2, 4, 8, 16, *range(20, 470, 20), 470}
    steps = snapshot_steps(evaluated, network)
    assert steps == expected
    assert len(steps) * pack(network).nbytes <= MAX_BYTES
