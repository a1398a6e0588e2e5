"""The statements of the lesson are those of the recordings and of the page's messages."""

import numpy as np
import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS, ROOT
from core.topics.bias_variance.analysis import TEST, TRAIN, VALIDATION, CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.train import train
from core.training.progress import Progress, run_to_end
from pages.components import text
from pages.foundations.bias_variance import conclusions

LESSON = (ROOT / "pages/foundations/bias_variance/lesson.en.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def in_english(monkeypatch) -> None:
    monkeypatch.setattr(text, "_language", lambda: "en")


def recording(preset: str) -> CapacityAnalysis:
    run = RunStore(CHECKPOINTS).load(f"bias_variance-{preset}")
    return CapacityAnalysis.from_events(run.config, run.history())


def solve(config: BiasVarianceConfig) -> CapacityAnalysis:
    events: list[Progress] = []
    run_to_end(train(config), events.append)
    return CapacityAnalysis.from_events(config, events)


def test_twenty_points_have_a_u_without_double_descent():
    analysis = recording("polynomials")
    assert (analysis.config.points, analysis.capacities[-1]) == (20, 15)
    assert "degrees up to 15 fitted to 20 points" in LESSON
    assert analysis.double_descent_peak is None
    assert analysis.underfits
    assert (np.diff(analysis.mean_errors[TEST, analysis.best_index :]) > 0).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_twelve_points_have_double_descent_and_the_page_says_so(seed):
    assert "With only 12 points, the test error peaks at degree 11" in LESSON
    analysis = solve(BiasVarianceConfig(points=12, seed=seed))
    assert analysis.double_descent_peak == 11
    assert any("peaks at degree 11 and falls again" in remark for remark in conclusions.remarks(analysis))
    assert (analysis.mean_errors[TRAIN, 11:] < 1e-6).all()
    assert (analysis.mean_errors[TRAIN, :11] > 1e-3).all()
    assert analysis.mean_errors[TEST, 15] < analysis.mean_errors[TEST, 11] / 5


def test_the_error_above_the_noise_is_bias_or_variance():
    for preset in ("polynomials", "overtrained"):
        bias2, variance = recording(preset).decomposition
        assert bias2[0] > 3 * variance[0]
        assert variance[-1] > 10 * bias2[-1]


def test_with_few_coefficients_the_variance_falls_as_one_over_n():
    few, many = recording("polynomials"), recording("more_data")
    ratio = few.decomposition[1] / many.decomposition[1]
    more_points = many.config.points / few.config.points
    assert (ratio[:8] > 0.5 * more_points).all()
    assert (ratio[:8] < 1.5 * more_points).all()
    assert ratio[15] > 5 * more_points


def test_most_choices_of_single_data_sets_cost_little_but_some_cost_much():
    analysis = recording("polynomials")
    test, best = analysis.errors[TEST], analysis.errors[TEST, analysis.best_index]
    cost = test[analysis.errors[VALIDATION].argmin(0), np.arange(test.shape[1])] / best
    assert np.ptp(analysis.single_set_choices) > 8  # the capacities are very different
    assert (cost < 1.1).mean() > 0.7
    assert cost.max() > 1.5


def test_the_validation_error_of_early_stopping_is_too_low_on_average():
    analysis = recording("early_stopping")
    task = Task(analysis.config)
    # A few validation points may have more or less noise than expected
    validation, test = (
        analysis.mean_errors[split].mean() - float((y - task.true_curve(x)).square().mean())
        for split, (x, y) in ((VALIDATION, task.validation), (TEST, task.test))
    )
    assert validation < test


def test_the_example_of_the_training_error_has_the_default_points():
    assert "With 6 coefficients and 20 points" in LESSON
    assert PRESETS["polynomials"].points == 20
    assert f"${1 - 6 / 20:g}\\,\\sigma^2$" in LESSON
