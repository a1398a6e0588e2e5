"""The latent space against scikit-learn, closed forms, and the outputs of the networks."""

import pytest
import torch
from sklearn.manifold import trustworthiness
from torch import Tensor

from core.data import datasets
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.latent import (
    MAX_EMBEDDED,
    PROJECTIONS,
    bounding_box,
    codes,
    decode,
    direct,
    grid_points,
    interpolate,
    nearest,
    nearest_in_cells,
    pca,
    tsne,
)
from core.topics.autoencoder.model import build
from core.topics.autoencoder.train import reconstruct

pytestmark = pytest.mark.usefixtures("one_thread")


def config(network: str = "quick", **settings) -> AutoencoderConfig:
    return AutoencoderConfig(network=network, **({"cpu_optimizations": ()} | settings))


def pictures(count: int) -> Tensor:
    return datasets.load("mnist", "test").batch(torch.arange(count))[0]


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def clusters(groups: int = 4, each: int = 40, dimensions: int = 16) -> Tensor:
    return (6 * numbers(groups, 1, dimensions, seed=1) + numbers(groups, each, dimensions, seed=2)).flatten(0, 1)


# ---- Encoding and decoding


@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("cpu_optimizations", [(), ("pool_first", "channels_last"), ("bfloat16", "channels_last")])
@pytest.mark.parametrize(
    ("network", "settings", "numbers_of_code"),
    [
        ("quick", {"code": 2}, 2),
        ("quick", {"code": 32, "relu_code": True}, 32),
        ("linear", {"code": 8, "relu_code": True, "sigmoid": True}, 8),
        ("linear", {"code": 64}, 64),
        ("convolutional", {}, 6272),
    ],
)
def test_decoded_codes_are_the_restored_pictures(network, settings, numbers_of_code, loss, cpu_optimizations):
    asked = config(network, loss=loss, cpu_optimizations=cpu_optimizations, **settings)
    x = pictures(24)
    built = build(asked)
    with torch.no_grad():  # or all outputs are close to 0
        list(built.decoder.parameters())[-2].mul_(20)
    found = codes(asked, built, x)
    assert found.shape == (24, numbers_of_code)
    assert found.dtype == torch.float32
    drawn = decode(asked, built, found)
    assert drawn.std() > 0.02
    torch.testing.assert_close(drawn, reconstruct(asked, built, x), rtol=0, atol=1e-5)


def test_codes_are_those_of_the_encoder_whatever_the_parts():
    asked = config(code=3)
    network, x = build(asked), pictures(501)
    with torch.no_grad():
        expected = network.encoder(x)
    torch.testing.assert_close(codes(asked, network, x), expected, rtol=1e-4, atol=1e-6)


def test_a_question_leaves_the_network_in_its_mode():
    asked = config(code=2)
    network = build(asked)
    for training in (True, False):
        network.train(training)
        network.encoder.train(training)
        decode(asked, network, codes(asked, network, pictures(2)))
        assert network.training is network.encoder[0].training is training


def test_codes_can_be_learned_from():
    """They are not inference tensors, which autograd rejects."""
    asked = config(code=2)
    found = codes(asked, build(asked), pictures(2))
    weight = torch.ones(2, requires_grad=True)
    (found * weight).sum().backward()
    torch.testing.assert_close(weight.grad, found.sum(dim=0))


# ---- Two dimensions


def test_two_numbers_are_shown_as_they_are():
    found_codes = numbers(30, 2)
    plane = direct(found_codes)
    assert torch.equal(plane.points, found_codes)
    assert torch.equal(plane.invert(found_codes), found_codes)
    assert plane.variance_ratio == 1


def test_pca_of_two_numbers_loses_nothing():
    found_codes = numbers(30, 2) + 3
    plane = pca(found_codes)
    torch.testing.assert_close(plane.invert(plane.points), found_codes)
    assert plane.variance_ratio == pytest.approx(1)


@pytest.mark.parametrize(("count", "dimensions"), [(100, 20), (20, 100)])
def test_pca_is_the_best_plane(count, dimensions):
    """By Eckart and Young: no other matrix of rank 2 is closer to the centered codes."""
    found_codes = numbers(count, dimensions) * torch.linspace(4, 0.5, dimensions) - 1
    plane = pca(found_codes)
    centred = found_codes - found_codes.mean(dim=0)
    u, s, vt = torch.linalg.svd(centred, full_matrices=False)
    best = (u[:, :2] * s[:2]) @ vt[:2]
    torch.testing.assert_close(plane.invert(plane.points) - found_codes.mean(dim=0), best, rtol=1e-4, atol=1e-4)
    assert plane.variance_ratio == pytest.approx(float(s[:2].square().sum() / s.square().sum()), rel=1e-5)


def test_tsne_keeps_neighbours_and_places_them_alike_every_time():
    found_codes = clusters()
    points = tsne(found_codes).points
    assert points.shape == (160, 2)
    assert points.dtype == torch.float32
    assert trustworthiness(found_codes.numpy(), points.numpy()) > 0.9
    chance = points[torch.randperm(160, generator=torch.Generator().manual_seed(0))]
    assert trustworthiness(found_codes.numpy(), chance.numpy()) < 0.6
    assert torch.equal(tsne(found_codes).points, points)
    assert not torch.equal(tsne(numbers(160, 16)).points, points)


def test_tsne_takes_few_codes_and_refuses_too_many():
    assert tsne(numbers(5, 3)).points.isfinite().all()
    with pytest.raises(ValueError, match=f"at most {MAX_EMBEDDED}"):
        tsne(torch.zeros(MAX_EMBEDDED + 1, 2))


@pytest.mark.parametrize("name", PROJECTIONS)
def test_codes_that_are_all_the_same_have_a_place(name):
    projection = PROJECTIONS[name](torch.full((9, 2), 0.1))
    assert projection.points.isfinite().all()
    low, high = bounding_box(projection.points)
    assert bool((low < projection.points).all() and (projection.points < high).all())


# ---- Points in the plane


def test_the_frame_is_around_all_points():
    low, high = bounding_box(torch.tensor([[0.0, -1.0], [10.0, 1.0], [4.0, 0.0]]), margin=0.1)
    torch.testing.assert_close(low, torch.tensor([-1.0, -1.2]))
    torch.testing.assert_close(high, torch.tensor([11.0, 1.2]))


def test_the_lattice_begins_at_the_top_left():
    places = grid_points(torch.tensor([0.0, 10.0]), torch.tensor([4.0, 12.0]), 2)
    assert places.tolist() == [[1, 11.5], [3, 11.5], [1, 10.5], [3, 10.5]]


def test_the_nearest_point_is_found():
    assert nearest(torch.tensor([[0.0, 0.0], [2.0, 1.0], [5.0, 5.0]]), torch.tensor([2.0, 2.0])) == 1


def test_each_cell_has_the_point_that_is_closest_to_its_middle():
    points = torch.tensor([[0.1, 3.9], [0.9, 3.1], [3.2, 0.2]])
    found = nearest_in_cells(points, torch.zeros(2), torch.full((2,), 4.0), 2)
    assert found.tolist() == [1, -1, -1, 2]


def test_each_cell_has_a_point_exactly_where_there_is_one():
    points = numbers(80, 2)
    low, high = bounding_box(points)
    found = nearest_in_cells(points, low, high, 6)
    cells = ((points - low) / (high - low) * 6).long()
    full = set(((5 - cells[:, 1]) * 6 + cells[:, 0]).tolist())
    assert {cell for cell, point in enumerate(found.tolist()) if point >= 0} == full
    for cell in full:
        x, y = cells[found[cell]].tolist()
        assert (5 - y) * 6 + x == cell


# ---- Interpolation


@pytest.mark.parametrize("shape", [(2,), (1, 28, 28)])
def test_a_walk_goes_straight_from_end_to_end(shape):
    start, end = numbers(*shape), numbers(*shape, seed=1)
    way = interpolate(start, end, 5)
    assert way.shape == (5, *shape)
    assert torch.equal(way[0], start)
    assert torch.equal(way[-1], end)
    torch.testing.assert_close(way[1], 0.75 * start + 0.25 * end)
    torch.testing.assert_close(way.diff(dim=0), ((end - start) / 4).expand(4, *shape), rtol=1e-4, atol=1e-5)
