"""The classical filters: those of the libraries, with the best parameters on training images."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.filters import FILTERS, Filter, best_filter

NOISE = (("gaussian", 0.5),)


def test_a_median_is_taken_of_every_picture_by_itself():
    pictures, _clean = corrupted_pairs("mnist", "test", NOISE, 5)
    filtered = Filter("median", {"size": 3})(pictures)
    for picture, result in zip(pictures, filtered, strict=True):
        assert np.array_equal(result[0].numpy(), ndimage.median_filter(picture[0].numpy(), 3))


@pytest.mark.parametrize(
    ("name", "parameters"), [(name, parameters) for name, (_apply, tried) in FILTERS.items() for parameters in tried]
)
def test_every_filter_gives_pictures_and_leaves_its_input(name, parameters):
    pictures, _clean = corrupted_pairs("fashion_mnist", "test", NOISE, 3)
    before = pictures.clone()
    filtered = Filter(name, parameters)(pictures)
    assert (filtered.shape, filtered.dtype) == (pictures.shape, torch.float32)
    assert 0 <= filtered.min() <= filtered.max() <= 1
    assert torch.equal(pictures, before)
    assert torch.equal(filtered, pictures) is (name == "none")
    alone = Filter(name, parameters)(pictures[1:2])
    torch.testing.assert_close(filtered[1:2], alone)


@pytest.mark.parametrize("levels", [NOISE, (("gaussian", 0.1),), (("salt_and_pepper", 0.2),), (("mosaic", 4),)])
def test_the_best_filter_is_better_than_all_others_on_training_pictures(levels):
    corrupted, clean = corrupted_pairs("mnist", "train", levels, 16)
    chosen = best_filter("mnist", levels)
    reached = {
        (name, tuple(parameters.items())): mean_psnr(Filter(name, parameters)(corrupted), clean)
        for name, (_apply, tried) in FILTERS.items()
        for parameters in tried
    }
    assert reached[chosen.name, tuple(chosen.parameters.items())] == max(reached.values())


@pytest.mark.parametrize("levels", [(), (("gaussian", 0.0),)])
def test_where_every_filter_does_harm_the_best_one_is_none(levels):
    assert best_filter("mnist", levels).name == "none"


def test_the_published_sketch_holds_at_half_noise():
    """A median filter reaches about 14.1 dB, a Gaussian filter about 12.4, the noisy images themselves 9.4."""
    corrupted, clean = corrupted_pairs("mnist", "test", NOISE, 2_000)
    assert mean_psnr(corrupted, clean) == pytest.approx(9.4, abs=0.1)
    assert best_filter("mnist", NOISE).name == "median"
    assert mean_psnr(Filter("median", {"size": 3})(corrupted), clean) == pytest.approx(14.1, abs=0.2)
    best = max(mean_psnr(Filter("gaussian", {"sigma": sigma})(corrupted), clean) for sigma in (0.75, 1.0, 1.5))
    assert best == pytest.approx(12.4, abs=0.2)
