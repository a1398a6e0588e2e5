"""Stacked networks against separate torch.nn networks, trained by torch.optim.Adam."""

import math

import pytest
import torch
from torch import nn

from benchmarks.baselines.fits_one_by_one import ACTIVATIONS, train_one_by_one
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.networks import BatchedRegressors
from core.topics.bias_variance.train import Trainer

pytestmark = pytest.mark.usefixtures("one_thread")

WIDTHS = (1, 2, 5)
SETS = 3
BATCH = 7


def stacked(activation: str) -> BatchedRegressors:
    """Return networks with different weights for each data set, in float64."""
    networks = BatchedRegressors.initialize(WIDTHS, SETS, activation=activation, seed=0)
    drawn = torch.randn(networks.weights.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return BatchedRegressors(WIDTHS, drawn, activation=activation)


def points() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(2, SETS, BATCH, generator=torch.Generator().manual_seed(2), dtype=torch.float64).unbind()


def sequential(weights: dict[str, torch.Tensor], activation: str) -> nn.Sequential:
    width = len(weights["0.bias"])
    network = nn.Sequential(nn.Linear(1, width), ACTIVATIONS[activation](), nn.Linear(width, 1)).double()
    network.load_state_dict(weights)
    return network


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_predictions_equal_those_of_a_sequential(activation):
    networks, (x, _y) = stacked(activation), points()
    predictions = networks.predict(x)
    assert predictions.shape == (len(WIDTHS), SETS, BATCH)
    for width_index in range(len(WIDTHS)):
        for number in range(SETS):
            single = sequential(networks.state_dict(width_index, number), activation)
            torch.testing.assert_close(predictions[width_index, number], single(x[number, :, None])[:, 0].detach())


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_autograd(activation, l2, dropout):
    networks, (x, y) = stacked(activation), points()
    random = torch.Generator().manual_seed(3)
    keep = 2.0 * torch.randint(0, 2, (SETS, sum(WIDTHS), BATCH), generator=random) if dropout else None
    gradients = BatchedRegressors(WIDTHS, networks.gradient(x, y, l2=l2, dropout_mask=keep), activation=activation)
    for width_index, width in enumerate(WIDTHS):
        first = sum(WIDTHS[:width_index])
        for number in range(SETS):
            single = sequential(networks.state_dict(width_index, number), activation)
            h = single[1](single[0](x[number, :, None]))
            if dropout:
                h = h * keep[number, first : first + width].T
            loss = (single[2](h)[:, 0] - y[number]).square().mean()
            (loss + l2 / 2 * (single[0].weight.square().sum() + single[2].weight.square().sum())).backward()
            for name, gradient in gradients.state_dict(width_index, number).items():
                torch.testing.assert_close(gradient, single.get_parameter(name).grad)


def test_initial_weights_are_those_of_linear_and_equal_for_all_data_sets():
    networks = BatchedRegressors.initialize((400, 100), 2, activation="tanh", seed=0)
    for width_index, width in enumerate((400, 100)):
        weights = networks.state_dict(width_index, 1)
        for name, bound in {"0.weight": 1.0, "0.bias": 1.0, "2.weight": width**-0.5, "2.bias": width**-0.5}.items():
            assert (
                weights[name].shape
                == getattr(nn.Linear(1, width) if name[0] == "0" else nn.Linear(width, 1), name[2:]).shape
            )
            assert weights[name].abs().max() <= bound
            assert torch.equal(weights[name], networks.state_dict(width_index, 0)[name])
            if weights[name].numel() > 1:
                # Uniform: mean 0, standard deviation bound / √3
                assert float(weights[name].mean()) == pytest.approx(0, abs=5 * bound / (3 * width) ** 0.5)
                assert float(weights[name].std()) == pytest.approx(bound / 3**0.5, rel=0.2)
    again, other = (BatchedRegressors.initialize((400, 100), 2, activation="tanh", seed=seed) for seed in (0, 1))
    assert torch.equal(networks.weights, again.weights)
    assert not torch.isin(networks.weights, other.weights).any()


@pytest.mark.parametrize(
    "changes", [{}, {"activation": "relu"}, {"l2": 0.01}, {"activation": "relu", "l2": 0.1, "learning_rate": 0.1}]
)
def test_trained_at_once_they_are_those_trained_one_by_one(changes):
    config = BiasVarianceConfig(model="network", data_sets=2, largest_width=8, **changes)
    trainer = Trainer(config, Task(config))
    members = [(width_index, number) for width_index in range(len(config.capacities)) for number in range(2)]
    starts = [{name: part.clone() for name, part in trainer.networks.state_dict(*member).items()} for member in members]
    sets = [(trainer.x[number], trainer.y[number]) for _place, number in members]
    for step in range(1, 61):
        trainer.update(step)
    trained = train_one_by_one(config, starts, sets, 60)
    for member, start, network in zip(members, starts, trained, strict=True):
        ends = trainer.networks.state_dict(*member)
        for name, weights in ends.items():
            torch.testing.assert_close(weights, network.get_parameter(name).detach(), rtol=1e-3, atol=1e-3)
        assert max(float((weights - start[name]).abs().max()) for name, weights in ends.items()) > 0.03


def test_networks_are_independent():
    networks, (x, y) = stacked("tanh"), points()
    before = networks.predict(x)
    networks.weights[1, networks.network_of_weight == 2] = math.nan
    after, gradient = networks.predict(x), networks.gradient(x, y)
    assert after[2, 1].isnan().all()
    after[2, 1] = before[2, 1]
    assert torch.equal(after, before)
    assert gradient.isnan().sum() == (networks.network_of_weight == 2).sum()


def test_networks_are_copied_where_the_mask_is_true():
    networks, others = stacked("tanh"), BatchedRegressors.initialize(WIDTHS, SETS, activation="tanh", seed=0)
    others.weights = others.weights.double()
    (x, _y), taken = points(), torch.tensor([[True, False, False], [False, False, True], [True, True, False]])
    expected = torch.where(taken[:, :, None], others.predict(x), networks.predict(x))
    networks.copy_from(others, taken)
    assert torch.equal(networks.predict(x), expected)


def test_dropout_drops_this_share_of_the_units_in_each_update():
    config = BiasVarianceConfig(model="network", dropout=0.2)
    trainer = Trainer(config, Task(config))
    first, again, other = (trainer._dropout_mask(step) for step in (1, 1, 2))
    assert first.shape == (30, trainer.networks.units, 20)
    assert set(first.unique().tolist()) == {0.0, 1.25}
    assert float((first == 0).float().mean()) == pytest.approx(0.2, abs=0.01)
    assert torch.equal(first, again)
    assert float((first == other).float().mean()) == pytest.approx(0.8**2 + 0.2**2, abs=0.01)
    plain = BiasVarianceConfig(model="network")
    assert Trainer(plain, Task(plain))._dropout_mask(1) is None


def test_an_update_uses_the_dropped_units():
    config = BiasVarianceConfig(model="network", dropout=0.5, data_sets=2, largest_width=4)
    trainer, plain = (Trainer(config, Task(config)) for _ in range(2))
    plain._dropout_mask = lambda step: None
    for each in (trainer, plain):
        for step in range(1, 6):
            each.update(step)
    assert not torch.equal(trainer.networks.weights, plain.networks.weights)
