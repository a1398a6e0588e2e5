"""The learning-rate finder against known limits of the learning rate."""

import math

import numpy as np
import pytest
import torch

from core import topics
from core.engine import prepare
from core.tools.config import ToolConfig
from core.tools.learning_rate_finder import analysis
from core.tools.learning_rate_finder.train import rising_rates, train
from core.tools.settings import shortened, updates_per_epoch, with_constant_rate
from core.topics.manual_mlp.config import PRESETS as MANUAL_MLP
from core.topics.mnist_cnn.config import PRESETS as MNIST_CNN
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.training.progress import Progress, run_to_end
from tests.core.resume import assert_same, run

LINEAR = PlaygroundConfig(data="plane", noise=0.0, layers=0, batch_size=200)


def find(topic: str, config) -> tuple[list[Progress], dict]:
    settings, events = ToolConfig.of(topics.topic(topic), config), []
    prepare(settings)
    metrics = run_to_end(train(settings), events.append).metrics
    return events, dict(metrics)


def divergence_limit() -> float:
    """Return 2 / λ, where λ is the largest eigenvalue of the Hessian of the mean squared error of a linear model."""
    x = make_dataset(LINEAR).train_x
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1).double()
    hessian = 2 * x.T @ x / len(x)
    return 2 / float(torch.linalg.eigvalsh(hessian)[-1])


def test_the_loss_of_linear_regression_rises_beyond_the_known_limit():
    events, metrics = find("playground", LINEAR)
    ramp = [event.metrics for event in events if "smoothed_loss" in event.metrics]
    lowest = min(ramp, key=lambda metrics: metrics["loss"])
    limit = divergence_limit()
    assert limit < lowest["learning_rate"] < 6 * limit  # beyond the limit, the loss needs some updates to grow
    assert limit / 3 < metrics["suggestion"] < 3 * limit
    assert limit / 9 < metrics["recommendation"] < limit
    assert metrics["score/higher"] is None  # more than twice the limit


def test_every_update_has_its_own_rate_and_an_event():
    events, metrics = find("playground", PlaygroundConfig())
    ramp = [event.metrics["learning_rate"] for event in events if "smoothed_loss" in event.metrics]
    assert [event.step for event in events] == list(range(len(events)))
    assert events[-1].step == events[-1].total
    np.testing.assert_allclose(np.diff(np.log10(ramp)), 7 / 111)
    checks = {event.metrics["learning_rate"] for event in events if event.step > len(ramp)}
    assert checks == {*analysis.candidates(metrics["suggestion"], (1e-5, 100))}


def test_the_rates_are_those_of_the_optimizer(monkeypatch):
    used = []
    step = torch.optim.SGD.step

    def noted(optimizer, *arguments):
        used.append(optimizer.param_groups[0]["lr"])
        return step(optimizer, *arguments)

    monkeypatch.setattr(torch.optim.SGD, "step", noted)
    events, _metrics = find("playground", PlaygroundConfig())
    assert used == [event.metrics["learning_rate"] for event in events[1:]]


def test_a_network_that_cannot_learn_has_no_suggestion():
    dead = topics.topic("playground").presets["vanishing"].changed(layers=6, batch_size=200)
    _events, metrics = find("playground", dead)
    assert metrics["suggestion"] is None or metrics["score/suggested"] > 0.6


def test_the_tutorials_learning_rate_is_near_the_suggestion():
    _events, metrics = find("manual_mlp", MANUAL_MLP["tutorial"])
    assert 1e-6 / 3 < metrics["recommendation"] < 3e-6  # the preset has 1e-6, and diverges with 3e-6


def test_an_interrupted_search_is_the_same():
    settings = ToolConfig.of(topics.topic("playground"), PlaygroundConfig(layers=0, batch_size=200))
    whole = run(train, settings)
    ramp = sum("smoothed_loss" in event.metrics for event in whole[0])
    assert_same(whole, run(train, settings, {1, 40, ramp + 1, ramp + 101, ramp + 150, len(whole[0])}))


def test_the_smoothed_loss_is_that_of_a_library():
    pandas = pytest.importorskip("pandas")
    losses = np.random.default_rng(0).random(50)
    expected = pandas.Series(losses).ewm(alpha=1 - analysis.SMOOTHING, adjust=True).mean()
    np.testing.assert_allclose(analysis.smoothed(losses), expected)


RATES = np.geomspace(1e-5, 100, 112).tolist()


def test_a_loss_that_does_not_fall_gives_no_suggestion():
    assert analysis.suggest(RATES, [1.0] * 112) is None
    assert analysis.suggest(RATES, [1.0] * 5) is None
    falling = [1 / (1 + rate) for rate in RATES]
    assert analysis.suggest(RATES, falling) == pytest.approx(100 / analysis.MARGIN, rel=0.1)


@pytest.mark.parametrize(
    ("ends", "best", "is_confirmed"),
    [
        ((0.5, 0.1, 0.6), 1, True),
        ((0.102, 0.11, 0.1), 1, True),  # nearly the same
        ((0.5, 0.4, 0.1), 2, False),
        ((0.1, math.inf, math.inf), 0, False),
    ],
)
def test_the_short_runs_decide(ends, best, is_confirmed):
    runs = [[1.0, *[end] * 99] if end < math.inf else [1.0, None] for end in ends]
    verdict = analysis.judge(runs, updates=100)
    assert (verdict.best, verdict.is_confirmed) == (best, is_confirmed)
    assert verdict.scores == pytest.approx(ends)


def test_a_range_test_ends_when_it_diverges():
    assert not analysis.has_diverged([1.0, 0.5])
    assert analysis.has_diverged([1.0, None])
    assert analysis.has_diverged([1.0] * 20 + [100.0])


def test_the_settings_of_the_range_test():
    topic = topics.topic("mnist_cnn")
    ramp = with_constant_rate(topic, MNIST_CNN["fast"], updates=300)
    assert (ramp.schedule, ramp.keep_fraction, ramp.ema_decay) == ("constant", 1, 0)
    assert ramp.updates >= 300
    assert ramp.network == "tutorial"
    low, high = ramp.limits("learning_rate")
    assert rising_rates(ramp, most=ramp.updates)[:: 10**6] == [low]
    assert rising_rates(ramp, most=50)[-1] == high
    check = shortened(topic, MNIST_CNN["digits"], updates=100)
    assert (check.updates, updates_per_epoch(check), check.schedule) == (100, 100, "onecycle")
