"""The points that a user draws: initial points, and training fraction."""

from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.own_points import initial_points, with_consequences


def test_a_drawing_starts_with_points_of_the_dataset_before_and_with_classes():
    for data in ("xor", "hills"):
        points = initial_points(PlaygroundConfig(data=data, early_stopping=5))
        assert point_codec.count(points) == 54
        assert not point_codec.is_regression(points)


def test_drawn_points_have_a_larger_training_fraction_until_another_dataset_is_chosen():
    config = PlaygroundConfig()
    changes = with_consequences({"data": "own"}, config, train_share=0.5)
    assert changes == {"points": initial_points(config), "train_share": 0.8, "data": "own"}
    own = config.changed(**changes)
    assert with_consequences({"data": "xor"}, own, train_share=0.3) == {"train_share": 0.3, "data": "xor"}
    assert with_consequences({"data": "xor"}, own.changed(train_share=0.7), train_share=0.3) == {"data": "xor"}
    back = own.changed(data="xor", train_share=0.5)
    assert with_consequences({"data": "own"}, back, train_share=0.5) == {"train_share": 0.8, "data": "own"}
    assert with_consequences({"units_1": 5}, own, train_share=0.5) == {"units_1": 5}
