"""The datasets of the playground: positions of the points, noise, split, and features."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import (
    DATASETS,
    NOISE_STD,
    compute_features,
    make_dataset,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def everything(data: str, **changes: object) -> tuple[np.ndarray, np.ndarray]:
    """Return all points of a dataset (N, 2) with their classes or values (N,), by default without noise."""
    dataset = make_dataset(PlaygroundConfig(data=data, **{"noise": 0.0, "samples": 2000} | changes))
    xy = torch.cat([dataset.train_x, dataset.validation_x, dataset.test_x]).double().numpy()
    return xy, torch.cat([dataset.train_y, dataset.validation_y, dataset.test_y]).double().numpy()


def test_the_circle_is_a_disc_in_a_ring():
    xy, y = everything("circle")
    radius = np.hypot(*xy.T)
    assert radius[y == 1].max() <= 2.5 < 3.5 <= radius[y == 0].min()
    assert (radius[y == 1].max(), radius[y == 0].max()) == pytest.approx((2.5, 5), abs=0.02)


def test_the_class_of_xor_is_whether_the_signs_agree():
    xy, y = everything("xor")
    assert ((xy.prod(axis=1) > 0) == (y == 1)).all()
    assert abs(xy).min() >= 0.3
    assert abs(xy).max() <= 5
    assert [np.sum((xy[:, 0] > 0) & (y == label)) for label in (0, 1)] == pytest.approx([500, 500], abs=80)


def test_the_gaussians_have_their_means_and_standard_deviation():
    xy, y = everything("gaussians")
    for label, centre in ((0, -2), (1, 2)):
        np.testing.assert_allclose(xy[y == label].mean(axis=0), centre, atol=5 * 0.7 / math.sqrt(1000))
        np.testing.assert_allclose(np.cov(xy[y == label].T), 0.49 * np.eye(2), atol=0.12)


def test_the_spiral_arms_are_rotated_by_half_a_turn():
    xy, y = everything("spiral")
    radius = np.hypot(*xy.T)
    turns = np.arctan2(xy[:, 0], xy[:, 1]) / (2 * math.pi)
    off = (turns - 1.75 * radius / 5 - y / 2) % 1
    assert np.minimum(off, 1 - off)[radius > 0.1].max() < 1e-3
    assert radius.max() == pytest.approx(5, abs=0.01)


def test_the_moons_are_interleaving_half_circles():
    xy, y = everything("moons")
    for label, centre, side in ((0, (-1.5, -0.75), 1), (1, (1.5, 0.75), -1)):
        x, height = (xy[y == label] - centre).T
        np.testing.assert_allclose(np.hypot(x, height), 3, rtol=1e-5)
        assert (side * height).min() >= -1e-5


def test_values_are_those_of_plane_and_hills():
    xy, y = everything("plane")
    np.testing.assert_allclose(y, (xy[:, 0] + xy[:, 1]) / 12, atol=1e-6)
    xy, y = everything("hills")
    # As in TensorFlow Playground (dataset.ts, regressGaussian): the strongest of six hills
    for point, value in zip(xy[:300], y[:300], strict=True):
        strongest = 0.0
        for top_x, top_y, sign in (
            (-4, 2.5, 1),
            (0, 2.5, -1),
            (4, 2.5, 1),
            (-4, -2.5, -1),
            (0, -2.5, 1),
            (4, -2.5, -1),
        ):
            height = sign * min(1, max(0, 1 - math.dist(point, (top_x, top_y)) / 2))
            strongest = height if abs(height) > abs(strongest) else strongest
        assert value == pytest.approx(strongest, abs=1e-5)
    assert (y.min(), y.max()) == pytest.approx((-1, 1), abs=0.2)


@pytest.mark.parametrize("data", DATASETS)
def test_noise_moves_points_by_its_standard_deviation_and_changes_no_class(data):
    still, y = everything(data)
    moved, same = everything(data, noise=0.2)
    assert (y == same).all()
    inside = abs(moved).max(axis=1) < 6 - 1e-3
    away = np.hypot(*(moved - still)[abs(still).max(axis=1) < 5].T)
    assert np.sqrt(np.mean(away**2) / 2) == pytest.approx(NOISE_STD * 0.2, rel=0.1)
    further, _y = everything(data, noise=0.4)
    both = inside & (abs(further).max(axis=1) < 4) & (abs(still).max(axis=1) < 4)
    np.testing.assert_allclose((further - still)[both], 2 * (moved - still)[both], atol=1e-4)
    assert abs(everything(data, noise=1.0)[0]).max() <= 6


@pytest.mark.parametrize("data", DATASETS)
@pytest.mark.parametrize(("samples", "share", "patience"), [(200, 0.5, 0), (200, 0.5, 5), (10, 0.1, 1), (333, 0.9, 7)])
def test_every_point_is_in_one_part_and_the_split_is_stratified(data, samples, share, patience):
    config = PlaygroundConfig(data=data, samples=samples, train_share=share, early_stopping=patience)
    dataset = make_dataset(config)
    parts = [
        (dataset.train_x, dataset.train_y),
        (dataset.validation_x, dataset.validation_y),
        (dataset.test_x, dataset.test_y),
    ]
    assert [len(y) for _x, y in parts] == [len(x) for x, _y in parts] == list(config.split_sizes)
    assert sum(config.split_sizes) == samples
    assert config.split_sizes[2] == samples - max(2, round(share * samples))
    assert bool(config.split_sizes[1]) == bool(patience)
    assert len({tuple(row) for x, _y in parts for row in x.tolist()}) == samples
    for part, (x, y) in zip(config.split_sizes, parts, strict=True):
        assert x.dtype == y.dtype == torch.float32
        if not config.regression and part:
            assert abs(float(y.sum()) - part / 2) <= 1


def test_the_test_points_are_the_same_whatever_is_done_with_the_others():
    plain = make_dataset(PlaygroundConfig())
    for changes in ({"early_stopping": 5}, {"seed": 7}, {"batch_size": 1}, {"learning_rate": 5}):
        dataset = make_dataset(PlaygroundConfig(**changes))
        assert torch.equal(dataset.test_x, plain.test_x)
    stopping = make_dataset(PlaygroundConfig(early_stopping=5))
    assert torch.equal(torch.cat([stopping.train_x, stopping.validation_x]), plain.train_x)
    others = make_dataset(PlaygroundConfig(data_seed=1))
    assert not (others.train_x == plain.train_x).any()


def test_a_small_class_of_own_points_is_in_the_training():
    xy = np.random.default_rng(0).uniform(-6, 6, (40, 2))
    for rare in range(1, 5):
        packed = point_codec.pack(xy, np.arange(40) < rare)
        for seed in range(5):
            dataset = make_dataset(PlaygroundConfig(data="own", points=packed, train_share=0.2, data_seed=seed))
            assert 1 <= dataset.train_y.sum() <= max(1, rare / 2)
            assert len(dataset.train_y) == 8


@settings(deadline=None)
@given(st.integers(4, 60), st.integers(0, 50), st.floats(0.3, 0.9), st.booleans(), st.integers(0, 2**20))
def test_an_appended_point_does_not_change_the_split_of_the_others(count, seed, share, regression, mixed):
    random = np.random.default_rng(mixed)
    xy = random.uniform(-6, 6, (count + 1, 2))
    y = random.uniform(-1, 1, count + 1) if regression else np.arange(count + 1) < random.integers(1, count)

    def training(number: int) -> tuple[set, int, list]:
        packed = point_codec.pack(xy[:number], y[:number], regression=regression)
        config = PlaygroundConfig(data="own", points=packed, train_share=share, data_seed=seed)
        dataset = make_dataset(config)
        assert len(dataset.train_y) == config.split_sizes[0]
        return {tuple(row) for row in dataset.train_x.tolist()}, len(dataset.test_y), dataset.train_y.tolist()

    (before, _held_back, labels), (after, held_back, _labels) = training(count), training(count + 1)
    new = {tuple(point_codec.unpack(point_codec.pack(xy[-1:], y[-1:], regression=regression))[0][0].tolist())}
    assert len((before ^ after) - new) <= 1
    assert held_back >= 1
    if not regression:
        assert abs(sum(labels) - y[:count].mean() * len(labels)) <= 2.5
        assert set(labels) == {0, 1}


def test_another_seed_splits_own_points_differently():
    xy = np.random.default_rng(0).uniform(-6, 6, (40, 2))
    packed = point_codec.pack(xy, np.arange(40) % 2)
    configs = [PlaygroundConfig(data="own", points=packed, data_seed=seed) for seed in range(3)]
    assert len({tuple(sorted(map(tuple, make_dataset(config).test_x.tolist()))) for config in configs}) == 3


def test_features_follow_their_formulas_in_the_requested_order():
    xy = torch.from_numpy(np.random.default_rng(1).uniform(-6, 6, (50, 2)).astype(np.float32))
    x, y = xy.double().numpy().T
    formulas = {"x": x, "y": y, "x2": x**2 / 6, "y2": y**2 / 6, "xy": x * y / 6, "sin_x": np.sin(x), "sin_y": np.sin(y)}
    for names in (("x", "y"), ("sin_y", "x2"), tuple(formulas)):
        features = compute_features(xy, PlaygroundConfig(features=names).features)
        assert features.dtype == torch.float32
        np.testing.assert_allclose(features, np.column_stack([formulas[name] for name in names]), atol=1e-5)


def test_settings_that_cannot_be_trained_raise_errors():
    for changes, kind in (
        ({"features": ""}, "too_short"),
        ({"epochs": 10_000, "samples": 2000, "batch_size": 1}, "too_long"),
        ({"layers": 7}, "less_than_equal"),
        ({"units_3": 0}, "greater_than_equal"),
        ({"data": "donut"}, "literal_error"),
    ):
        with pytest.raises(ValidationError) as caught:
            PlaygroundConfig(**changes)
        assert caught.value.errors()[0]["type"] == kind
    config = PlaygroundConfig(features="sin_x,x,sin_x", layers=3, units_2=7)
    assert config.layer_sizes == (2, 4, 7, 4, 1)
    assert PlaygroundConfig(layers=0).layer_sizes == (2, 1)
