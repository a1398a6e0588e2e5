"""Which feature maps and units of a network are worth a look for an image: the most active ones."""

from collections.abc import Mapping
from itertools import groupby

from torch import Tensor

from core.evaluation.inspection import most_active


def most_active_by_layer(maps: Mapping[str, Tensor], *, n_maps: int, n_units: int) -> dict[str, list[int]]:
    """Return for each layer the indices of at most so many feature maps, or units, the most active ones first.

    ``maps`` are those of `core.evaluation.inspection.feature_maps`. Neighbouring layers of equally many feature maps
    have the same indices, so that a map can be followed: those that are most active after the last of these layers.
    Layers of units likewise, but the layers with other numbers of units have their own.
    """
    order: dict[str, list[int]] = {}
    for (_dimensions, count), block in groupby(maps.items(), key=lambda item: (item[1].dim(), len(item[1]))):
        layers = dict(block)
        *_others, last = layers.values()
        indices = most_active(last, n_maps if last.dim() == 3 else n_units).tolist()
        order |= dict.fromkeys(layers, indices[: min(count, len(indices))])
    return order
