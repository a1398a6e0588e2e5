"""Dataset in the plane to be learnt: drawn at random by data set, or a person's own; and features of them."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from core.topics.playground import point_codec
from core.topics.playground.config import Feature, PlaygroundConfig
from core.topics.playground.point_codec import AXIS_LIMIT
from core.training.rng import Stream, generator

NOISE_STD = 2.0
"""Standard deviation by which noise of 1 moves the points in x and in y."""

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


class Dataset(NamedTuple):
    """Dataset float32 (N, 2) from -6 to 6, with classes 0 and 1 or values from -1 to 1: float32 (N,).

    The validation points are those that early stopping keeps from the training part; without it there are none.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    validation_x: Tensor
    validation_y: Tensor


def make_dataset(config: PlaygroundConfig) -> Dataset:
    """The points of a run, each in training, validation or test; the same for every seed of the network."""
    if config.data == "own":
        xy, y = map(torch.from_numpy, point_codec.unpack(config.points))
    else:
        xy, y = _sample_points(config.data, config.samples, config.noise, config.data_seed)
    training, validation, _test = config.split_sizes
    share_out = _appendable_order if config.data == "own" else _stratified_order
    order = share_out(y, config.data_seed, classes=not config.regression)
    train, validated, test = order.tensor_split((training, training + validation))
    return Dataset(xy[train], y[train], xy[test], y[test], xy[validated], y[validated])


FEATURES: dict[Feature, Callable[[Tensor, Tensor], Tensor]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x2": lambda x, y: x * x / AXIS_LIMIT,
    "y2": lambda x, y: y * y / AXIS_LIMIT,
    "xy": lambda x, y: x * y / AXIS_LIMIT,
    "sin_x": lambda x, y: x.sin(),
    "sin_y": lambda x, y: y.sin(),
}
"""Name -> feature of the coordinates x and y."""


def compute_features(xy: Tensor, names: Sequence[Feature]) -> Tensor:
    """What the network is told of points (N, 2): float32 (N, len(names)).

    The squares and the product are divided by 6, and so come from the same range as x and y; the sines are those of
    x and y as they stand, in radians: about two waves over the square.
    """
    x, y = xy.unbind(dim=1)
    return torch.stack([FEATURES[name](x, y) for name in names], dim=1)


def _circle(classes: Tensor, random: Tensor) -> Tensor:
    """Class 1 in a disc of radius 2.5, class 0 in a ring around it from 3.5 to 5."""
    radius = torch.where(classes == 1, 2.5 * random[:, 0], 3.5 + 1.5 * random[:, 0])
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)


def _xor(classes: Tensor, random: Tensor) -> Tensor:
    """Class 1 where x and y have the same sign, class 0 where not; none nearer than 0.3 to an axis."""
    x, y = 0.3 + 4.7 * random[:, 0], 0.3 + 4.7 * random[:, 1]
    side = torch.where(random[:, 2] < 0.5, -1.0, 1.0)
    return torch.stack([side * x, side * (2 * classes - 1) * y], dim=1)


def _gaussians(classes: Tensor, random: Tensor) -> Tensor:
    """Two bells of standard deviation 0.7, class 1 around (2, 2) and class 0 around (-2, -2)."""
    radius = 0.7 * (-2 * (1 - random[:, 0]).log()).sqrt()  # Box and Muller
    angle = 2 * math.pi * random[:, 1]
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1) + (4 * classes - 2)[:, None]


def _spiral(classes: Tensor, random: Tensor) -> Tensor:
    """Two arms that wind 1.75 times around the middle, to a radius of 5; the points are even along the radius."""
    share = random[:, 0].argsort().argsort() / len(random)
    angle = 2 * math.pi * 1.75 * share + math.pi * classes
    return 5 * share[:, None] * torch.stack([angle.sin(), angle.cos()], dim=1)


def _moons(classes: Tensor, random: Tensor) -> Tensor:
    """Two half circles of radius 3 that reach into each other, class 0 the upper one."""
    angle = math.pi * random[:, 0]
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], dim=1)
    return 3 * torch.where(classes[:, None] == 1, -upper, upper)


def _uniform(_classes: Tensor, random: Tensor) -> Tensor:
    return 2 * AXIS_LIMIT * random[:, :2] - AXIS_LIMIT


def plane(xy: Tensor) -> Tensor:
    """The values (N,) of an inclined plane: (x + y) / 12."""
    return xy.sum(dim=1) / (2 * AXIS_LIMIT)


def hills(xy: Tensor) -> Tensor:
    """The values (N,) of three hills and three hollows: cones of radius 2 and height ±1 in two rows."""
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
"""Name -> places (N, 2) of points of the classes (N,), of random numbers (N, 3) from 0 to 1.

But for the moons they are those of TensorFlow Playground (https://github.com/tensorflow/playground, dataset.ts); the
noise is not.
"""
REGRESSION_TARGETS: dict[str, Callable[[Tensor], Tensor]] = {"plane": plane, "hills": hills}
"""Name -> values of points at their places; the other data have classes."""


@lru_cache(maxsize=16)
def _sample_points(name: str, samples: int, noise: float, seed: int) -> tuple[Tensor, Tensor]:
    """Dataset and their classes (half of each) or values. More noise moves the same points further the same way."""
    classes = torch.arange(samples) % 2.0
    xy = DATASETS[name](classes, torch.rand(samples, 3, generator=generator(seed, Stream.PLAYGROUND_POINTS)))
    y = REGRESSION_TARGETS[name](xy) if name in REGRESSION_TARGETS else classes
    xy = xy + NOISE_STD * noise * torch.randn(samples, 2, generator=generator(seed, Stream.PLAYGROUND_NOISE))
    # Who leaves the square is mirrored back into it
    return (AXIS_LIMIT - (AXIS_LIMIT - xy.abs()).abs()).clamp(min=0) * xy.sign(), y


def _stratified_order(y: Tensor, seed: int, *, classes: bool) -> Tensor:
    """The points in a random order in which any first part has about the same share of each class: int64 (N,)."""
    order = torch.randperm(len(y), generator=generator(seed, Stream.PLAYGROUND_ORDER))
    if not classes:
        return order
    place = torch.empty(len(y), dtype=torch.float64)
    for label in (0, 1):
        of_class = y[order] == label
        place[of_class] = torch.arange(int(of_class.sum()), dtype=torch.float64) / of_class.sum()
    return order[place.argsort(stable=True)]


def _appendable_order(y: Tensor, seed: int, *, classes: bool) -> Tensor:
    """As `_stratified_order`, but so that a point that is added at the end leaves the others in their order: int64 (N,).

    The k-th point of a class has its place from 0 to 1 by k and the seed alone: k times the golden ratio, without
    what is before the point, which spreads any number of points evenly. Of each four, the seed swaps which is which.
    The first point of a class always comes first, so that no class is missing in the training.
    """
    place = torch.empty(len(y), dtype=torch.float64)
    for label in (0, 1) if classes else (None,):
        of_class = torch.ones(len(y), dtype=torch.bool) if label is None else y == label
        place[of_class] = _GOLDEN_RATIO * _shuffle_in_fours(int(of_class.sum()), seed) % 1
    return place.argsort(stable=True)


def _shuffle_in_fours(count: int, seed: int) -> Tensor:
    """The numbers from 0 to ``count``, of which each four are in a random order; 0 stays: float64 (count,)."""
    random = generator(seed, Stream.PLAYGROUND_OWN_ORDER)
    first = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(3, generator=random)])
    fours = [first, *(four + torch.randperm(4, generator=random) for four in range(4, count, 4))]
    return torch.cat(fours)[:count].double()
