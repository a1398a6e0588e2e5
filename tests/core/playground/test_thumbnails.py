"""The points of a thumbnail: a few points of the dataset, as bytes."""

import numpy as np
import pytest

from core.topics.playground import point_codec
from core.topics.playground.thumbnails import MAX_THUMBNAIL_POINTS, thumbnail_points


@pytest.mark.parametrize(("data", "has_classes"), [("circle", True), ("spiral", True), ("hills", False)])
def test_a_thumbnail_has_some_points_of_the_dataset(data, has_classes):
    encoded, classes = thumbnail_points(data, "")
    points = np.frombuffer(encoded, "i1").reshape(-1, 3)
    assert classes is has_classes
    assert 20 <= len(points) <= MAX_THUMBNAIL_POINTS
    assert (set(points[:, 2].tolist()) == {-127, 127}) is has_classes
    assert abs(points[:, :2].astype(int)).max() > 60


def test_drawn_points_are_those_that_were_drawn():
    xy = np.array([(-6.0, -6.0), (0.0, 6.0), (6.0, 0.0), (3.0, 3.0)])
    encoded, classes = thumbnail_points("own", point_codec.pack(xy, np.array([0, 1, 0, 1])))
    drawn = {(-127, -127, -127), (0, 127, 127), (127, 0, -127), (64, 64, 127)}
    assert classes
    points = {tuple(point) for point in np.frombuffer(encoded, "i1").reshape(-1, 3).tolist()}
    assert points
    assert points < drawn  # half of them: the others are test points
    assert thumbnail_points("own", "") == (b"", True)
