"""Polynomials of all degrees in one solve, against NumPy and closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from numpy.polynomial.legendre import leggauss, legvander

from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import X_LIMIT, Samples, Task
from core.topics.bias_variance.polynomials import evaluate, fit, legendre

pytestmark = pytest.mark.usefixtures("one_thread")

PLACES = torch.linspace(-X_LIMIT, X_LIMIT, 50, dtype=torch.float64)


def test_legendre_polynomials_are_numpys_with_a_mean_square_of_one():
    expected = legvander(PLACES.numpy() / X_LIMIT, 15) * np.sqrt(2 * np.arange(16) + 1)
    np.testing.assert_allclose(legendre(PLACES, 15), expected, rtol=1e-9, atol=1e-12)
    nodes, weights = leggauss(20)
    terms = legendre(torch.from_numpy(nodes) * X_LIMIT, 15).numpy()
    np.testing.assert_allclose(terms.T * weights / 2 @ terms, np.eye(16), atol=1e-12)
    assert legendre(PLACES, 0).shape == (50, 1)


@pytest.mark.parametrize("places", ["even", "random"])
def test_every_fit_is_that_of_numpy(places):
    task = Task(BiasVarianceConfig(x_sampling=places, data_sets=4))
    degrees = range(16)
    fits = evaluate(fit(task.train, degrees), PLACES.expand(4, -1))
    for degree in degrees:
        for number in range(4):
            x, y = (part[number].numpy() for part in task.train)
            expected = Polynomial.fit(x, y, degree)(PLACES.numpy())
            np.testing.assert_allclose(fits[degree, number], expected, rtol=1e-5, atol=1e-6 * abs(expected).max())


@pytest.mark.parametrize("l2", [1e-3, 0.1, 1.0])
def test_the_penalty_is_ridge_regression_without_the_constant(l2):
    task = Task(BiasVarianceConfig(data_sets=3))
    coefficients = fit(task.train, [0, 4, 15], l2=l2)
    for degree_index, degree in enumerate((0, 4, 15)):
        pulled = np.eye(degree + 1)
        pulled[0, 0] = 0
        for number in range(3):
            x, y = (part[number].numpy() for part in task.train)
            A = legvander(x / X_LIMIT, degree) * np.sqrt(2 * np.arange(degree + 1) + 1)
            expected = np.linalg.solve(A.T @ A + len(x) * l2 / 2 * pulled, A.T @ y)
            np.testing.assert_allclose(
                coefficients[degree_index, number, : degree + 1], expected, rtol=1e-8, atol=1e-12
            )
            assert not coefficients[degree_index, number, degree + 1 :].any()


def test_degrees_beyond_the_points_pass_through_all_of_them_with_the_smallest_coefficients():
    task = Task(BiasVarianceConfig(points=5, data_sets=2))
    coefficients = fit(task.train, range(16))
    through = evaluate(coefficients, task.train.x)
    for degree in range(16):
        np.testing.assert_allclose(through[degree] - task.train.y, 0, atol=1e-10 if degree >= 4 else 10)
        assert bool((through[degree] - task.train.y).abs().max() > 0.01) is (degree < 4)
    A = legvander(task.train.x[0].numpy() / X_LIMIT, 15) * np.sqrt(2 * np.arange(16) + 1)
    smallest = np.linalg.pinv(A) @ task.train.y[0].numpy()
    np.testing.assert_allclose(coefficients[15, 0], smallest, rtol=1e-8, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 15), st.sampled_from([0.0, 1e-4, 0.01, 1.0]), st.integers(0, 1000))
def test_no_small_change_of_a_coefficient_makes_the_error_smaller(points, degree, l2, seed):
    random = torch.Generator().manual_seed(seed)
    x = (2 * torch.rand(1, points, dtype=torch.float64, generator=random) - 1) * X_LIMIT
    y = torch.randn(1, points, dtype=torch.float64, generator=random)
    c = fit(Samples(x, y), [degree], l2=l2)[0, 0].requires_grad_()
    assert c.isfinite().all()
    error = (y[0] - legendre(x[0], degree) @ c).square().mean() + l2 / 2 * c[1:].square().sum()
    (gradient,) = torch.autograd.grad(error, c)
    scale = 1 + float(c.detach().abs().max())
    np.testing.assert_allclose(gradient / scale, 0, atol=1e-8)
