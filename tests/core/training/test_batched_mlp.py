"""Batched networks against single ones of torch.nn, trained by torch.optim."""

import numpy as np
import pytest
import torch

from benchmarks.baselines.one_by_one import train_one_by_one
from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.config import BatchedOptimizerName
from core.training.batched.data import DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.batched.optimizer import BatchedOptimizer
from core.training.batched.results import NetworkSpec
from core.training.batched.run import BatchedRun
from tests.core import torch_reference

pytestmark = pytest.mark.usefixtures("one_thread")

OPTIMIZER_NAMES = BatchedOptimizerName.__args__
SIZES = (20, 7, 3)
RATES = (0.003, 0.01, 0.03)
OTHERS = {"momentum": 0.8, "beta1": 0.7, "beta2": 0.95}
USED = {"momentum": ("momentum",), "nesterov": ("momentum",), "adam": ("beta1", "beta2"), "adamw": ("beta1", "beta2")}


def batches(count: int, size: int, *, targets: bool = False) -> list[tuple[torch.Tensor, torch.Tensor]]:
    random = torch.Generator().manual_seed(1)
    x = torch.randn(count, size, SIZES[0], dtype=torch.float64, generator=random)
    if targets:
        return list(zip(x, torch.randn(count, size, SIZES[2], dtype=torch.float64, generator=random), strict=True))
    return list(zip(x, torch.randint(SIZES[2], (count, size), generator=random), strict=True))


@pytest.mark.parametrize("targets", [False, True])
def test_losses_and_gradients_are_those_of_autograd(targets):
    networks = BatchedMLP.initialize(SIZES, range(5), dtype=torch.float64)
    ((x, y),) = batches(1, 11, targets=targets)
    losses, grad_W1, grad_rest = networks.gradients(x, y)
    assert (grad_W1.shape, grad_rest.shape) == (networks.W1.shape, networks.rest.shape)
    gradients = BatchedMLP(grad_W1, grad_rest, outputs=3)
    for number in range(5):
        single = torch_reference.sequential(networks.weights(number))
        loss = torch_reference.loss(single, x, y)
        loss.backward()
        torch.testing.assert_close(losses[number], loss.detach(), rtol=1e-12, atol=0)
        torch.testing.assert_close(networks.logits(x)[number].T, single(x).detach(), rtol=1e-12, atol=1e-14)
        for name, parameter in single.named_parameters():
            assert parameter.grad.any()
            torch.testing.assert_close(gradients.weights(number)[name], parameter.grad, rtol=1e-10, atol=1e-14)


def test_first_weights_are_those_of_linear_and_of_the_seed_alone():
    inputs, hidden, outputs = 100, 400, 50
    networks = BatchedMLP.initialize((inputs, hidden, outputs), [3, 4, 3], dtype=torch.float32)
    linear = {"0": torch.nn.Linear(inputs, hidden), "2": torch.nn.Linear(hidden, outputs)}
    for name, weights in networks.weights(0).items():
        layer, part = name.split(".")
        theirs = getattr(linear[layer], part)
        bound = linear[layer].in_features ** -0.5
        assert weights.shape == theirs.shape
        assert weights.abs().max() <= bound
        # Uniform: mean 0, standard deviation bound / √3, each within five standard errors
        assert float(weights.mean()) == pytest.approx(0, abs=5 * bound / (3 * weights.numel()) ** 0.5)
        assert float(weights.std()) == pytest.approx(bound / 3**0.5, rel=2.5 / weights.numel() ** 0.5)
        assert float(weights.std()) == pytest.approx(float(theirs.detach().std()), rel=5 / weights.numel() ** 0.5)
        assert torch.equal(weights, networks.weights(2)[name])
        assert not (weights == networks.weights(1)[name]).any()
        alone = BatchedMLP.initialize((inputs, hidden, outputs), [3], dtype=torch.float32)
        assert torch.equal(weights, alone.weights(0)[name])
    assert sum(weights.numel() for weights in networks.weights(0).values()) == (101 * 400) + (401 * 50)


def test_a_part_is_in_the_memory_of_the_whole_and_weights_make_a_network():
    networks = BatchedMLP.initialize(SIZES, range(4), dtype=torch.float64)
    ((x, y),) = batches(1, 5)
    again = BatchedMLP.from_weights(networks.weights(2))
    torch.testing.assert_close(again.gradients(x, y)[0], networks.gradients(x, y)[0][2:3], rtol=1e-12, atol=0)
    part = networks.select(slice(1, 3))
    part.W1.zero_()
    part.rest.zero_()
    assert [bool(networks.weights(number)["0.weight"].any()) for number in range(4)] == [True, False, False, True]
    assert not networks.logits(x)[1:3].any()


@pytest.mark.parametrize("targets", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZER_NAMES)
def test_a_batched_network_is_a_single_one_in_float64(name, decay, targets):
    """Losses and weights after 50 steps: labels with the rules' default settings, targets with other settings."""
    settings = {key: OTHERS[key] for key in USED.get(name, ())} if targets else {}
    data = batches(50, 8, targets=targets)
    networks = BatchedMLP.initialize(SIZES, [0, 0, 1], dtype=torch.float64)
    starts = [{key: part.clone() for key, part in networks.weights(number).items()} for number in range(3)]
    optimizer = BatchedOptimizer(
        name, networks, torch.tensor(RATES, dtype=torch.float64), weight_decay=decay, settings=settings
    )
    losses = []
    for x, y in data:
        values, *gradients = networks.gradients(x, y)
        losses.append(values)
        optimizer.step(*gradients)
    # Muon computes in bfloat16, where the last of 64 bits may round differently
    tolerance = 1e-4 if name == "muon" else 1e-7
    for number, start in enumerate(starts):
        single, network = torch_reference.train(
            name, start, RATES[number], data, passes=len(data), weight_decay=decay, **settings
        )
        np.testing.assert_allclose(torch.stack(losses)[:, number], single, rtol=tolerance)
        for key, weights in network.state_dict().items():
            torch.testing.assert_close(networks.weights(number)[key], weights, rtol=tolerance, atol=tolerance)
            assert (weights - start[key]).abs().max() > 100 * tolerance


SANE = {"gd": 0.3, "sgd": 0.03, "momentum": 0.01, "nesterov": 0.01, "adadelta": 0.3}


@pytest.mark.parametrize("changes", [{}, {"weight_decay": 0.01, **OTHERS}])
@pytest.mark.parametrize("name", OPTIMIZER_NAMES)
def test_a_network_of_the_race_is_a_single_one(name, changes):
    """In float32 on digits: 50 updates, or five epochs for GD."""
    config = OptimizerRaceConfig(optimizers=(name,), samples=155, epochs=5, hidden_size=8, noise=0.1, **changes)
    assert config.updates == 50
    rates = [factor * SANE.get(name, 0.001) for factor in (0.3, 1, 3)]
    specs = [NetworkSpec(name, rate, seed) for rate in rates for seed in (0, 1)]
    data = DataSplits(config)
    batched_run = BatchedRun(config, data, specs)
    starts = [{key: part.clone() for key, part in batched_run.networks.weights(number).items()} for number in range(6)]
    losses = torch.stack([batched_run.update(step) for step in range(50)])
    settings = {key: getattr(config, key) for key in USED.get(name, ())}
    batches = [data.batch(step) for step in range(50)]
    for number, (spec, start) in enumerate(zip(specs, starts, strict=True)):
        single, _network = torch_reference.train(
            name, start, spec.learning_rate, batches, passes=5, weight_decay=config.weight_decay, **settings
        )
        np.testing.assert_allclose(losses[:10, number], single[:10], rtol=1e-4)
        # A difference in the last of 32 bits can become a bfloat16 difference in Muon
        np.testing.assert_allclose(losses[:, number], single, rtol=5e-3 if name == "muon" else 1e-4)
    assert len(losses[-1].unique()) == 6


def test_optimizers_race_together_as_in_the_benchmark_one_by_one():
    config = OptimizerRaceConfig(
        optimizers=("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"), hidden_size=8
    )
    specs = [NetworkSpec(name, rate, seed) for name in config.optimizers for rate in (1e-3, 3e-3) for seed in (0, 1)]
    data = DataSplits(config)
    batched_run = BatchedRun(config, data, specs)
    starts = [
        {key: part.clone() for key, part in batched_run.networks.weights(number).items()}
        for number in range(len(specs))
    ]
    losses = torch.stack([batched_run.update(step) for step in range(50)])
    expected = train_one_by_one(config, specs, starts, data.batch, 50)
    torch.testing.assert_close(losses, expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("name", ["sgd", "adamw", "muon"])
def test_scaled_rates_are_those_rates(name):
    ((x, y),) = batches(1, 8)
    ends = []
    for rates, factor in (((0.02, 0.04), 0.5), ((0.01, 0.02), 1.0), ((0.1, 0.01), torch.tensor([0.1, 2.0]))):
        networks = BatchedMLP.initialize(SIZES, [0, 1], dtype=torch.float64)
        optimizer = BatchedOptimizer(name, networks, torch.tensor(rates, dtype=torch.float64), weight_decay=0.1)
        optimizer.scale_learning_rates(factor)
        optimizer.step(*networks.gradients(x, y)[1:])
        ends.append(networks.weights(1) | {"all": networks.W1})
    for end in ends[1:]:
        for key, weights in end.items():
            torch.testing.assert_close(weights, ends[0][key], rtol=1e-6, atol=1e-9)
    unchanged = BatchedMLP.initialize(SIZES, [0, 1], dtype=torch.float64)
    assert (ends[0]["all"] != unchanged.W1).all()
