"""Select the most active feature maps and units of a network for an image."""

from collections.abc import Mapping
from itertools import groupby

from torch import Tensor

from core.evaluation.inspection import most_active


def most_active_by_layer(maps: Mapping[str, Tensor], *, n_maps: int, n_units: int) -> dict[str, list[int]]:
    """Return the indices of the most active feature maps or units of each layer, by layer name, most active first.

    Activity is the mean output. ``maps`` is the result of `core.evaluation.inspection.feature_maps`. At most ``n_maps``
    feature maps or ``n_units`` units are selected per layer. Consecutive layers with the same number of feature maps or
    units form a group. The last layer of the group determines the indices for all layers of the group. A feature map
    can thus be followed from layer to layer.
    """
    order: dict[str, list[int]] = {}
    for (_dimensions, count), block in groupby(maps.items(), key=lambda item: (item[1].dim(), len(item[1]))):
        layers = dict(block)
        *_others, last = layers.values()
        indices = most_active(last, n_maps if last.dim() == 3 else n_units).tolist()
        order |= dict.fromkeys(layers, indices[: min(count, len(indices))])
    return order
