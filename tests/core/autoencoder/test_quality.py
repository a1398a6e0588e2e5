"""The quality of reconstructions: against the metrics by hand, and its comparison with doing nothing."""

import math

import numpy as np
import pytest
import torch

from core.evaluation.metrics import mean_psnr, ssim
from core.topics.autoencoder.data import EVAL_SUBSET, N_SHOWN, corrupted_pairs
from core.topics.autoencoder.filters import best_filter
from core.topics.autoencoder.quality import Comparison, evaluate_best_filter, evaluate_quality, is_constant

LEVELS = (("salt_and_pepper", 0.2),)


def test_quality_is_that_of_the_reconstructed_test_images():
    corrupted, clean = corrupted_pairs("mnist", "test", LEVELS, EVAL_SUBSET)
    quality = evaluate_quality("mnist", LEVELS, lambda images: images / 2)
    assert quality.psnr == pytest.approx(mean_psnr(corrupted / 2, clean))
    assert quality.ssim == pytest.approx(float(ssim(corrupted / 2, clean).mean()))
    assert evaluate_quality("mnist", (), lambda images: images) == (math.inf, pytest.approx(1))


def test_the_best_filter_is_evaluated_on_the_same_images():
    result = evaluate_best_filter("mnist", LEVELS)
    assert result.filter == best_filter("mnist", LEVELS)
    assert result.quality == evaluate_quality("mnist", LEVELS, result.filter)
    assert torch.equal(result.images, result.filter(corrupted_pairs("mnist", "test", LEVELS, EVAL_SUBSET)[0])[:N_SHOWN])


@pytest.mark.parametrize(
    ("comparison", "verdict", "is_beaten"),
    [
        (Comparison(math.inf, math.inf, 22), "uncorrupted", False),
        (Comparison(14, 17, 13), "harmful", True),
        (Comparison(14, 13, 13.5), "harmful", True),
        (Comparison(14, 17, 16), "worse_than_filter", True),
        (Comparison(14, 17, 20), "best", False),
        (Comparison(14, 17, math.nan), "best", False),
    ],
)
def test_a_network_is_compared_with_the_filter_and_with_doing_nothing(comparison, verdict, is_beaten):
    assert (comparison.verdict, comparison.is_beaten) == (verdict, is_beaten)


def test_gains_are_differences_in_decibels():
    comparison = Comparison(corrupted=14, filtered=17, reconstructed=20)
    assert (comparison.gain, comparison.gain_over_filter) == (6, 3)


def test_outputs_that_are_all_the_same_are_no_failure_of_a_young_network():
    same, other = np.full((3, 2, 2), 7, np.uint8), np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    assert is_constant(same, 50)
    assert not is_constant(same, 49)
    assert not is_constant(other, 50)
