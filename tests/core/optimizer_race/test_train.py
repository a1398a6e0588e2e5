"""The race is fair, reproducible to the last bit, and not affected by networks that diverge."""

import math

import numpy as np
import pytest
import torch

from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.data import VALIDATION_SIZE, DataSplits
from core.training.batched.mlp import BatchedMLP
from core.training.batched.results import N_RECENT, NetworkSpec
from core.training.batched.run import N_MEASUREMENTS, VALIDATION_INTERVAL
from tests.core import torch_reference
from tests.core.optimizer_race.conftest import Update
from tests.core.optimizer_race.helpers import RANDOM, SMALL, run, small_run, specs_of

pytestmark = pytest.mark.usefixtures("one_thread")


def batches_of(one_round: list[Update], config: OptimizerRaceConfig) -> list[Update]:
    """Return the updates of a round without the evaluation of the untrained networks."""
    return one_round[len(one_round) - config.updates :]


# ---- Fairness


def test_every_optimizer_and_rate_starts_from_the_weights_of_its_seed(updates):
    config = SMALL.changed(optimizers="gd,sgd,adam,muon", learning_rate=1e-4, epochs=1, extend=True)
    events, _ = run(config)
    entered = [specs_of(event, config) for event in events if "members" in event.arrays]
    assert len(updates) == len(entered) > 1
    starts: dict[int, list[dict[str, torch.Tensor]]] = {0: [], 1: []}
    for one_round, names in zip(updates, entered, strict=True):
        for number, spec in enumerate(names):
            starts[spec.seed].append(one_round[0].networks.weights(number))
    assert len(starts[0]) == len(starts[1]) > 4 * 3
    for seed in (0, 1):
        for name, weights in starts[seed][0].items():
            assert all(torch.equal(other[name], weights) for other in starts[seed])
            assert not (weights == starts[1 - seed][0][name]).any()


def test_every_round_has_the_same_batches_in_the_same_order(updates):
    config = SMALL.changed(learning_rate=1e-4, extend=True)
    run(config)
    rounds = [batches_of(one_round, config) for one_round in updates]
    assert len(rounds) > 1
    for one_round in rounds:
        assert len(one_round) == config.updates == 80
        for update, first in zip(one_round, rounds[0], strict=True):
            assert torch.equal(update.x, first.x)
            assert torch.equal(update.y, first.y)
    first, second = (torch.cat([update.x for update in rounds[0][start : start + 40]]) for start in (0, 40))
    # A pass shows every sample once, the next one in another order
    order, again = ({row.numpy().tobytes() for row in rows} for rows in (first, second))
    assert order == again
    assert len(order) == 640
    assert not torch.equal(first, second)


def test_a_network_is_the_same_alone_and_in_company(updates):
    """The other optimizers, learning rates and seeds of a run do not change the curve of a network."""
    company, _ = run(SMALL)
    alone, _ = run(SMALL, optimizers="adam", rates=1, seeds=1)
    number = specs_of(company[0], SMALL).index(NetworkSpec("adam", 0.03, 0))
    for theirs, ours in zip(company, alone, strict=True):
        np.testing.assert_allclose(theirs.arrays["train"][number], ours.arrays["train"][0], rtol=1e-4)
    for theirs, ours in zip(*(batches_of(one_round, SMALL) for one_round in updates), strict=True):
        assert torch.equal(theirs.x, ours.x)


def test_another_seed_of_the_run_has_other_weights_and_batches(updates):
    run(SMALL, epochs=1)
    run(SMALL, epochs=1, seed=1)
    first, second = (one_round[-1] for one_round in updates)
    assert not torch.equal(first.x, second.x)
    assert not (first.networks.W1 == second.networks.W1).any()


# ---- Training


def test_digits_are_learnt_and_the_same_run_is_the_same_to_the_last_bit():
    first, model = small_run()
    second, again = run(SMALL)
    assert model.metrics["test/adam"] > 0.6
    assert model.metrics["loss"] < 1.0 < first[0].metrics["loss"]
    assert model.metrics == again.metrics
    assert [event.metrics for event in first] == [event.metrics for event in second]
    for one, two in zip(first, second, strict=True):
        assert one.arrays.keys() == two.arrays.keys()
        for name, values in one.arrays.items():
            np.testing.assert_array_equal(values, two.arrays[name])


def test_events_are_as_documented():
    config = SMALL.changed(epochs=5, batch_size=10)
    events, model = run(config)
    assert config.updates == 320
    spacing = math.ceil(320 / N_MEASUREMENTS)
    assert [event.step for event in events] == [*range(0, 320, spacing), 320]
    assert {event.total for event in events} == {320}
    for number, event in enumerate(events):
        expected = {"train"}
        expected |= {"members"} if number == 0 else set()
        expected |= (
            {"validation_loss", "accuracy"} if number % VALIDATION_INTERVAL == 0 or event is events[-1] else set()
        )
        expected |= {"test"} if event is events[-1] else set()
        assert event.arrays.keys() == expected
        assert all(len(values) == 18 for values in event.arrays.values())
    assert specs_of(events[0], config) == [
        NetworkSpec(name, rate, seed)
        for name in ("sgd", "momentum", "adam")
        for rate in (0.01, 0.03, 0.1)
        for seed in (0, 1)
    ]
    assert model.metrics.keys() == {"loss"} | {
        f"{what}/{name}" for what in ("train", "validation_loss", "rate", "test") for name in config.optimizers
    }


def test_the_numbers_are_those_of_networks_in_plain_torch():
    """Step 0 is the untrained network; train is the mean since the last event; the others are those at the end."""
    config = SMALL.changed(optimizers="sgd", rates=1, learning_rate=0.1, epochs=5, batch_size=10)
    data, spacing = DataSplits(config), 4
    events, model = run(config)
    networks = BatchedMLP.initialize(config.sizes, [0, 1], dtype=torch.float32)
    batches = [data.batch(step) for step in range(config.updates)]
    tests, finals = [], []
    for seed in (0, 1):
        losses, network = torch_reference.train("sgd", networks.weights(seed), 0.1, batches)
        curve = [losses[0], *np.reshape(losses, (-1, spacing)).mean(1)]
        np.testing.assert_allclose([event.arrays["train"][seed] for event in events], curve, rtol=1e-3)
        untrained = torch_reference.sequential(networks.weights(seed))
        for event, judge in ((events[0], untrained), (events[-1], network)):
            x, y = data.validation()
            logits = judge(x).detach()
            expected = float(torch.nn.functional.cross_entropy(logits, y))
            assert event.arrays["validation_loss"][seed] == pytest.approx(expected, rel=1e-3)
            accuracy = float((logits.argmax(1) == y).double().mean())
            assert event.arrays["accuracy"][seed] == pytest.approx(accuracy, abs=2 / VALIDATION_SIZE)
        finals.append(expected)
        x, y = data.test()
        tests.append(float((network(x).argmax(1) == y).double().mean()))
    np.testing.assert_allclose(events[-1].arrays["test"], tests, atol=5e-4)
    assert model.metrics["test/sgd"] == pytest.approx(np.median(tests), abs=5e-4)
    np.testing.assert_allclose(events[-1].arrays["validation_loss"], finals, rtol=1e-3)
    recent = [event.arrays["validation_loss"] for event in events if "validation_loss" in event.arrays]
    recent = np.mean(recent[-min(N_RECENT, len(recent) // 2) :], axis=0)
    assert model.metrics["validation_loss/sgd"] == model.metrics["loss"] == pytest.approx(np.median(recent))
    assert model.metrics["train/sgd"] == pytest.approx(float(np.median(events[-1].arrays["train"])))
    for name, weights in network.state_dict().items():
        assert model.weights[name].shape == weights.shape


def test_the_weights_are_the_winners_with_its_first_seed():
    events, model = small_run()
    final = events[-1].arrays
    recent = [event.arrays["validation_loss"] for event in events if "validation_loss" in event.arrays]
    validation = np.mean(recent[-min(N_RECENT, len(recent) // 2) :], axis=0).reshape(9, 2)
    number = 2 * int(np.median(validation, axis=1).argmin())
    x, y = DataSplits(SMALL).validation()
    accuracy = float((torch_reference.sequential(model.weights)(x).argmax(1) == y).double().mean())
    assert accuracy == pytest.approx(final["accuracy"][number])
    assert len({float(value) for value in final["accuracy"]}) > 10


@pytest.mark.parametrize("config", [SMALL, RANDOM])
def test_what_diverges_is_told_and_spoils_no_other_network(config):
    wild = config.changed(optimizers="sgd,momentum", learning_rate=100, rates=9, rates_per_decade=1)
    tame = wild.changed(learning_rate=0.1, rates=2)
    events, model = run(wild)
    alone, _ = run(tame)
    names, others = specs_of(events[0], wild), specs_of(alone[0], tame)
    shared = [names.index(spec) for spec in others]
    lost = [number for number, spec in enumerate(names) if spec.learning_rate >= 100]
    assert (tame.learning_rates, len(shared), len(lost)) == ((0.01, 0.1), 8, 20)
    for event, calm in zip(events, alone, strict=True):
        for what in ("train", "validation_loss"):
            if what in event.arrays:
                assert not np.isinf(event.arrays[what]).any()
                np.testing.assert_allclose(event.arrays[what][shared], calm.arrays[what], rtol=1e-3)
    for what in ("train", "validation_loss"):
        # ReLU keeps the cross-entropy of digits a number, though a hopeless one
        final = events[-1].arrays[what][lost]
        assert np.isnan(final).all() if config is RANDOM else (final > 2).all()
        assert (events[-1].arrays[what][shared] < 3).all()
    assert 0 < model.metrics["loss"] < 2


def test_a_race_in_which_all_diverge_has_no_winner():
    events, model = run(RANDOM, optimizers="sgd", learning_rate=1000, rates=1, extend=True)
    assert model.metrics == {"loss": None, "train/sgd": None, "validation_loss/sgd": None, "rate/sgd": 1000}
    assert model.weights == {}
    assert events[-1].step == events[-1].total == 60
    # A loss that is not a number is never a very large number
    for event in events[1:]:
        assert event.metrics["loss"] is None or event.metrics["loss"] < 1e30
