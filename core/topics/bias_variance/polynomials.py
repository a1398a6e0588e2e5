"""Least-squares polynomials of all degrees, fitted to all datasets in one batched solve."""

from collections.abc import Sequence

import torch
from jaxtyping import Float64
from torch import Tensor

from core.topics.bias_variance.data import X_LIMIT, Samples


def legendre(x: Tensor, degree: int) -> Tensor:
    """Evaluate the Legendre polynomials of degrees 0 to ``degree`` at ``x``.

    If ``x`` has the shape (...), the result has the shape (..., degree + 1).

    The polynomials are functions of x / X_LIMIT and are scaled to have a mean square of 1 on the interval from -X_LIMIT
    to X_LIMIT. Like the powers of x, they form a basis of the polynomials. Unlike the powers, they are orthogonal on
    this interval. Therefore, high degrees can be fitted without large rounding errors, and the sum of the squared
    coefficients of a polynomial is its mean square.

    Source: (j + 1) P_{j+1} = (2j + 1) x P_j − j P_{j−1}, Abramowitz and Stegun, 22.7.10; ∫ P_j² = 2 / (2j + 1).
    """
    x = x / X_LIMIT
    terms = [torch.ones_like(x), x]
    for j in range(1, degree):
        terms.append(((2 * j + 1) * x * terms[j] - j * terms[j - 1]) / (j + 1))
    return torch.stack([term * (2 * j + 1) ** 0.5 for j, term in enumerate(terms[: degree + 1])], dim=-1)


def fit(samples: Samples, degrees: Sequence[int], *, l2: float = 0.0) -> Tensor:
    """Fit polynomials of the given ``degrees`` to all datasets by least squares, and return the coefficients.

    The coefficients (degrees, datasets, largest degree + 1) are padded with zeros. The coefficients c of a fit minimize
    mean((y − A c)²) + ½ λ Σ c_j², where A holds the values of `legendre`, λ is ``l2``, and the sum excludes c_0. If
    λ is 0 and several polynomials pass through all samples (degree ≥ number of samples), the result is the one with the
    smallest coefficient norm.
    """
    A = legendre(samples.x, max(degrees))
    count, size = A.shape[-2:]
    is_used = torch.arange(size) <= torch.tensor(degrees)[:, None]
    A = A * is_used[:, None, None, :]
    y = samples.y.expand(len(degrees), -1, -1)
    if l2:  # ‖y − A c‖² + ½ n λ ‖c‖² is the squared error of a system with more rows
        penalty_rows = (count * l2 / 2) ** 0.5 * torch.eye(size, dtype=A.dtype)
        penalty_rows[0] = 0
        A = torch.cat([A, penalty_rows.expand(*A.shape[:2], -1, -1)], dim=2)
        y = torch.cat([y, y.new_zeros(*y.shape[:2], size)], dim=2)
    return torch.linalg.lstsq(A, y.unsqueeze(3), driver="gelsd").solution.squeeze(3)


def evaluate(
    coefficients: Float64[Tensor, "degrees sets terms"], x: Float64[Tensor, "sets points"]
) -> Float64[Tensor, "degrees sets points"]:
    """Evaluate polynomials at ``x``, given their ``coefficients`` in the basis of `legendre`."""
    return torch.einsum("drk,rnk->drn", coefficients, legendre(x, coefficients.shape[2] - 1))
