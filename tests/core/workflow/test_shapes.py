"""Shapes of layers, compared with the formulas of convolution and pooling and with PyTorch's own errors."""

import math

import pytest
import torch
from torch import nn

from core.topics.workflow import shapes
from core.topics.workflow.spellings import SPELLINGS, compare

IMAGES = torch.rand(6, 1, 28, 28)
NAMES = ("conv.weight", "conv.bias", "fc.weight", "fc.bias")


def test_the_layers_have_their_shapes_and_parameters():
    traced = shapes.trace(shapes.network(), IMAGES)
    assert traced.error is None
    assert [(layer.name, layer.kind, layer.output, layer.parameters) for layer in traced.layers] == [
        ("conv", "Conv2d", (6, 8, 14, 14), 8 * 9 + 8),
        ("relu", "ReLU", (6, 8, 14, 14), 0),
        ("flatten", "Flatten", (6, 1568), 0),
        ("fc", "Linear", (6, 10), 1568 * 10 + 10),
    ]
    inputs = [layer.input for layer in traced.layers]
    assert inputs == [(6, 1, 28, 28), *(layer.output for layer in traced.layers[:-1])]


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_only_a_padding_of_1_fits_the_linear_layer(padding):
    model = shapes.network(padding=padding)
    traced = shapes.trace(model, IMAGES)
    side = (28 + 2 * padding - 3) // 2 + 1
    if padding == 1:
        assert traced.error is None
        return
    with pytest.raises(RuntimeError) as raised:
        model(IMAGES)
    assert traced.error == f"RuntimeError: {raised.value}"
    assert (traced.layers[-1].name, traced.layers[-1].output) == ("fc", None)
    assert shapes.mismatch(traced.error) == shapes.Mismatch(rows=6, input=8 * side**2, expected=1568, outputs=10)


def test_another_message_has_no_numbers_of_a_linear_layer():
    traced = shapes.trace(shapes.network(), IMAGES.repeat(1, 3, 1, 1))
    assert "expected input[6, 3, 28, 28] to have 1 channels" in traced.error
    assert shapes.mismatch(traced.error) is None


def test_a_trace_leaves_the_network_unchanged():
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), nn.Linear(784, 2))
    traced = shapes.trace(model, IMAGES)
    assert sum(layer.parameters for layer in traced.layers) == sum(each.numel() for each in model.parameters())
    assert torch.equal(model[1].running_mean, torch.zeros(784))
    assert not any(layer._forward_hooks or layer._forward_pre_hooks for layer in model)


def test_reshaping_keeps_the_number_of_values_or_fails():
    x = torch.arange(4 * 2 * 3 * 5.0).view(4, 2, 3, 5)
    results = {function.__name__: shapes.reshape(function, x) for function in shapes.RESHAPES}
    assert {name: result.shape for name, result in results.items()} == {
        "flatten_each_image": (4, 30),
        "view_as_rows": (4, 30),
        "flatten_everything": (120,),
        "view_two_images_as_a_row": (2, 60),
        "view_as_another_size": None,
        "view_a_transposed_tensor": None,
        "reshape_a_transposed_tensor": (4, 30),
        "flatten_and_unflatten": (4, 2, 3, 5),
    }
    assert all(math.prod(result.shape) == x.numel() for result in results.values() if result.shape)
    assert "is invalid for input of size 120" in results["view_as_another_size"].error
    assert "Use .reshape(...) instead" in results["view_a_transposed_tensor"].error
    copies = [name for name, result in results.items() if result.shape and not result.shares_memory]
    others = [name for name, result in results.items() if result.shape and not result.same_order]
    assert copies == others == ["reshape_a_transposed_tensor"]


def test_three_spellings_are_one_network():
    spellings = compare(IMAGES)
    assert list(spellings) == list(SPELLINGS)
    assert {spelling.difference for spelling in spellings.values()} == {0}
    assert spellings["module"].names == spellings["named"].names == NAMES
    assert spellings["sequential"].names == ("0.weight", "0.bias", "3.weight", "3.bias")
    assert "ReLU" not in spellings["module"].printed
    assert all("ReLU" in spellings[name].printed for name in ("sequential", "named"))
