"""The domains: real images, labels shared by all strategies, and transformed images."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import pad

from core.data import datasets
from core.topics.transfer_learning.config import CLASSES, PAIRS, Domain
from core.topics.transfer_learning.data import (
    N_SHOWN,
    held_out_samples,
    labelled_samples,
    load,
    random_shift,
    shown_samples,
)

DOMAINS = Domain.__args__


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_class_has_the_requested_number_of_images(domain):
    classes = CLASSES.get(domain, 10)
    x, y = labelled_samples(domain, 7, seed=1)
    assert x.shape == (7 * classes, 1, 28, 28)
    assert (x.dtype, float(x.min()) >= 0, float(x.max()) <= 1) == (torch.float32, True, True)
    assert torch.equal(y.bincount(), torch.full((classes,), 7))
    assert len(load(domain, "test").classes) == classes
    assert held_out_samples(domain, 50, noise=0.0)[0].shape == (50, 1, 28, 28)


def test_fewer_labels_are_the_first_of_more_and_another_seed_has_others():
    few, many, other = (
        labelled_samples("digits", count, seed=seed, noise=0.3) for count, seed in ((3, 0), (8, 0), (3, 1))
    )
    for label in range(10):
        assert torch.equal(few[0][few[1] == label], many[0][many[1] == label][:3])
        assert not torch.equal(few[0][few[1] == label], other[0][other[1] == label])


def test_skipped_images_are_not_used_again():
    used, others = (labelled_samples("digits_5_9", 30, seed=2, skip=skip)[0].flatten(1) for skip in (0, 30))
    known = {row.numpy().tobytes() for row in used}
    assert sum(row.numpy().tobytes() in known for row in others) <= 1  # MNIST contains a few digits twice


def test_digits_5_to_9_are_those_and_are_counted_from_0():
    split = load("digits_5_9", "test")
    assert split.classes == ("5", "6", "7", "8", "9")
    data = datasets.load("mnist", "test")
    chosen = data.labels >= 5
    assert torch.equal(split.images, data.images[chosen])
    assert torch.equal(split.labels, data.labels[chosen] - 5)


def test_uci_digits_are_those_of_scikit_learn_at_the_size_of_mnist():
    data = load_digits()
    images = torch.cat([load("uci_digits", split).images for split in ("train", "test")]).float()
    labels = torch.cat([load("uci_digits", split).labels for split in ("train", "test")])
    assert len(images) == len(data.images) == 1797
    np.testing.assert_array_equal(labels, data.target)
    assert not images[:, :4].any()
    assert not images[:, :, -4:].any()
    small = torch.nn.functional.adaptive_avg_pool2d(images[:, 4:24, 4:24], 4)
    whole = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(data.images).float() * 255 / 16, 4)
    assert float(np.corrcoef(small.flatten(), whole.flatten())[0, 1]) > 0.98


def test_transforms_change_the_images_as_named():
    plain, _labels = load("digits", "train").batch(torch.arange(20))
    views = {name: load(name, "train").batch(torch.arange(20))[0] for name in ("inverted", "rotated", "permuted")}
    torch.testing.assert_close(views["inverted"], 1 - plain)
    torch.testing.assert_close(views["rotated"], torch.rot90(plain, 1, (2, 3)))
    permuted = views["permuted"].flatten(1)
    assert not torch.equal(permuted, plain.flatten(1))
    torch.testing.assert_close(permuted.sort(dim=1).values, plain.flatten(1).sort(dim=1).values)
    # One permutation for all images preserves the distances between them
    torch.testing.assert_close(torch.cdist(permuted, permuted), torch.cdist(plain.flatten(1), plain.flatten(1)))


def test_random_labels_are_unrelated_to_the_images():
    shuffled, right = load("shuffled", "train"), load("digits", "train")
    assert torch.equal(shuffled.images, right.images)
    assert torch.equal(shuffled.labels.bincount(), right.labels.bincount())
    assert float((shuffled.labels == right.labels).double().mean()) == pytest.approx(0.1, abs=0.01)
    assert torch.equal(load("shuffled", "test").labels, load("digits", "test").labels)


def test_noise_is_gaussian_clipped_and_reproducible():
    x, clean = (held_out_samples("digits", 200, noise=noise)[0] for noise in (0.2, 0.0))
    assert torch.equal(x, held_out_samples("digits", 200, noise=0.2)[0])
    middle = (clean > 0.45) & (clean < 0.55)
    assert float((x - clean)[middle].std()) == pytest.approx(0.2, rel=0.1)
    assert (float(x.min()), float(x.max())) == (0, 1)


def test_shifts_move_each_image_by_its_own_whole_pixels():
    x = torch.rand(60, 1, 28, 28)
    shifted, seen = random_shift(x, 2, 5, 1), set()
    assert torch.equal(shifted, random_shift(x, 2, 5, 1))
    for before, after in zip(x, shifted, strict=True):
        around = pad(before, [2] * 4)
        places = [(r, c) for r in range(5) for c in range(5) if torch.equal(around[:, r : r + 28, c : c + 28], after)]
        assert len(places) == 1
        seen.update(places)
    assert len(seen) > 15
    assert random_shift(x, 0, 5, 1) is x


def test_source_and_target_of_each_pair_differ():
    assert all(source != target for source, target in PAIRS.values())
    assert {target for _source, target in PAIRS.values()} <= set(DOMAINS) - {"shuffled", "permuted", "inverted"}


@pytest.mark.parametrize("domain", ["digits_5_9", "uci_digits", "fashion"])
def test_the_shown_images_are_test_images_of_all_classes_in_turn(domain):
    x, y = shown_samples(domain, noise=0.0)
    classes = len(load(domain, "test").classes)
    assert y.tolist() == [number % classes for number in range(N_SHOWN)]
    test = load(domain, "test")
    known = {image.tobytes() for image in test.images.numpy()}
    assert all(image.tobytes() in known for image in (255 * x[:, 0]).round().to(torch.uint8).numpy())
