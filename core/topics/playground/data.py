"""Datasets of points in the plane (random points, or a user's own points), and the features of the points."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from core.topics.playground import point_codec
from core.topics.playground.config import Feature, PlaygroundConfig
from core.topics.playground.point_codec import AXIS_LIMIT
from core.training.rng import Stream, generator

NOISE_STD = 2.0
"""Standard deviation of the noise, in x and in y, at noise level 1."""

Points = Float32[Tensor, "points 2"]
Classes = Float32[Tensor, " points"]
Values = Float32[Tensor, " points"]
Random = Float32[Tensor, "points 3"]

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2  # its multiples modulo 1 are evenly spread over the unit interval


class Dataset(NamedTuple):
    """Points, float32 (N, 2), and their classes or values, float32 (N,).

    Coordinates lie between -6 and 6. Classes are 0 and 1. Values lie between -1 and 1.
    Validation points exist only with early stopping. They are held out from the training points.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    validation_x: Tensor
    validation_y: Tensor


def make_dataset(config: PlaygroundConfig) -> Dataset:
    """Return the training, validation, and test points of a run. The points do not depend on the network's seed."""
    if config.data == "own":
        xy, y = map(torch.from_numpy, point_codec.unpack(config.points))
    else:
        xy, shifts, y = _sample_points(config.data, config.samples, config.data_seed)
        xy = _reflect(xy + config.noise * shifts)
    train, validation, test = _split(config, y)
    return Dataset(xy[train], y[train], xy[test], y[test], xy[validation], y[validation])


def noise_shifts(config: PlaygroundConfig) -> tuple[Points, Points]:
    """Return the points of `make_dataset` without noise, and their shifts at noise level 1: float32 (N, 2) each.

    The training points come first, then the validation points, then the test points. The caller must reflect shifted
    coordinates below -6 at -6, and shifted coordinates above 6 at 6. The shifts of a user's own points are zero.
    """
    if config.data == "own":
        data = make_dataset(config)
        xy = torch.cat([data.train_x, data.validation_x, data.test_x])
        return xy, torch.zeros_like(xy)
    xy, shifts, y = _sample_points(config.data, config.samples, config.data_seed)
    order = torch.cat(_split(config, y))
    return xy[order], shifts[order]


def _split(config: PlaygroundConfig, y: Values) -> tuple[Int64[Tensor, " train"], ...]:
    """Return the indices of the training, validation, and test points."""
    training, validation, _test = config.split_sizes
    split_order = _appendable_order if config.data == "own" else _stratified_order
    order = split_order(y, config.data_seed, classes=not config.regression)
    return order.tensor_split((training, training + validation))


FEATURES: dict[Feature, Callable[[Tensor, Tensor], Tensor]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x2": lambda x, y: x * x / AXIS_LIMIT,
    "y2": lambda x, y: y * y / AXIS_LIMIT,
    "xy": lambda x, y: x * y / AXIS_LIMIT,
    "sin_x": lambda x, y: x.sin(),
    "sin_y": lambda x, y: y.sin(),
}
"""Name -> function of the coordinates x and y."""


def compute_features(xy: Tensor, names: Sequence[Feature]) -> Tensor:
    """Compute the inputs of the network from points (N, 2): one feature for each name, float32 (N, len(names)).

    The squares and the product are divided by 6, which gives them the same maximum as x and y. The sines take x and y
    in radians, and therefore have about two periods between -6 and 6.
    """
    x, y = xy.unbind(dim=1)
    return torch.stack([FEATURES[name](x, y) for name in names], dim=1)


def _circle(classes: Classes, random: Random) -> Points:
    """Return points: class 1 in a disk of radius 2.5, and class 0 in a ring around this disk, from radius 3.5 to 5."""
    radius = torch.where(classes == 1, 2.5 * random[:, 0], 3.5 + 1.5 * random[:, 0])
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)


def _xor(classes: Classes, random: Random) -> Points:
    """Return points at least 0.3 away from both axes: class 1 if x and y have the same sign, otherwise class 0."""
    x, y = 0.3 + 4.7 * random[:, 0], 0.3 + 4.7 * random[:, 1]
    side = torch.where(random[:, 2] < 0.5, -1.0, 1.0)
    return torch.stack([side * x, side * (2 * classes - 1) * y], dim=1)


def _gaussians(classes: Classes, random: Random) -> Points:
    """Return normally distributed points (standard deviation 0.7): class 1 around (2, 2), class 0 around (-2, -2)."""
    radius = 0.7 * (-2 * (1 - random[:, 0]).log()).sqrt()  # Box-Muller transform
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1) + (4 * classes - 2)[:, None]


def _spiral(classes: Classes, random: Random) -> Points:
    """Return points on two spiral arms of 1.75 turns, with evenly spaced radii up to 5."""
    share = random[:, 0].argsort().argsort() / len(random)
    angle = 2 * math.pi * 1.75 * share + math.pi * classes
    return 5 * share[:, None] * torch.stack([angle.sin(), angle.cos()], dim=1)


def _moons(classes: Classes, random: Random) -> Points:
    """Return points on two interleaving half circles of radius 3. The upper half circle is class 0."""
    angle = math.pi * random[:, 0]
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    return 3 * torch.where(classes[:, None] == 1, -upper, upper)


def _uniform(_classes: Classes, random: Random) -> Points:
    return 2 * AXIS_LIMIT * random[:, :2] - AXIS_LIMIT


def plane(xy: Points) -> Values:
    """Return the value (x + y) / 12 of each point (x, y). The values form an inclined plane."""
    return xy.sum(dim=1) / (2 * AXIS_LIMIT)


def hills(xy: Points) -> Values:
    """Return the heights (N,), at points (N, 2), of a landscape with three hills and three valleys in two rows.

    The hills and valleys are cones with a radius of 2 and a height of 1 or -1. Elsewhere, the height is 0.
    """
    tops = torch.tensor([(x, y) for y in (2.5, -2.5) for x in (-4.0, 0.0, 4.0)])
    signs = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    return ((1 - torch.cdist(xy, tops) / 2).clamp(min=0) * signs).sum(dim=1)


DATASETS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "circle": _circle,
    "xor": _xor,
    "gaussians": _gaussians,
    "spiral": _spiral,
    "moons": _moons,
    "plane": _uniform,
    "hills": _uniform,
}
"""Name -> function of classes (N,) and uniform random numbers (N, 3). It returns points (N, 2) without noise.

All datasets except "moons" follow TensorFlow Playground (https://github.com/tensorflow/playground, dataset.ts). The
noise does not.
"""
REGRESSION_TARGETS: dict[str, Callable[[Tensor], Tensor]] = {"plane": plane, "hills": hills}
"""Name -> function that returns the values (N,) of points (N, 2). The other datasets have classes."""


@lru_cache(maxsize=16)
def _sample_points(name: str, samples: int, seed: int) -> tuple[Points, Points, Values]:
    """Return points without noise, their shifts at noise level 1, and their values or classes (half in each class)."""
    classes = torch.arange(samples) % 2.0
    xy = DATASETS[name](classes, torch.rand(samples, 3, generator=generator(seed, Stream.PLAYGROUND_POINTS)))
    y = REGRESSION_TARGETS[name](xy) if name in REGRESSION_TARGETS else classes
    return xy, NOISE_STD * torch.randn(samples, 2, generator=generator(seed, Stream.PLAYGROUND_NOISE)), y


def _reflect(xy: Points) -> Points:
    """Reflect each coordinate below -AXIS_LIMIT or above AXIS_LIMIT at this limit."""
    return (AXIS_LIMIT - (AXIS_LIMIT - xy.abs()).abs()).clamp(min=0) * xy.sign()


def _stratified_order(y: Values, seed: int, *, classes: bool) -> Int64[Tensor, " points"]:
    """Return a random order of the points in which every prefix has about the same class fractions: int64 (N,)."""
    order = torch.randperm(len(y), generator=generator(seed, Stream.PLAYGROUND_ORDER))
    if not classes:
        return order
    rank = torch.empty(len(y), dtype=torch.float64)
    for label in (0, 1):
        in_class = y[order] == label
        rank[in_class] = torch.arange(int(in_class.sum()), dtype=torch.float64) / in_class.sum()
    return order[rank.argsort(stable=True)]


def _appendable_order(y: Values, seed: int, *, classes: bool) -> Int64[Tensor, " points"]:
    """Return a stratified order that does not change when a point is appended at the end: int64 (N,).

    The k-th point of a class has a rank from 0 to 1 that depends on k and the seed alone: k times the golden ratio
    modulo 1. The ranks are evenly spread for any number of points. The seed shuffles k in groups of four. The first
    point of a class always comes first in its class, so every class is among the training points.
    """
    rank = torch.empty(len(y), dtype=torch.float64)
    for label in (0, 1) if classes else (None,):
        in_class = torch.ones(len(y), dtype=torch.bool) if label is None else y == label
        rank[in_class] = _GOLDEN_RATIO * _shuffle_in_fours(int(in_class.sum()), seed) % 1
    return rank.argsort(stable=True)


def _shuffle_in_fours(count: int, seed: int) -> Float64[Tensor, " points"]:
    """Return the whole numbers below ``count``, with each group of four in a random order; 0 stays first."""
    random = generator(seed, Stream.PLAYGROUND_OWN_ORDER)
    first = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(3, generator=random)])
    groups = [first, *(start + torch.randperm(4, generator=random) for start in range(4, count, 4))]
    return torch.cat(groups)[:count].double()
