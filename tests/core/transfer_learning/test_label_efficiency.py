"""The ladders: rates that nobody's test has chosen, counts between those that were tried, and what the pairs show."""

import numpy as np
import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.transfer_learning.config import PAIRS
from core.topics.transfer_learning.data import labelled, unseen
from core.topics.transfer_learning.label_efficiency import config as ladder_config
from core.topics.transfer_learning.label_efficiency import train as ladder
from core.topics.transfer_learning.label_efficiency.config import PRESETS, RUNGS, LadderConfig
from core.topics.transfer_learning.label_efficiency.results import Ladder
from core.topics.transfer_learning.label_efficiency.train import train
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining import train as sources
from core.topics.transfer_learning.train import TESTED, Learner
from core.training.progress import run_to_end
from core.training.timing import threads

SEEDS = 3


def climbed(means: dict[int, dict[str, float]], spread: float = 0.01) -> Ladder:
    """A ladder with these mean accuracies."""
    metrics = {}
    for count, of in means.items():
        for rung, mean in of.items():
            metrics |= {f"{count}/{rung}/{number}": mean + spread * (number - 1) for number in range(SEEDS)}
    return Ladder(LadderConfig(pair="other_digits"), metrics)


@pytest.fixture
def two_counts(monkeypatch):
    monkeypatch.setattr(ladder_config, "COUNTS", (1, 10))


def test_counts_between_those_that_were_tried_are_read_off_straight_over_the_logarithm(two_counts):
    it = climbed({1: {"scratch": 0.5, "frozen": 0.7}, 10: {"scratch": 0.8, "frozen": 0.9}})
    assert it.at("scratch", 1) == pytest.approx(0.5)
    assert it.at("scratch", 10**0.5) == pytest.approx(0.65)
    assert it.at("frozen", 10) == it.at("frozen", 200) == pytest.approx(0.9)
    assert it.labels_for("scratch", 0.65) == pytest.approx(10**0.5)
    assert it.labels_for("scratch", 0.4) == 1
    assert it.labels_for("scratch", 0.9) is None


def test_transfer_helps_or_harms_where_all_seeds_say_so(two_counts):
    it = climbed({1: {"scratch": 0.5, "frozen": 0.7, "random": 0.3, "fine_tuned": 0.51}, 10: {"scratch": 0.8}})
    assert (it.helps("frozen", 1), it.harms("frozen", 1)) == (True, False)
    assert (it.helps("random", 1), it.harms("random", 1)) == (False, True)
    assert (it.helps("fine_tuned", 1), it.harms("fine_tuned", 1)) == (False, False)


def test_a_ladder_takes_the_rate_that_is_best_on_pictures_which_nobody_is_tested_on(monkeypatch):
    monkeypatch.setattr(ladder_config, "COUNTS", (2,))
    monkeypatch.setattr(ladder_config, "UPDATES", 20)
    monkeypatch.setattr(ladder, "RATES", (1e-6, 0.003))
    events = []
    model = run_to_end(train(LadderConfig(threads=1, seeds=2)), events.append)
    assert [(event.step, event.total) for event in events] == [(0, 1), (1, 1)]
    assert {model.metrics[f"2/{rung}/rate"] for rung in RUNGS} == {0.003}
    found = [[model.metrics[f"2/{rung}/{number}"] for number in range(2)] for rung in RUNGS]
    np.testing.assert_allclose(model.weights["accuracies"][0], found)
    assert np.mean(found) > 0.4


@pytest.mark.parametrize(("count", "updates"), [(1, 300), (10, 300), (100, 320), (200, 640)])
def test_every_count_has_updates_enough(count, updates):
    config = LadderConfig().at(count, 0.003, "frozen")
    assert (config.labels, config.kept) == (count, 2)
    assert config.updates >= updates
    assert config.epochs >= 20
    assert LadderConfig().at(count, 0.003, "frozen_hidden").kept == 3


# ---- What ships


def shipped(pair: str) -> Ladder:
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.label_efficiency-{pair}")
    assert run.config == PRESETS[pair]
    return Ladder(run.config, run.metrics)


@pytest.mark.parametrize(
    ("pair", "count", "rungs"),
    [("other_digits", 10, ("scratch", "frozen")), ("digits_to_fashion", 10, ("scratch", "fine_tuned_hidden"))],
)
def test_a_shipped_ladder_says_what_its_networks_read(pair, count, rungs):
    """Trained anew at the rates that were chosen, with the first seed."""
    climbed, (known, target) = shipped(pair), PAIRS[pair]
    with threads(1):
        for rung in rungs:
            config = PRESETS[pair].at(count, climbed.rate(rung, count), rung)
            learner = Learner(config, RUNGS[rung][0], 0, labelled(target, count, seed=0), sources.weights(known))
            for step in range(1, config.updates + 1):
                learner.update(step)
            found = accuracy(learner.network, *unseen(target, TESTED, noise=0.0))
            assert found == pytest.approx(climbed.accuracies(rung, count)[0], abs=0.02)


def test_transfer_to_other_digits_saves_more_than_half_of_the_labels():
    """By at least 5 points with 5 and 10 labels of each class, over a network from scratch that is tuned as well."""
    climbed = shipped("other_digits")
    for count in (5, 10):
        reached = climbed.at("frozen", count)
        assert reached > climbed.at("scratch", count) + 0.05
        assert climbed.labels_for("scratch", reached) > 2 * count


@pytest.mark.parametrize(
    ("pair", "rung", "counts"),
    [
        ("digits_to_fashion", "fine_tuned_hidden", (10, 20)),
        ("fashion_to_digits", "fine_tuned_hidden", (20, 50)),
        ("permuted_to_digits", "fine_tuned_hidden", (50, 200)),
        ("shuffled_to_digits", "fine_tuned", (20, 50)),
        ("digits_to_fashion", "frozen_hidden", (5, 10, 20, 50, 200)),
        ("shuffled_to_digits", "frozen_hidden", (1, 5, 10, 20, 50, 200)),
    ],
)
def test_negative_transfer(pair, rung, counts):
    climbed = shipped(pair)
    for count in counts:
        assert climbed.harms(rung, count)
        assert climbed.accuracies(rung, count).max() < climbed.accuracies("scratch", count).min()
