"""Polynomials of all degrees, fitted to all data sets in one batched solve."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.topics.bias_variance.data import X_LIMIT, Samples


def legendre(x: Tensor, degree: int) -> Tensor:
    """The Legendre polynomials up to ``degree`` at x (...): (..., degree + 1), each with a mean square of one.

    Any polynomial is a sum of them, as it is of powers of x; but they are orthogonal from -REACH to REACH, so that
    high degrees can be solved without rounding away the answer, and the sum of the squared coefficients is the mean
    square of the curve.

    Source: (j + 1) P_{j+1} = (2j + 1) x P_j − j P_{j−1}, Abramowitz and Stegun, 22.7.10; ∫ P_j² = 2 / (2j + 1).
    """
    x = x / X_LIMIT
    terms = [torch.ones_like(x), x]
    for j in range(1, degree):
        terms.append(((2 * j + 1) * x * terms[j] - j * terms[j - 1]) / (j + 1))
    return torch.stack([term * (2 * j + 1) ** 0.5 for j, term in enumerate(terms[: degree + 1])], dim=-1)


def fit(points: Samples, degrees: Sequence[int], *, l2: float = 0.0) -> Tensor:
    """Least squares: coefficients (degrees, data sets, largest degree + 1), zero above each one's degree.

    They make mean((y − A c)²) + λ Σ c_j² smallest, without c_0 in the sum. Where more than one polynomial passes
    through all points (degree ≥ points), it is the one with the smallest coefficients.
    """
    A = legendre(points.x, max(degrees))
    count, size = A.shape[-2:]
    used = torch.arange(size) <= torch.tensor(degrees)[:, None]
    A = A * used[:, None, None, :]
    y = points.y.expand(len(degrees), -1, -1)
    if l2:  # (y − A c)² + n λ c² are the squares of a taller system
        pulled = (count * l2) ** 0.5 * torch.eye(size, dtype=A.dtype)
        pulled[0] = 0
        A = torch.cat([A, pulled.expand(*A.shape[:2], -1, -1)], dim=2)
        y = torch.cat([y, y.new_zeros(*y.shape[:2], size)], dim=2)
    return torch.linalg.lstsq(A, y.unsqueeze(3), driver="gelsd").solution.squeeze(3)


def answers(coefficients: Tensor, x: Tensor) -> Tensor:
    """The values (degrees, data sets, points) of the polynomials at x (data sets, points)."""
    return torch.einsum("drk,rnk->drn", coefficients, legendre(x, coefficients.shape[2] - 1))
