"""What the presets tell, and how a run's own figures are put: the U, where there is one."""

from pathlib import Path

import numpy as np
import pytest

from core.engine import RunStore
from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.training.progress import Progress

ROOT = Path(__file__).parents[3]
TRAIN, VALIDATION, TEST = range(3)


def analysis_of_recording(preset: str) -> CapacityAnalysis:
    """Analyse the recording of a preset; tests/core/test_recordings.py replays its beginning."""
    recording = RunStore(ROOT / "checkpoints").load(f"bias_variance-{preset}")
    assert recording.config == PRESETS[preset]
    return CapacityAnalysis.from_events(recording.config, recording.history())


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
    assert (np.diff(train) <= 0).all()  # the larger, the better on its own points
    assert train[15] < analysis.noise_variance / 4
    assert analysis.n_worse(15) == 30


def test_more_data_take_the_variance_away():
    few, many = analysis_of_recording("polynomials"), analysis_of_recording("more_data")
    assert many.underfits
    assert not many.overfits
    assert (many.decomposition[1] < few.decomposition[1] / 4).all()
    np.testing.assert_allclose(many.decomposition[0][:3], few.decomposition[0][:3], rtol=0.1)  # and no bias
    assert many.mean_errors[TEST, 15] < few.mean_errors[TEST, 15] / 5


def test_the_penalty_tames_degree_15_at_the_price_of_bias():
    plain, tamed = analysis_of_recording("polynomials"), analysis_of_recording("l2")
    assert tamed.mean_errors[TEST, 15] < plain.mean_errors[TEST, 15] / 3
    assert tamed.decomposition[1, 15] < plain.decomposition[1, 15] / 5
    assert tamed.decomposition[0, 15] > plain.decomposition[0, 15]
    assert tamed.mean_errors[TRAIN, 15] > plain.mean_errors[TRAIN, 15]


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
    assert analysis.sufficient_index <= 3


def test_trained_too_long_the_larger_ones_learn_the_noise():
    analysis = analysis_of_recording("overtrained")
    assert analysis.overfits
    assert analysis.mean_errors[TRAIN, -1] < analysis.noise_variance / 10
    assert analysis.mean_errors[TEST, -1] > 1.8 * analysis.noise_variance
    assert analysis.decomposition[1, -1] > 10 * analysis.decomposition[0, -1]


def test_early_stopping_takes_the_overfitting_away():
    late, stopped = analysis_of_recording("overtrained"), analysis_of_recording("early_stopping")
    np.testing.assert_allclose(stopped.current_means, late.current_means, rtol=1e-3)  # it is the same training
    assert not stopped.overfits
    assert (stopped.mean_errors[TEST, 4:] < 0.85 * late.mean_errors[TEST, 4:]).all()
    assert (stopped.stopped_at[4:].mean(1) < 1500).all()
    assert (stopped.mean_errors[VALIDATION, 4:] < stopped.mean_errors[TEST, 4:]).all()  # too rosy


def test_dropout_helps_large_networks_and_harms_small_ones():
    plain, dropped = analysis_of_recording("overtrained"), analysis_of_recording("dropout")
    assert (dropped.mean_errors[TEST, 7:] < 0.85 * plain.mean_errors[TEST, 7:]).all()
    assert (dropped.mean_errors[TEST, 1:4] > 1.1 * plain.mean_errors[TEST, 1:4]).all()
    assert (dropped.decomposition[1, 7:] < 0.6 * plain.decomposition[1, 7:]).all()


# ---- How figures are put


def make_analysis(
    test: list[float], *, validation: list[float] | None = None, train: list[float] | None = None
) -> CapacityAnalysis:
    """A state with these mean errors, of 20 data sets that differ a little."""
    count = len(test)
    config = BiasVarianceConfig(data_sets=20, largest_degree=count - 1)
    means = np.array([train or list(np.linspace(1, 0.1, count)), validation or test, test])
    errors = means[:, :, None] + np.linspace(-0.01, 0.01, 20)
    arrays = {"now": means, "errors": errors, "parts": means[:2], "curves": np.zeros((count, 20, 3))}
    return CapacityAnalysis.from_events(config, [Progress(0, 1, {"flat": 2.0}, arrays)])


@pytest.mark.parametrize(
    ("test", "left", "right"),
    [
        ([1, 0.5, 0.2, 0.5, 1], True, True),
        ([1, 0.5, 0.2, 0.21, 0.21], True, False),
        ([0.2, 0.21, 0.3, 0.5, 1], False, True),
        ([0.2, 0.21, 0.2, 0.21, 0.2], False, False),
        ([1, 0.8, 0.6, 0.4, 0.2], True, False),
    ],
)
def test_the_shape_is_that_of_the_test_error(test, left, right):
    analysis = make_analysis(test)
    assert (analysis.underfits, analysis.overfits) == (left, right)


def test_what_is_best_is_chosen_on_validation():
    analysis = make_analysis([1, 0.2, 0.3, 0.5], validation=[1, 0.3, 0.2, 0.5])
    assert analysis.best_index == 2
    assert analysis.test_error_ratio(1) == pytest.approx(2 / 3)


def test_a_rise_has_to_be_one_in_most_data_sets():
    analysis = make_analysis([1, 0.2, 0.2])
    analysis.errors[2, 2] = 0.2
    analysis.errors[2, 2, :5] = 5.0  # in a quarter of them, however high
    assert analysis.mean_errors[2, 2] > 1
    assert not analysis.overfits


def test_a_rise_with_a_worse_training_error_is_no_overfitting():
    rising = [1, 0.2, 0.5, 1]
    assert make_analysis(rising).overfits
    assert not make_analysis(rising, train=[1, 0.2, 0.5, 1.5]).overfits


def test_what_has_not_been_learnt_is_lost():
    analysis = make_analysis([1, 0.2, 0.5, 1], train=[1, 0.2, 2.1, 2.3])
    assert analysis.worse_than_constant == [3]
    assert analysis.hardly_trained
    assert not analysis.failed  # at this rate: it has hardly been trained
    analysis.errors[0, 1] = np.nan
    assert analysis.worse_than_constant == [1, 3]
    assert analysis.failed


def test_what_is_exact_is_not_told_apart():
    analysis = make_analysis([1, 1e-15, 0.0, 1e-9])
    analysis.errors[2, 1:] = np.array([1e-15, 0.0, 1e-9])[:, None]
    assert not analysis.overfits
    assert analysis.test_error_ratio(3) == 1


def test_where_enough_is_enough():
    analysis = make_analysis([1, 0.5, 0.21, 0.2, 0.2, 0.21])
    assert (analysis.best_index, analysis.sufficient_index, analysis.plateaus) == (3, 2, True)
    assert not make_analysis([1, 0.5, 0.21, 0.2, 0.4, 0.21]).plateaus


def test_a_second_descent_is_found():
    assert make_analysis([1, 0.2, 0.5, 1, 0.6, 0.4]).double_descent_peak == 3
    assert make_analysis([1, 0.2, 0.5, 0.6, 0.8, 1]).double_descent_peak is None
    assert make_analysis([1, 0.2, 0.2, 0.2]).double_descent_peak is None


def test_each_data_set_alone_would_choose_its_own():
    analysis = make_analysis([1, 0.2, 0.3, 0.5])
    assert analysis.single_set_choices == (1, 1)
    analysis.errors[1, 3, 4], analysis.errors[1, 0, 5] = 0.0, 0.0
    assert analysis.single_set_choices == (0, 3)


def test_what_is_no_number_is_never_the_best():
    analysis = make_analysis([1, 0.2, 0.3])
    analysis.errors[:, 1, 3] = np.nan
    assert analysis.best_index == 2
    assert analysis.n_not_finite == 1


def test_before_the_first_event_nothing_is_known():
    assert CapacityAnalysis.from_events(BiasVarianceConfig(), []) is None
