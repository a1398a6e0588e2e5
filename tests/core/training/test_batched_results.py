"""Results of batched networks: curves, ranking, and winner."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.results import Results
from core.training.progress import Progress

pytestmark = pytest.mark.usefixtures("one_thread")


HAND = OptimizerRaceConfig(optimizers="sgd,adam", rates=2, rates_per_decade=1, learning_rate=1, seeds=3)


TABLE = np.array([(name, rate, seed) for name in (0, 1) for rate in (0.1, 1.0) for seed in (0, 1, 2)])


def hand_made(**final: Sequence[float]) -> list[Progress]:
    """A race with two events, two optimizers, two learning rates, and three seeds."""
    start = {what: np.full(12, 2.5, dtype=np.float32) for what in ("train", "validation_loss")}
    end = {what: np.array(values, dtype=np.float32) for what, values in final.items()}
    return [Progress(0, 7, {}, {"members": TABLE, **start}), Progress(7, 7, {}, end)]


FINAL_LOSSES = [0.4, 0.2, 0.9, 0.5, 0.6, 0.7, 0.8, 0.3, 0.5, math.nan, math.nan, 0.1]


def test_curves_are_medians_with_the_lowest_and_highest_of_the_seeds():
    train_last = np.random.default_rng(0).random(12)
    results = Results.from_events(HAND, hand_made(validation_loss=FINAL_LOSSES, train=train_last))
    for number, (name, rate) in enumerate([("sgd", 0.1), ("sgd", 1.0), ("adam", 0.1), ("adam", 1.0)]):
        three = slice(3 * number, 3 * number + 3)
        curve = results.curve(name, rate, "train")
        assert curve.steps.tolist() == [0, 7]
        for ours, numpys in ((curve.median, np.median), (curve.low, np.min), (curve.high, np.max)):
            np.testing.assert_allclose(ours, [2.5, numpys(train_last[three])], rtol=1e-6)
        expected = np.median(np.where(np.isnan(FINAL_LOSSES[three]), np.inf, FINAL_LOSSES[three]))
        assert results.validation_loss(name, rate) == pytest.approx(expected)
    validation = results.curve("adam", 1.0, "validation_loss")
    assert validation.median.tolist() == [2.5, math.inf]
    assert validation.high.tolist() == [2.5, math.inf]
    assert validation.low[1] == pytest.approx(0.1)
    assert results.curve("adam", 1.0, "accuracy") is None
    assert results.curve("adam", 3.0, "train") is None
    assert results.current("adam", 0.1, "test") is None


def test_the_ranking_depends_on_the_rate():
    accuracy = np.linspace(0.1, 0.9, 12)
    results = Results.from_events(HAND, hand_made(validation_loss=FINAL_LOSSES, train=np.arange(12), accuracy=accuracy))
    own = results.ranking()
    assert [(result.variant, result.learning_rate) for result in own] == [("sgd", 0.1), ("adam", 0.1)]
    assert own[0].validation_loss == pytest.approx(0.4)
    assert own[1].validation_loss == pytest.approx(0.5)
    assert [result.training_loss for result in own] == [1, 7]
    assert own[1].validation_accuracy == pytest.approx(accuracy[7])
    assert (own[0].test_accuracy, own[0].at_range_end) == (None, True)
    assert results.winner() == ("sgd", 0.1)
    assert (own[0].lowest_loss, own[0].highest_loss, own[1].lowest_loss, own[1].highest_loss) == pytest.approx(
        (0.2, 0.9, 0.3, 0.8)
    )
    assert own[0].overlaps(own[1])
    assert not own[0].overlaps(own[1]._replace(lowest_loss=0.91, highest_loss=1.0))
    common = results.ranking(learning_rate=1.0)
    assert [result.variant for result in common] == ["sgd", "adam"]
    assert common[1].validation_loss == math.inf
    better_adam = [*FINAL_LOSSES[:9], 0.4, 0.45, 0.3]
    results = Results.from_events(HAND, hand_made(validation_loss=better_adam, train=np.arange(12)))
    assert [result.variant for result in results.ranking(learning_rate=1.0)] == ["adam", "sgd"]
    assert [result.variant for result in results.ranking(learning_rate=0.1)] == ["sgd", "adam"]
    assert results.ranking(learning_rate=0.5) == []


def test_who_diverged_never_wins():
    results = Results.from_events(HAND, hand_made(validation_loss=[math.nan] * 12, train=[math.nan] * 12))
    assert results.winner() is None
    assert results.extension("sgd", 2) == range(0)
    assert Results.from_events(HAND, hand_made(validation_loss=FINAL_LOSSES, train=FINAL_LOSSES)).winner() == (
        "sgd",
        0.1,
    )
