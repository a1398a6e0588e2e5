"""The quality of reconstructions, and its comparison with filters and with the corrupted images themselves."""

import math

import numpy as np
import pytest

from core.evaluation.metrics import mean_psnr, ssim
from core.topics.autoencoder.data import EVAL_SUBSET, corrupted_pairs
from core.topics.autoencoder.filters import best_filter
from core.topics.autoencoder.quality import (
    Comparison,
    ReconstructionQuality,
    best_filter_quality,
    evaluate_quality,
    is_constant,
)

LEVELS = (("salt_and_pepper", 0.2),)


def test_quality_is_that_of_the_reconstructed_test_images():
    corrupted, clean = corrupted_pairs("mnist", "test", LEVELS, EVAL_SUBSET)
    quality = evaluate_quality("mnist", LEVELS, lambda images: images / 2)
    assert quality.psnr == pytest.approx(mean_psnr(corrupted / 2, clean))
    assert quality.ssim == pytest.approx(float(ssim(corrupted / 2, clean).mean()))
    assert evaluate_quality("mnist", (), lambda images: images) == (math.inf, pytest.approx(1))


def test_the_best_filter_is_evaluated_on_the_same_images():
    assert best_filter_quality("mnist", LEVELS) == evaluate_quality("mnist", LEVELS, best_filter("mnist", LEVELS))


def compare(corrupted: float, filtered: float | None, reconstructed: float, ssims: tuple = (0.5, 0.5)) -> Comparison:
    """Return the comparison of these PSNRs; ``ssims`` are those of the corrupted and the reconstructed images."""
    return Comparison(
        ReconstructionQuality(corrupted, ssims[0]),
        None if filtered is None else ReconstructionQuality(filtered, 0.5),
        ReconstructionQuality(reconstructed, ssims[1]),
    )


@pytest.mark.parametrize(
    ("psnrs", "verdict"),
    [
        ((math.inf, math.inf, 22), "uncorrupted"),
        ((14, 17, 13), "harmful"),
        ((14, 13, 13.5), "harmful"),
        ((14, 17, 16), "worse_than_filter"),
        ((14, 17, 20), "best"),
        ((14, 17, math.nan), "best"),
        ((14, 14, 16), "filters_harm"),  # the best filter is none
        ((14, 13.9, 16), "filters_harm"),
        ((14, None, 16), "better"),
    ],
)
def test_a_network_is_compared_with_the_filter_and_with_the_corrupted_images(psnrs, verdict):
    assert compare(*psnrs).verdict == verdict


def test_gains_are_differences_in_decibels():
    comparison = compare(14, 17, 20)
    assert (comparison.gain, comparison.gain_over_filter) == (6, 3)
    assert math.isnan(compare(14, None, 20).gain_over_filter)


def test_psnr_and_ssim_may_disagree():
    assert compare(14, 17, 13, ssims=(0.7, 0.8)).only_ssim_gains
    assert not compare(14, 17, 13, ssims=(0.8, 0.7)).only_ssim_gains
    assert not compare(14, 17, 20, ssims=(0.7, 0.8)).only_ssim_gains


def test_outputs_that_are_all_the_same_are_no_failure_of_a_young_network():
    same, other = np.full((3, 2, 2), 7, np.uint8), np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    assert is_constant(same, 50)
    assert not is_constant(same, 49)
    assert not is_constant(other, 50)
