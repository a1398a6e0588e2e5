"""The computational graph of a loss, compared with what autograd itself records and computes."""

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.functional import cross_entropy

from core.topics.workflow import graph

INPUTS, TARGETS = torch.rand(4, 1, 28, 28), torch.tensor([3, 1, 4, 1])


def cnn() -> nn.Sequential:
    layers = nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 14 * 14, 10)
    return nn.Sequential(*layers)


def test_the_nodes_are_those_of_grad_fn():
    loss = cross_entropy(cnn()(INPUTS), TARGETS)
    read = graph.read(loss, [])
    function, node, names = loss.grad_fn, read.nodes[0], []
    while True:
        names.append(node.name)
        following = [input for input, _ in function.next_functions if input is not None]
        assert [read.nodes[position].name for position in node.inputs] == [
            input.name().rsplit("::")[-1] for input in following
        ]
        if node.name == "ConvolutionBackward0":
            break
        position = next(number for number, each in enumerate(following) if each.next_functions)
        function, node = following[position], read.nodes[node.inputs[position]]
    assert names == [
        *("NllLossBackward0", "LogSoftmaxBackward0", "AddmmBackward0", "ViewBackward0"),
        *("MaxPool2DWithIndicesBackward0", "ReluBackward0", "ConvolutionBackward0"),
    ]
    assert node.n_without_gradient == 1  # the image


def test_the_saved_tensors_are_those_that_autograd_packs():
    packed = []

    def pack(tensor):
        packed.append(tuple(tensor.shape))
        return tensor

    model = cnn()
    with saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = cross_entropy(model(INPUTS), TARGETS)
    saved = [tensor for node in graph.read(loss, model.named_parameters()).nodes for tensor in node.saved]
    assert sorted(tensor.shape for tensor in saved) == sorted(packed)
    assert {tensor.parameter for tensor in saved} == {None, "0.weight", "4.weight"}


def test_the_leaves_are_the_parameters_that_get_a_gradient():
    model = cnn()
    model[0].requires_grad_(False)
    read = graph.read(cross_entropy(model(INPUTS), TARGETS), model.named_parameters())
    leaves = {node.leaf.name: node.leaf for node in read.nodes if node.leaf}
    assert {name: leaf.shape for name, leaf in leaves.items()} == {"4.weight": (10, 1568), "4.bias": (10,)}
    assert all(leaf.requires_grad and not leaf.has_grad for leaf in leaves.values())
    assert {leaf.name: leaf.requires_grad for leaf in read.missing} == {"0.weight": False, "0.bias": False}
    assert "ConvolutionBackward0" not in [node.name for node in read.nodes]


def test_backward_frees_the_saved_tensors_and_fills_grad():
    model = cnn()
    read = graph.stages(model, cross_entropy, INPUTS, TARGETS)
    before, after = read["before"], read["after"]
    assert [(node.name, node.inputs) for node in before.nodes] == [(node.name, node.inputs) for node in after.nodes]
    assert any(node.saved for node in before.nodes)
    assert not any(node.saved for node in after.nodes)
    assert (before.freed, after.freed) == (False, True)
    assert [node.freed for node in after.nodes] == [bool(node.saved) for node in before.nodes]
    assert {node.leaf.has_grad for node in before.nodes if node.leaf} == {False}
    assert {node.leaf.has_grad for node in after.nodes if node.leaf} == {True}
    assert all(parameter.grad is None for parameter in model.parameters())


def test_there_is_no_graph_without_gradients():
    read = graph.stages(cnn(), cross_entropy, INPUTS, TARGETS)["no_grad"]
    assert read.nodes == ()
    assert [leaf.name for leaf in read.missing] == ["0.weight", "0.bias", "4.weight", "4.bias"]


@pytest.mark.parametrize("layers", [7, 40])
def test_a_large_graph_ends_after_thirty_nodes(layers):
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(layers)))
    read = graph.read(model(torch.ones(3, 2)).sum(), model.named_parameters())
    n_nodes = 1 + 4 * layers  # the sum, and for each layer: an operation, a transposition, a weight, and a bias
    assert len(read.nodes) == min(n_nodes, graph.MAX_NODES)
    assert read.n_omitted == n_nodes - len(read.nodes)
    assert all(position < len(read.nodes) for node in read.nodes for position in node.inputs)
    assert read.missing == ()


def test_an_operation_that_is_used_twice_is_one_node():
    weight = torch.ones(3, requires_grad=True)
    hidden = weight.exp()
    read = graph.read((hidden + hidden.sin()).sum(), [("weight", weight)])
    assert [node.name for node in read.nodes].count("ExpBackward0") == 1


def test_the_layout_puts_inputs_above_their_operation():
    for model in (cnn(), nn.Sequential(nn.Flatten(), nn.Linear(784, 5), nn.Tanh(), nn.Linear(5, 10))):
        read = graph.read(cross_entropy(model(INPUTS), TARGETS), model.named_parameters())
        places = graph.layout(read)
        assert len(set(places)) == len(places) == len(read.nodes)
        assert places[0] == (max(row for row, _ in places), 0)
        for node, (row, _column) in zip(read.nodes, places, strict=True):
            assert all(places[position][0] < row for position in node.inputs)
        operations = {column for node, (_row, column) in zip(read.nodes, places, strict=True) if node.inputs}
        assert operations <= {0, 1, 2}
    assert graph.layout(graph.Graph((), 0, ())) == []
