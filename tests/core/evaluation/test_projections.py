"""Principal components against scikit-learn's full decomposition, their signs, and nearly constant features."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from core.evaluation.projections import principal_components


def features(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("count", "dimensions"), [(200, 12), (20, 300), (4, 9), (9, 4)])
def test_components_are_those_of_a_full_decomposition(count, dimensions):
    x = features(count, dimensions) * torch.linspace(3, 0.1, dimensions) + 5
    pca = principal_components(x, 4)
    expected = PCA(4, svd_solver="full").fit(x.double().numpy())
    strong = expected.explained_variance_ > 1e-9  # a direction without variance is arbitrary
    np.testing.assert_allclose(pca.components[strong], expected.components_[strong], atol=1e-5)
    np.testing.assert_allclose(pca.stds, np.sqrt(expected.explained_variance_), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(pca.variance_ratios, expected.explained_variance_ratio_, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(pca.mean, expected.mean_, rtol=1e-5)
    np.testing.assert_allclose(pca.project(x)[:, :3], expected.transform(x.double().numpy())[:, :3], atol=1e-4)


@pytest.mark.parametrize("shape", [(60, 7), (7, 60)])
def test_the_largest_entry_of_each_component_is_positive(shape):
    x = features(*shape)
    components = principal_components(x, 5).components
    largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
    assert bool((largest > 0).all())
    torch.testing.assert_close(principal_components(-x, 5).components, components, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("shape", "count"), [((50, 2), 2), ((3, 20), 3), ((1, 6), 1)])
def test_there_are_at_most_as_many_components_as_samples_and_features(shape, count):
    assert principal_components(features(*shape), 5).components.shape == (count, shape[1])


@pytest.mark.parametrize("shape", [(9, 4), (4, 9)])
def test_constant_features_have_no_variance(shape):
    x = torch.full(shape, 2.0)
    pca = principal_components(x, 3)
    assert pca.stds.tolist() == pca.variance_ratios.tolist() == [0, 0, 0]
    torch.testing.assert_close(pca.shift(x[0], torch.full((3,), 3.0)), x[0])
    assert not pca.project(x).any()


@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
def test_features_on_a_line_have_one_component(shape):
    x = torch.linspace(-1, 1, shape[0])[:, None] * features(shape[1])
    pca = principal_components(x, 3)
    torch.testing.assert_close(pca.variance_ratios, torch.tensor([1.0, 0, 0]), rtol=0, atol=1e-6)
    assert bool(pca.components.isfinite().all())


def test_a_shift_is_in_standard_deviations():
    x = features(5_000, 3) * torch.tensor([3.0, 2.0, 1.0])
    shifted = principal_components(x, 3).shift(torch.ones(3), torch.tensor([2.0, 0.0, -1.0]))
    torch.testing.assert_close(shifted, torch.tensor([1 + 2 * 3.0, 1.0, 1 - 1.0]), rtol=0.05, atol=0.3)
