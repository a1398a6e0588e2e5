"""The extension of the range of learning rates."""

import numpy as np
import pytest

from core.topics.optimizer_race.config import PRESETS
from core.topics.optimizer_race.train import MAX_EXTENSIONS, RATES_PER_EXTENSION
from core.training.batched.data import DataSplits
from core.training.batched.results import Results
from tests.core import torch_reference
from tests.core.optimizer_race.helpers import SMALL, run, specs_of

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(("middle", "direction"), [(0.03, 1), (3.0, -1)])
def test_a_range_that_ends_too_early_is_extended_until_the_best_is_inside(middle, direction):
    config = SMALL.changed(optimizers="sgd", learning_rate=middle, extend=True)
    events, model = run(config)
    rounds = [event for event in events if "members" in event.arrays]
    results = Results.from_events(config, events)
    tried = results.learning_rates("sgd")
    entered = [sorted({spec.learning_rate for spec in specs_of(event, config)}) for event in rounds]
    assert len(rounds) == 2
    assert [event.step for event in rounds] == [0, config.updates]
    assert {event.total for event in events} == {config.updates, 2 * config.updates}
    assert entered[0] == list(config.learning_rates)
    assert len(entered[1]) == RATES_PER_EXTENSION
    assert min(entered[1]) > max(entered[0]) if direction > 0 else max(entered[1]) < min(entered[0])
    assert tried == sorted(entered[0] + entered[1])
    np.testing.assert_allclose(np.diff(np.log10(tried)), 0.5, atol=0.03)
    assert tried[0] < model.metrics["rate/sgd"] < tried[-1]
    assert not results.at_range_end("sgd")
    assert not results.ranking()[0].at_range_end
    # The curves of a later round begin at step 0, as those of the first
    for rate in tried:
        steps = results.curve("sgd", rate, "train").steps
        assert (steps[0], steps[-1]) == (0, config.updates)


def test_the_winner_of_a_later_round_is_returned():
    _events, model = run(SMALL, optimizers="sgd", learning_rate=0.003, extend=True)
    x, y = DataSplits(SMALL).test()
    assert float((torch_reference.sequential(model.weights)(x).argmax(1) == y).double().mean()) > 0.6


def test_only_who_is_at_an_end_is_extended():
    config = SMALL.changed(optimizers="sgd,adam", learning_rate=0.03, extend=True)
    events, model = run(config)
    assert 0.01 < model.metrics["rate/adam"] < 0.1 < model.metrics["rate/sgd"]
    later = [event for event in events if "members" in event.arrays][1:]
    assert later
    assert {spec.variant for event in later for spec in specs_of(event, config)} == {"sgd"}


def test_the_extension_ends():
    config = SMALL.changed(optimizers="sgd", learning_rate=1e-6, epochs=1, samples=160, extend=True)
    events, _ = run(config)
    results = Results.from_events(config, events)
    assert sum("members" in event.arrays for event in events) == 1 + MAX_EXTENSIONS
    assert len(results.learning_rates("sgd")) == 3 + MAX_EXTENSIONS * RATES_PER_EXTENSION
    assert results.at_range_end("sgd")
    assert results.ranking()[0].at_range_end


def test_without_extension_the_end_is_flagged_and_left():
    events, model = run(SMALL, optimizers="sgd", learning_rate=0.003, extend=False)
    results = Results.from_events(SMALL.changed(optimizers="sgd"), events)
    assert sum("members" in event.arrays for event in events) == 1
    assert results.learning_rates("sgd") == [0.001, 0.003, 0.01]
    assert model.metrics["rate/sgd"] == 0.01
    assert results.ranking()[0].at_range_end
    assert not results.ranking(learning_rate=0.01)[0].at_range_end


def test_plain_gradient_descent_at_its_best_rate_beats_the_tutorials_adam():
    config = PRESETS["tutorial"].changed(hidden_size=100, optimizers="gd,adam")
    events, _ = run(config)
    results = Results.from_events(config, events)
    assert 1e-4 in results.learning_rates("adam")
    best = results.best_learning_rate("gd")
    assert results.validation_loss("gd", best) < 0.01 * results.validation_loss("adam", 1e-4)
    assert results.learning_rates("gd")[0] < best < results.learning_rates("gd")[-1]
