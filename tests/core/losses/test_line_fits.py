"""Lines of best fit against NumPy, brute force and torch.optim."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import CoreError
from core.topics.losses.line_fits import (
    FITS,
    Line,
    least_absolute,
    least_huber,
    least_squares,
)

hundredths = st.integers(-1000, 1000).map(lambda number: number / 100)
points = st.lists(st.tuples(hundredths, hundredths), min_size=2, max_size=12).filter(
    lambda points: len({x for x, _y in points}) > 1
)
few = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=6).filter(
    lambda points: len({x for x, _y in points}) > 1
)  # with many ties


def arrays(points) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.array(points, dtype=float).T
    return x, y


def absolute(line: Line, x: np.ndarray, y: np.ndarray) -> float:
    return np.abs(y - line(x)).mean()


def huber(line: Line, x: np.ndarray, y: np.ndarray, delta: float) -> float:
    return torch.nn.functional.huber_loss(torch.tensor(line(x)), torch.tensor(y), delta=delta).item()


def around(line: Line) -> list[Line]:
    """Return nearby and distant lines in all directions."""
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return [
        Line(line.slope + size * np.cos(turn), line.intercept + size * np.sin(turn))
        for size in (1e-3, 0.1, 2)
        for turn in turns
    ]


@settings(deadline=None)
@given(points)
def test_least_squares_are_numpys(points):
    x, y = arrays(points)
    line = least_squares(x, y)
    assert line(x) == pytest.approx(np.poly1d(np.polyfit(x, y, 1))(x), abs=1e-6)


def test_the_root_of_the_mean_of_squares_has_the_same_line():
    assert FITS["rmse"] is FITS["mse"]


@settings(deadline=None)
@given(points | few)
def test_no_line_has_a_smaller_absolute_error(points):
    x, y = arrays(points)
    line = least_absolute(x, y)
    # A convex function that rises in all directions has its minimum there
    least = absolute(line, x, y)
    assert all(absolute(other, x, y) >= least - 1e-12 for other in around(line))
    assert sum(abs(y - line(x)) < 1e-9) >= 2  # it passes through two points


def test_equally_good_lines_are_reported():
    x = np.array([0.0, 1, 2, 3])
    assert least_absolute(x, np.array([0.0, 1, 1, 0])).tied
    assert not least_absolute(x, np.array([0.0, 1, 9, 3])).tied
    assert not least_absolute(x[:2], np.array([3.0, 1])).tied


@settings(deadline=None)
@given(few)
def test_ties_are_what_brute_force_finds(points):
    x, y = arrays(points)
    line = least_absolute(x, y)
    pairs = [(a, b) for a in range(len(x)) for b in range(a) if x[a] != x[b]]
    slopes = [(y[a] - y[b]) / (x[a] - x[b]) for a, b in pairs]
    lines = [Line(slope, y[a] - slope * x[a]) for (a, _b), slope in zip(pairs, slopes, strict=True)]
    best = [one for one in lines if absolute(one, x, y) < absolute(line, x, y) + 1e-9]
    assert line.tied == any(abs(one(at) - line(at)) > 1e-9 for one in best for at in (x.min(), x.max()))


@settings(deadline=None)
@given(points | few, st.sampled_from([0.01, 0.1, 0.5, 1.0, 3.0, 100.0]))
def test_no_line_has_a_smaller_huber_loss(points, delta):
    x, y = arrays(points)
    line = least_huber(x, y, delta=delta)
    least = huber(line, x, y, delta)
    assert all(huber(other, x, y, delta) >= least - 1e-12 for other in around(line))
    gradients = np.clip(y - line(x), -delta, delta) / delta
    assert np.abs([gradients.sum(), (gradients * x).sum()]).max() < 1e-6


@pytest.mark.parametrize("delta", [0.2, 1.0, 4.0])
@pytest.mark.parametrize("seed", range(2))
def test_the_line_of_huber_is_that_of_lbfgs(delta, seed):
    numbers = np.random.default_rng(seed)
    x = numbers.uniform(0, 10, 25)
    y = 1 + 0.5 * x + numbers.standard_t(1, 25)
    weights = torch.tensor([0.0, y.mean()], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.huber_loss(weights[0] * torch.tensor(x) + weights[1], torch.tensor(y), delta=delta)
        loss.backward()
        return loss

    optimizer.step(closure)
    line = least_huber(x, y, delta=delta)
    assert [line.slope, line.intercept] == pytest.approx(weights.tolist(), abs=1e-5)


@settings(deadline=None)
@given(points)
def test_the_line_of_huber_approaches_those_of_mse_and_mae(points):
    x, y = arrays(points)
    line = least_huber(x, y, delta=1e5)
    assert line(x) == pytest.approx(least_squares(x, y)(x), abs=1e-7)
    small = least_huber(x, y, delta=1e-3)
    assert absolute(small, x, y) <= absolute(least_absolute(x, y), x, y) + 1e-3


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("points", [[], [(1, 2)], [(1, 2), (1, 5), (1, 7)]])
def test_fewer_than_two_places_make_no_line(name, points):
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    with pytest.raises(CoreError, match="line_undetermined"):
        FITS[name](x, y)


def test_a_point_moved_up_leaves_the_line_of_absolute_errors_and_one_moved_sideways_does_not():
    x = np.arange(1.0, 10)
    y = 1 + 0.5 * x + 0.2 * np.array([1, -1, 0, 1, -1, 0, -1, 1, 0])
    before = {name: FITS[name](x, y) for name in ("mse", "mae")}
    up, aside = y.copy(), x.copy()
    up[6] += 5
    aside[0] = 60
    moved_up = {name: FITS[name](x, up).mean_distance(before[name], 0, 10) for name in before}
    moved_aside = {name: FITS[name](aside, y).mean_distance(before[name], 0, 10) for name in before}
    assert moved_up["mae"] < 0.1 < 0.5 < moved_up["mse"]
    assert min(moved_aside.values()) > 0.5


@settings(deadline=None)
@given(hundredths, hundredths, hundredths, hundredths)
def test_the_distance_of_lines_is_the_mean_of_what_lies_between(a, b, c, d):
    assume(abs(a - c) < 100)
    first, second = Line(a, b), Line(c, d)
    at = np.linspace(-1, 4, 20_001)
    between = np.abs(first(at) - second(at))
    assert first.mean_distance(second, -1, 4) == pytest.approx(np.trapezoid(between, at) / 5, abs=1e-5)
    assert first.mean_distance(first, -1, 4) == 0
