"""The ladders: rates that nobody's test has chosen, counts between those that were tried, and what the pairs show."""

import numpy as np
import pytest

from core.progress import drain
from core.transfer import ladder
from core.transfer.ladder import RUNGS, LadderConfig, train
from core.transfer.rungs import Ladder

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
    monkeypatch.setattr(ladder, "COUNTS", (1, 10))


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
    monkeypatch.setattr(ladder, "COUNTS", (2,))
    monkeypatch.setattr(ladder, "UPDATES", 20)
    monkeypatch.setattr(ladder, "RATES", (1e-6, 0.003))
    events = []
    model = drain(train(LadderConfig(threads=1, seeds=2)), events.append)
    assert [(event.step, event.total) for event in events] == [(0, 1), (1, 1)]
    assert {model.metrics[f"2/{rung}/rate"] for rung in RUNGS} == {0.003}
    found = [[model.metrics[f"2/{rung}/{number}"] for number in range(2)] for rung in RUNGS]
    np.testing.assert_allclose(model.weights["accuracies"][0], found)
    assert np.mean(found) > 0.4


@pytest.mark.parametrize(("count", "updates"), [(1, 100), (10, 100), (100, 112), (200, 128)])
def test_every_count_has_updates_enough(count, updates):
    config = LadderConfig().at(count, 0.003, "frozen")
    assert (config.labels, config.kept) == (count, 2)
    assert config.updates >= 100
    assert config.epochs >= 4
    assert LadderConfig().at(count, 0.003, "frozen_hidden").kept == 3
