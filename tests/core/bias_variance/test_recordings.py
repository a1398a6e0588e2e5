"""The claims about the presets, computed from their recordings, and the rules of `CapacityAnalysis`."""

from pathlib import Path

import numpy as np
import pytest

from core.engine import RunStore
from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.train import train
from core.training.progress import Progress

ROOT = Path(__file__).parents[3]
TRAIN, VALIDATION, TEST = range(3)


def analysis_of_recording(preset: str) -> CapacityAnalysis:
    """Analyze the recording of a preset. tests/core/test_recordings.py replays its beginning."""
    recording = RunStore(ROOT / "checkpoints").load(f"bias_variance-{preset}")
    assert recording.config == PRESETS[preset]
    return CapacityAnalysis.from_events(recording.config, recording.history())


def noise_errors(config: BiasVarianceConfig) -> list[float]:
    """Return the errors of the true curve on the training, validation, and test points of all data sets."""
    task = Task(config)
    return [float((y - task.true_curve(x)).square().mean()) for x, y in (task.train, task.validation, task.test)]


def test_polynomials_have_a_u():
    analysis = analysis_of_recording("polynomials")
    assert analysis.underfits
    assert analysis.overfits
    assert 3 <= analysis.capacities[analysis.best_index] <= 9
    assert analysis.test_error_ratio(0) > 4
    assert analysis.test_error_ratio(15) > 5
    bias2, variance = analysis.decomposition
    assert bias2[1] > 10 * variance[1]
    assert variance[15] > 10 * bias2[15]
    train = analysis.mean_errors[TRAIN]
    assert (np.diff(train) <= 0).all()  # the training error falls with the degree
    assert train[15] < analysis.noise_variance / 4
    assert analysis.n_worse(15) == 30


def test_the_training_error_without_bias_is_that_of_least_squares():
    """Least squares with p coefficients on n points has an expected training error of (1 − p / n) σ²."""
    analysis = analysis_of_recording("polynomials")
    config = analysis.config
    without_noise = CapacityAnalysis.from_events(config, train(config.changed(noise=0)))
    assert (without_noise.decomposition[0, 7:] < 0.02 * analysis.noise_variance).all()
    n_coefficients = np.arange(16) + 1
    expected = (1 - n_coefficients / config.points) * analysis.noise_variance
    # The sum of the squared residuals has a χ² distribution
    relative_std = np.sqrt(2 / (config.data_sets * (config.points - n_coefficients)))
    deviations = (analysis.mean_errors[TRAIN] - expected) / (expected * relative_std)
    assert (np.abs(deviations[7:]) < 3).all()


def test_more_data_reduces_the_variance():
    few, many = analysis_of_recording("polynomials"), analysis_of_recording("more_data")
    assert many.underfits
    assert not many.overfits
    assert (many.decomposition[1] < few.decomposition[1] / 4).all()
    np.testing.assert_allclose(many.decomposition[0][:3], few.decomposition[0][:3], rtol=0.1)  # but not the bias
    assert many.mean_errors[TEST, 15] < few.mean_errors[TEST, 15] / 5


def test_the_penalty_reduces_the_variance_at_the_cost_of_bias():
    plain, penalized = analysis_of_recording("polynomials"), analysis_of_recording("l2")
    assert penalized.mean_errors[TEST, 15] < plain.mean_errors[TEST, 15] / 3
    assert penalized.decomposition[1, 15] < plain.decomposition[1, 15] / 5
    assert penalized.decomposition[0, 15] > plain.decomposition[0, 15]
    assert penalized.mean_errors[TRAIN, 15] > plain.mean_errors[TRAIN, 15]


def test_underfitted_at_every_degree():
    analysis = analysis_of_recording("underfit")
    bias2, variance = analysis.decomposition
    assert (bias2 > 3 * variance).all()
    assert (bias2 > analysis.noise_variance).all()
    assert analysis.underfits
    assert not analysis.overfits
    np.testing.assert_allclose(analysis.mean_errors[TRAIN], analysis.mean_errors[TEST], rtol=0.4)


def test_networks_have_no_u():
    analysis = analysis_of_recording("networks")
    assert analysis.underfits
    assert not analysis.overfits
    assert analysis.plateaus or analysis.test_error_ratio(len(analysis.capacities) - 1) < 1.2
    assert analysis.capacities[analysis.sufficient_index] <= 6
    six, sixty_four = (analysis.mean_errors[TEST, analysis.capacities.index(width)] for width in (6, 64))
    assert sixty_four < 1.1 * six


def test_trained_too_long_larger_networks_fit_the_noise():
    analysis = analysis_of_recording("overtrained")
    assert analysis.overfits
    assert analysis.mean_errors[TRAIN, -1] < analysis.noise_variance / 10
    assert analysis.mean_errors[TEST, -1] > 1.8 * analysis.noise_variance
    assert analysis.decomposition[1, -1] > 10 * analysis.decomposition[0, -1]


def test_early_stopping_prevents_overfitting():
    late, stopped = analysis_of_recording("overtrained"), analysis_of_recording("early_stopping")
    np.testing.assert_allclose(stopped.current_means, late.current_means, rtol=1e-3)  # the training is the same
    assert not stopped.overfits
    assert (stopped.mean_errors[TEST, 4:] < 0.85 * late.mean_errors[TEST, 4:]).all()
    assert (stopped.stopped_at[4:].mean(1) < 1500).all()

    # The validation error is too optimistic. A few validation points may have more or less noise than expected.
    above_noise = stopped.mean_errors - np.array(noise_errors(stopped.config))[:, None]
    assert (above_noise[VALIDATION, 4:] < above_noise[TEST, 4:]).all()


def test_dropout_helps_large_networks_and_harms_small_ones():
    plain, dropped = analysis_of_recording("overtrained"), analysis_of_recording("dropout")
    assert (dropped.mean_errors[TEST, 7:] < 0.85 * plain.mean_errors[TEST, 7:]).all()
    assert (dropped.mean_errors[TEST, 1:4] > 1.1 * plain.mean_errors[TEST, 1:4]).all()
    assert (dropped.decomposition[1, 7:] < 0.6 * plain.decomposition[1, 7:]).all()


# ---- The rules of the analysis


def make_analysis(
    test: list[float], *, validation: list[float] | None = None, train: list[float] | None = None
) -> CapacityAnalysis:
    """Return an analysis with these mean errors over 20 data sets that differ a little."""
    count = len(test)
    config = BiasVarianceConfig(data_sets=20, largest_degree=count - 1)
    means = np.array([train or list(np.linspace(1, 0.1, count)), validation or test, test])
    errors = means[:, :, None] + np.linspace(-0.01, 0.01, 20)
    arrays = {"now": means, "errors": errors, "parts": means[:2], "curves": np.zeros((count, 20, 3))}
    return CapacityAnalysis.from_events(config, [Progress(0, 1, {"flat": 2.0}, arrays)])


@pytest.mark.parametrize(
    ("test", "underfits", "overfits"),
    [
        ([1, 0.5, 0.2, 0.5, 1], True, True),
        ([1, 0.5, 0.2, 0.21, 0.21], True, False),
        ([0.2, 0.21, 0.3, 0.5, 1], False, True),
        ([0.2, 0.21, 0.2, 0.21, 0.2], False, False),
        ([1, 0.8, 0.6, 0.4, 0.2], True, False),
    ],
)
def test_underfitting_and_overfitting_are_read_from_the_test_error(test, underfits, overfits):
    analysis = make_analysis(test)
    assert (analysis.underfits, analysis.overfits) == (underfits, overfits)


def test_the_best_capacity_is_chosen_on_validation():
    analysis = make_analysis([1, 0.2, 0.3, 0.5], validation=[1, 0.3, 0.2, 0.5])
    assert analysis.best_index == 2
    assert analysis.test_error_ratio(1) == pytest.approx(2 / 3)


def test_overfitting_requires_a_rise_in_most_data_sets():
    analysis = make_analysis([1, 0.2, 0.2])
    analysis.errors[2, 2] = 0.2
    analysis.errors[2, 2, :5] = 5.0  # in a quarter of the data sets only
    assert analysis.mean_errors[2, 2] > 1
    assert not analysis.overfits


def test_a_rise_with_a_higher_training_error_is_not_overfitting():
    rising = [1, 0.2, 0.5, 1]
    assert make_analysis(rising).overfits
    assert not make_analysis(rising, train=[1, 0.2, 0.5, 1.5]).overfits


def test_fits_worse_than_constants_are_reported():
    analysis = make_analysis([1, 0.2, 0.5, 1], train=[1, 0.2, 2.1, 2.3])
    assert analysis.worse_than_constant == [3]
    assert analysis.hardly_trained
    assert not analysis.failed  # the learning rate is low: it is hardly trained
    analysis.errors[0, 1] = np.nan
    assert analysis.worse_than_constant == [1, 3]
    assert analysis.failed


def test_negligible_errors_count_as_equal():
    analysis = make_analysis([1, 1e-15, 0.0, 1e-9])
    analysis.errors[2, 1:] = np.array([1e-15, 0.0, 1e-9])[:, None]
    assert not analysis.overfits
    assert analysis.test_error_ratio(3) == 1


def test_the_smallest_sufficient_capacity_and_the_plateau():
    analysis = make_analysis([1, 0.5, 0.21, 0.2, 0.2, 0.21])
    assert (analysis.best_index, analysis.sufficient_index, analysis.plateaus) == (3, 2, True)
    assert not make_analysis([1, 0.5, 0.21, 0.2, 0.4, 0.21]).plateaus


def test_double_descent_is_detected():
    assert make_analysis([1, 0.2, 0.5, 1, 0.6, 0.4]).double_descent_peak == 3
    assert make_analysis([1, 0.2, 0.5, 0.6, 0.8, 1]).double_descent_peak is None
    assert make_analysis([1, 0.2, 0.2, 0.2]).double_descent_peak is None


def test_single_data_sets_choose_different_capacities():
    analysis = make_analysis([1, 0.2, 0.3, 0.5])
    assert analysis.single_set_choices == (1, 1)
    analysis.errors[1, 3, 4], analysis.errors[1, 0, 5] = 0.0, 0.0
    assert analysis.single_set_choices == (0, 3)


def test_a_capacity_with_nan_is_never_the_best():
    analysis = make_analysis([1, 0.2, 0.3])
    analysis.errors[:, 1, 3] = np.nan
    assert analysis.best_index == 2
    assert analysis.n_not_finite == 1


def test_without_events_there_is_no_analysis():
    assert CapacityAnalysis.from_events(BiasVarianceConfig(), []) is None
