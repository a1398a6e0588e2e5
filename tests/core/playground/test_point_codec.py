"""Points encoded as a short text."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import CoreError
from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import (
    make_dataset,
)

pytestmark = pytest.mark.usefixtures("one_thread")


coordinates = st.floats(-6, 6, width=32)


@given(st.lists(st.tuples(coordinates, coordinates, st.floats(-1, 1, width=32)), max_size=20), st.booleans())
def test_packed_points_come_back_and_fit_into_an_address(drawn, regression):
    xy, values = np.array([p[:2] for p in drawn]).reshape(-1, 2), np.array([p[2] for p in drawn])
    y = values if regression else (values > 0).astype(float)
    text = point_codec.pack(xy, y, regression=regression)
    assert len(text) == 1 + (5 if regression else 4) * len(drawn)
    assert text.replace("-", "a").replace("_", "a").isalnum()
    assert text.isascii()
    back, labels = point_codec.unpack(text)
    assert back.dtype == labels.dtype == np.float32
    assert point_codec.count(text) == len(back) == len(labels) == len(drawn)
    assert point_codec.is_regression(text) == regression
    if drawn:
        assert abs(back - xy).max() <= (6.001 / 1022 if regression else 6.001 / 2046)
        assert abs(labels - y).max() <= (1.001 / 1022 if regression else 0)
    assert point_codec.pack(back, labels, regression=regression) == text


def test_the_middle_and_the_edges_are_exact():
    xy = np.array([(0, 0), (6, -6), (-6, 6), (99, -99)])
    for regression, y in ((False, [0, 1, 1, 0]), (True, [0, -1, 1, 0])):
        back, labels = point_codec.unpack(point_codec.pack(xy, np.array(y), regression=regression))
        assert back.tolist() == [[0, 0], [6, -6], [-6, 6], [6, -6]]
        assert labels.tolist() == y


@given(st.text(max_size=30) | st.from_regex(r"[cr][A-Za-z0-9_-]{0,40}", fullmatch=True))
def test_any_text_is_decoded_or_raises_an_error(text):
    try:
        xy, y = point_codec.unpack(text)
    except CoreError as error:
        code = error.code
    else:
        assert len(xy) == len(y) == point_codec.count(text)
        assert point_codec.pack(xy, y, regression=point_codec.is_regression(text)) == text
        return
    assert code == "points_damaged"


SOME = np.array([(0, 0), (1, 1), (2, 0), (3, 3), (4, -1)], float)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "points_too_few"),
        ("c", "points_too_few"),
        (point_codec.pack(SOME[:3], np.array([0, 1, 0])), "points_too_few"),
        ("x1234", "points_damaged"),
        ("c12345", "points_damaged"),
        ("caaaa!aaaaaaaaaa", "points_damaged"),
        ("c____" * 1 + "____aaaabbbb", "points_damaged"),  # a coordinate beyond the last one
        ("cäääääääääääääääää", "points_damaged"),
        (point_codec.pack(np.tile(SOME, (101, 1)), np.arange(505) % 2), "points_too_many"),
        (point_codec.pack(SOME, np.ones(5)), "points_one_class"),
        (point_codec.pack(SOME, np.full(5, 0.3), regression=True), "points_one_class"),
        (point_codec.pack(np.ones((5, 2)), np.arange(5) % 2), "points_one_spot"),
    ],
)
def test_own_points_that_cannot_be_trained_on_raise_errors(text, code):
    with pytest.raises(ValidationError) as caught:
        PlaygroundConfig(data="own", points=text)
    assert [problem["type"] for problem in caught.value.errors()] == [code]
    if text and code == "points_damaged":
        with pytest.raises(ValidationError):
            PlaygroundConfig(points=text)


def test_own_points_are_classification_or_regression():
    values = np.array([0.5, -0.5, 1.0, 0.0, -1.0])
    for y, regression in ((np.array([0, 1, 1, 0, 1]), False), (values, True)):
        config = PlaygroundConfig(data="own", points=point_codec.pack(SOME, y, regression=regression), noise=0.7)
        assert config.regression == regression
        assert config.split_sizes == (2, 0, 3)
        dataset = make_dataset(config)
        xy, labels = torch.cat([dataset.train_x, dataset.test_x]), torch.cat([dataset.train_y, dataset.test_y])
        rows = [int(np.argmin(np.hypot(*(SOME - point).T))) for point in xy.numpy()]
        assert sorted(rows) == [0, 1, 2, 3, 4]
        np.testing.assert_allclose(xy, SOME[rows], atol=0.006)
        np.testing.assert_allclose(labels, y[rows], atol=0.001)
