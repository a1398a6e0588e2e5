"""The gradients, losses, and updates of the playground, compared with formulas and PyTorch."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import build_network, penalty
from core.topics.playground.train import last_gradient_norm
from tests.core.playground.oracle import FUNCTIONS, SMALL, batch, loss, predict, run, split, weights

pytestmark = pytest.mark.usefixtures("one_thread")


CASES = [
    {"activation": activation, "data": data, "loss": kind, **penalties}
    for (activation, (data, kind)), penalties in zip(
        product(FUNCTIONS, [("circle", "cross_entropy"), ("xor", "squares"), ("hills", "squares")]),
        [{}, {"l1": 0.03}, {"l2": 0.1}, {"l1": 0.01, "l2": 0.02}] * 5,
        strict=False,
    )
]


@pytest.mark.parametrize("changes", CASES, ids=lambda case: "-".join(map(str, case.values())))
def test_gradients_and_losses_are_those_of_the_formulas(changes):
    config = SMALL.changed(**changes, features="x,y,xy")
    events, _model = run(config)
    dataset = make_dataset(config)
    for event in (events[0], events[3], events[-1]):
        flat = weights(event).requires_grad_()
        x, y = batch(config, event.step)
        layers = split(config, flat)
        added = sum(config.l1 * W.abs().sum() + config.l2 / 2 * (W**2).sum() for W, _b in layers)
        (gradient,) = torch.autograd.grad(loss(config, predict(config, flat, x), y) + added, flat)
        np.testing.assert_allclose(event.arrays["gradients"], gradient, rtol=1e-3, atol=1e-6)
        for number, (W, b) in enumerate(split(config, gradient), 1):
            norm = math.sqrt(float((W**2).sum() + (b**2).sum()))
            assert event.metrics[f"gradient_norm/{number}"] == pytest.approx(norm, rel=1e-3, abs=1e-6)
        for part, xy, y in (
            ("train", dataset.train_x, dataset.train_y),
            ("test", dataset.test_x, dataset.test_y),
        ):
            outputs = predict(config, flat.detach(), compute_features(xy, config.features))
            assert event.metrics[f"{part}_loss"] == pytest.approx(float(loss(config, outputs, y)), rel=1e-4)
            if config.regression:
                assert f"{part}_accuracy" not in event.metrics
            else:
                assert event.metrics[f"{part}_accuracy"] == np.mean((outputs > 0).numpy() == (y == 1).numpy())
    assert "gradient_norm/4" not in event.metrics


def test_the_loss_is_the_mean_of_the_batches_since_the_last_event():
    config = SMALL.changed(batch_size=7, epochs=200)  # 20 training points: the last batch of three is smaller
    events, _model = run(config)
    every, _model = run(config.changed(epochs=3))
    assert [event.step for event in every] == list(range(10))
    for event in every:
        x, y = batch(config, event.step)
        assert event.metrics["loss"] == pytest.approx(float(loss(config, predict(config, weights(event), x), y)), 1e-4)
    assert [event.step for event in events[9:13]] == [9, 10, 12, 15]
    by_step = {event.step: event for event in run(config.changed(epochs=5))[0]}
    losses = [by_step[step].metrics["loss"] for step in (13, 14, 15)]
    sizes = [len(batch(config, step)[1]) for step in (13, 14, 15)]
    assert sizes == [7, 6, 7]
    assert events[12].metrics["loss"] == pytest.approx(np.average(losses, weights=sizes), rel=1e-4)
    assert events[12].metrics["epoch"] == 5


TORCHS = {
    "SGD": lambda weights: torch.optim.SGD(weights, lr=0.05),
    "Momentum": lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.9),
    "RMSprop": lambda weights: torch.optim.RMSprop(weights, lr=0.05),
    "Adam": lambda weights: torch.optim.Adam(weights, lr=0.05),
    "AdamW": lambda weights: torch.optim.AdamW(weights, lr=0.05),
}


@pytest.mark.parametrize("optimizer", TORCHS)
def test_the_updates_are_those_of_torch(optimizer):
    """Compare with the tutorial's training loop, with PyTorch's loss and default optimizer."""
    config = SMALL.changed(optimizer=optimizer, learning_rate=0.05, activation="relu")
    events, model = run(config)
    network = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 1))
    nn.utils.vector_to_parameters(torch.from_numpy(events[0].arrays["weights"].copy()), network.parameters())
    steps, criterion = TORCHS[optimizer](network.parameters()), nn.BCEWithLogitsLoss()
    for step in range(config.updates):
        x, y = batch(config, step)
        steps.zero_grad()
        criterion(network(x), y[:, None]).backward()
        steps.step()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(model.weights[name], value, rtol=1e-4, atol=1e-5)
    flat = nn.utils.parameters_to_vector(model.weights[name] for name, _weight in network.named_parameters())
    np.testing.assert_array_equal(flat, events[-1].arrays["weights"])


def test_l1_and_l2_exclude_the_biases():
    config = SMALL.changed(l1=0.2, l2=0.5)
    network = build_network(config)
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    value = penalty(config, [layer.weight for layer in layers])
    value.backward()
    for layer in layers:
        torch.testing.assert_close(layer.weight.grad, 0.2 * layer.weight.sign() + 0.5 * layer.weight)
        assert layer.bias.grad is None


def test_the_last_gradient_norm_covers_all_layers_at_the_last_finite_event():
    events, _model = run(SMALL)
    norm = np.linalg.norm([events[-1].metrics[f"gradient_norm/{layer}"] for layer in (1, 2, 3)])
    infinite = replace(events[-1], metrics=dict(events[-1].metrics) | {"gradient_norm/2": None})
    assert last_gradient_norm(events, SMALL) == pytest.approx(norm)
    assert last_gradient_norm([*events, infinite], SMALL) == pytest.approx(norm)
    assert last_gradient_norm([infinite], SMALL) is None
