"""The selection of feature maps and units."""

import torch

from core.evaluation.activity import most_active_by_layer


def test_neighbouring_layers_show_the_same_maps():
    before = torch.tensor([5.0, 0, 0, 0]).view(4, 1, 1)
    after = torch.tensor([1.0, 4, 2, 3]).view(4, 1, 1)
    maps = {"conv": before, "relu": after, "conv2": torch.ones(2, 1, 1), "flatten": torch.tensor([0.0, 1])}
    order = most_active_by_layer(maps, n_maps=3, n_units=1)
    assert order == {"conv": [1, 3, 2], "relu": [1, 3, 2], "conv2": [0, 1], "flatten": [1]}
