"""A few points of a dataset as bytes, for its thumbnail."""

from functools import lru_cache

import numpy as np

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset
from core.topics.playground.point_codec import AXIS_LIMIT

MAX_THUMBNAIL_POINTS = 80


@lru_cache(maxsize=64)
def thumbnail_points(data: str, own_points: str) -> tuple[bytes, bool]:
    """Return the points of a dataset's thumbnail as bytes, and whether the points have classes.

    Each point is three signed bytes: x, y, and class or value. A coordinate of 6, class 1, and the value 1 are encoded
    as 127; a coordinate of -6, class 0, and the value -1 are encoded as -127. ``own_points`` holds the user's own
    points, encoded by `point_codec.pack`. If ``own_points`` is empty, the "own" dataset has no points.
    """
    if data == "own" and not own_points:
        return b"", True
    noise = 0.0 if own_points else 0.05
    config = PlaygroundConfig(data=data, points=own_points, samples=160, noise=noise)
    dataset = make_dataset(config)
    x, y = dataset.train_x.numpy(), dataset.train_y.numpy()
    values = y if config.regression else 2 * y - 1
    stride = -(-len(x) // MAX_THUMBNAIL_POINTS)
    points = np.column_stack([x * (127 / AXIS_LIMIT), values * 127])[::stride]
    return points.round().clip(-127, 127).astype("i1").tobytes(), not config.regression
