"""The initial points of a user's own dataset, and the settings that change when the user switches to this dataset."""

from collections.abc import Mapping

from core.topics.playground import point_codec
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset

N_INITIAL_SAMPLES = 60
OWN_TRAIN_SHARE = 0.8
"""Training fraction of a user's own points. It is high because a user draws only a few points."""


def initial_points(config: PlaygroundConfig) -> str:
    """Return initial points for the user to edit, as a string from `point_codec.pack`.

    The points are from the current dataset. In regression, they are from the circle dataset instead.
    """
    if config.regression:
        config = PlaygroundConfig()
    points = make_dataset(config.changed(samples=N_INITIAL_SAMPLES, train_share=0.9, early_stopping=0))
    return point_codec.pack(points.train_x.numpy(), points.train_y.numpy())


def with_consequences(
    changes: Mapping[str, object], config: PlaygroundConfig, *, train_share: float
) -> Mapping[str, object]:
    """Return ``changes`` and the settings that must also change if the user switches to or from the dataset "own".

    If the user switches from "own" to another dataset, ``train_share`` replaces a training fraction of OWN_TRAIN_SHARE.
    """
    data = changes.get("data")
    if data == "own" != config.data:
        changes = {"train_share": OWN_TRAIN_SHARE, **changes}
        if not config.points:
            changes = {"points": initial_points(config), **changes}
    elif isinstance(data, str) and config.data == "own" and config.train_share == OWN_TRAIN_SHARE:
        changes = {"train_share": train_share, **changes}
    return changes
