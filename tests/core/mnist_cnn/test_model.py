"""The networks: layers, shapes and costs. All settings give a network that runs, or an error that explains why not."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.errors import CoreError
from core.topics.mnist_cnn.config import CNNConfig, Transform
from core.topics.mnist_cnn.model import (
    ACTIVATIONS,
    Window,
    build,
    input_shape,
    layers,
    load,
    summary,
)

pytestmark = pytest.mark.usefixtures("one_thread")

TUTORIAL = CNNConfig(network="tutorial", cpu_optimizations=())
OWN = CNNConfig(network="own", channels=4, linear=8, cpu_optimizations=())

# Name, kind, shape of the output, parameters, multiply-adds
TUTORIALS_LAYERS = [
    ("conv1", "Conv2d", (64, 28, 28), 64 * (1 * 9 + 1), 28 * 28 * 64 * 9),
    ("relu1", "ReLU", (64, 28, 28), 0, 0),
    ("conv2", "Conv2d", (128, 28, 28), 128 * (64 * 9 + 1), 28 * 28 * 128 * 64 * 9),
    ("relu2", "ReLU", (128, 28, 28), 0, 0),
    ("pool2", "MaxPool2d", (128, 14, 14), 0, 0),
    ("flatten", "Flatten", (25_088,), 0, 0),
    ("fc1", "Linear", (1024,), 1024 * (25_088 + 1), 1024 * 25_088),
    ("relu3", "ReLU", (1024,), 0, 0),
    ("dropout", "Dropout", (1024,), 0, 0),
    ("fc2", "Linear", (10,), 10 * (1024 + 1), 10 * 1024),
]


def number_of_weights(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def multiply_adds(module: nn.Module, x: torch.Tensor) -> int:
    """Return the multiply-adds for one image as PyTorch counts them: two operations each."""
    with FlopCounterMode(display=False) as counter:
        module(x.detach())
    return counter.get_total_flops() // (2 * len(x))


def own_networks(most_channels: int, most_linear: int) -> st.SearchStrategy[CNNConfig]:
    """Return a strategy for all settings of a user's own network."""
    sides = st.integers(8, 56)
    return st.builds(
        CNNConfig,
        network=st.just("own"),
        cpu_optimizations=st.sampled_from([(), ("pool_first",)]),
        transforms=st.lists(st.sampled_from(Transform.__args__), unique=True, max_size=4),
        resize=sides,
        crop=sides,
        crop_padding=st.integers(0, 8),
        three_means=st.sampled_from([False, False, False, True]),
        conv_layers=st.integers(1, 4),
        channels=st.integers(1, most_channels),
        kernel=st.integers(1, 9),
        padding=st.integers(0, 4),
        pooling=st.sampled_from(["max", "average", "none"]),
        pool_after=st.sampled_from(["every", "last"]),
        batch_norm=st.booleans(),
        activation=st.sampled_from(list(ACTIVATIONS)),
        linear=st.integers(0, most_linear),
        dropout=st.sampled_from([0.0, 0.5]),
    )


# ---- The tutorial's network and the compact one


def test_the_tutorials_layers_are_the_tutorials():
    found = summary(TUTORIAL)
    described = [(layer.name, layer.kind, layer.output, layer.parameters, layer.multiply_adds) for layer in found]
    assert described == TUTORIALS_LAYERS
    assert [layer.input for layer in found] == [(1, 28, 28), *(layer.output for layer in found[:-1])]
    assert not any(layer.error for layer in found)


def test_the_tutorials_network_has_its_parameters_and_outputs():
    network = build(TUTORIAL)
    assert number_of_weights(network) == sum(row[3] for row in TUTORIALS_LAYERS) == 25_775_882
    assert network.dropout.p == 0.5
    assert network(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_the_compact_network_has_its_parameters_and_shapes():
    config = CNNConfig(cpu_optimizations=())
    assert number_of_weights(build(config)) == sum(layer.parameters for layer in summary(config)) == 207_178
    outputs = {layer.name: layer.output for layer in summary(config)}
    assert outputs["conv1"] == (16, 14, 14)
    assert outputs["conv2"] == (32, 14, 14)
    assert outputs["pool2"] == (32, 7, 7)
    assert list(outputs.values())[-1] == (10,)


@pytest.mark.parametrize(
    "config", [CNNConfig(cpu_optimizations=()), TUTORIAL, OWN.changed(conv_layers=3, padding=2, kernel=4)]
)
def test_multiply_adds_are_those_that_pytorch_counts(config):
    with torch.device("meta"):
        x = torch.zeros(2, *input_shape(config))
        for layer, module in zip(summary(config), layers(config).values(), strict=True):
            assert layer.multiply_adds == multiply_adds(module, x), layer.name
            x = module(x)
    assert sum(layer.multiply_adds for layer in summary(config)) > 1000


# ---- Layers that do not fit, and limits


def test_without_padding_the_tutorials_network_raises_pytorchs_error():
    config = TUTORIAL.changed(padding=0)
    with pytest.raises(CoreError) as told:
        build(config)
    assert told.value.code == "network_unfit"
    assert told.value.parameters == {
        "layer": "fc1",
        "message": "mat1 and mat2 shapes cannot be multiplied (256x18432 and 25088x1024)",
    }
    last = summary(config)[-1]
    assert (last.name, last.input, last.output) == ("fc1", (12 * 12 * 128,), None)
    assert last.error == told.value.parameters["message"]


@pytest.mark.parametrize("network", ["compact", "tutorial", "own"])
def test_three_means_make_three_channels_of_one(network):
    config = CNNConfig(network=network, three_means=True, cpu_optimizations=())
    assert input_shape(config) == (3, 28, 28)
    with pytest.raises(CoreError) as told:
        build(config)
    assert (told.value.code, told.value.parameters["layer"]) == ("network_unfit", "conv1")
    # The same layer with the same images, in plain PyTorch
    with pytest.raises(RuntimeError, match="to have 1 channels, but got 3 channels instead") as expected:
        layers(config)["conv1"](torch.zeros(config.batch_size, 3, 28, 28))
    assert told.value.parameters["message"] == str(expected.value)


def test_a_filter_larger_than_the_image_does_not_fit():
    config = OWN.changed(conv_layers=4, kernel=9, padding=0)
    with pytest.raises(CoreError, match="Kernel size can't be greater than actual input size") as told:
        build(config)
    assert told.value.parameters["layer"] == summary(config)[-1].name == "conv3"


def test_a_network_with_too_many_parameters_is_refused_before_it_is_built():
    config = OWN.changed(channels=128, conv_layers=2, pooling="none", linear=2048)
    parameters = 128 * 10 + 256 * (128 * 9 + 1) + 2048 * (256 * 28 * 28 + 1) + 10 * 2049
    assert sum(layer.parameters for layer in summary(config)) == parameters
    with pytest.raises(CoreError) as told:
        build(config)
    assert told.value.code == "network_too_large"
    assert told.value.parameters["parameters"] == parameters > told.value.parameters["most"]


def test_a_network_with_too_many_multiply_adds_is_refused():
    config = OWN.changed(channels=128, conv_layers=3, pooling="none", linear=0)
    products = 28 * 28 * 9 * (128 + 128 * 256 + 256 * 256) + 28 * 28 * 256 * 10
    with pytest.raises(CoreError) as told:
        build(config)
    assert told.value.code == "network_too_slow"
    assert told.value.parameters["multiply_adds"] == products > told.value.parameters["most"]


def test_a_batch_that_would_fill_the_memory_is_refused():
    config = CNNConfig(network="tutorial", batch_size=2_000, epochs=1)
    with pytest.raises(CoreError) as told:
        build(config)
    assert told.value.code == "batch_too_large"
    most = told.value.parameters["most"]
    # Outputs of the two convolutions and their activations, of pooling and flattening, and of the linear layers
    assert most == 400_000_000 // (28 * 28 * (2 * 64 + 2 * 128) + 2 * 14 * 14 * 128 + 3 * 1024 + 10)
    assert build(config.changed(batch_size=most))
    assert build(config.changed(samples=1_000))


def test_the_compact_networks_first_layer_has_a_stride():
    conv1, *_others = summary(CNNConfig())
    assert conv1.window == Window(size=5, stride=2, padding=2)
    assert (conv1.input[1], conv1.output[1], conv1.window.output_side(28)) == (28, 14, 14)


@settings(max_examples=25, deadline=None)
@given(own_networks(128, 2048))
def test_any_settings_are_described(config):
    described = summary(config)
    for layer in described:
        is_windowed = layer.kind in ("Conv2d", "MaxPool2d", "AvgPool2d")
        if layer.output is not None:
            assert (layer.window is not None) == is_windowed
        if layer.window:
            assert layer.window.output_side(layer.input[1]) == layer.output[1]
    for layer, following in pairwise(described):
        assert layer.output == following.input
    last = described[-1]
    assert last.output == (10,) if last.error is None else last.output is None
    assert described[0].input == input_shape(config)


@settings(max_examples=25, deadline=None)
@given(own_networks(3, 8))
def test_any_settings_give_a_network_that_runs_as_described_or_an_error(config):
    described = summary(config)
    if described[-1].error:
        with pytest.raises(CoreError) as told:
            build(config)
        assert told.value.code == "network_unfit"
        assert told.value.parameters == {"layer": described[-1].name, "message": described[-1].error}
        return
    network = build(config)
    x = torch.rand(2, *input_shape(config))
    logits = network(x)
    assert (logits.shape, logits.dtype) == ((2, 10), torch.float32)
    logits.sum().backward()
    assert all(parameter.grad.shape == parameter.shape for parameter in network.parameters())
    assert sorted(dict(network.named_children())) == sorted(layer.name for layer in described)
    if "pool_first" in config.cpu_optimizations:
        return
    for layer, (name, module) in zip(described, network.named_children(), strict=True):
        assert (layer.name, layer.kind, layer.input) == (name, type(module).__name__, tuple(x.shape[1:]))
        assert (layer.parameters, layer.multiply_adds) == (number_of_weights(module), multiply_adds(module, x))
        x = module(x)
        assert layer.output == tuple(x.shape[1:])


def test_an_own_network_has_the_layers_of_its_settings():
    config = OWN.changed(conv_layers=3, channels=100, batch_norm=True, activation="tanh", dropout=0.3, kernel=5)
    config = config.changed(padding=2, pool_after="last", pooling="average", transforms="center_crop", crop=12)
    network = dict(build(config).named_children())
    assert list(network) == [
        *("conv1", "norm1", "tanh1", "conv2", "norm2", "tanh2", "conv3", "norm3", "tanh3", "pool3"),
        *("flatten", "fc1", "tanh4", "dropout", "fc2"),
    ]
    assert [network[f"conv{number}"].out_channels for number in (1, 2, 3)] == [100, 200, 256]
    assert network["conv2"].kernel_size == (5, 5)
    assert network["dropout"].p == 0.3
    assert isinstance(network["pool3"], nn.AvgPool2d)
    assert network["fc1"].in_features == 256 * 6 * 6
    assert list(dict(build(OWN.changed(linear=0)).named_children()))[-2:] == ["flatten", "fc1"]


# ---- Weights


def test_the_seed_determines_the_initial_weights():
    state = torch.random.get_rng_state()
    first, again, other = (build(OWN.changed(seed=seed)).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), state)
    for name, weights in first.items():
        assert torch.equal(weights, again[name])
        assert not torch.equal(weights, other[name])
    bound = 1 / math.sqrt(9)
    assert 0.5 * bound < float(first["conv1.weight"].abs().max()) <= bound


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pooling_first_is_the_same_function_with_the_same_gradients(activation, batch_norm):
    config = OWN.changed(activation=activation, batch_norm=batch_norm, conv_layers=3, pool_after="every")
    plain, quick = build(config), build(config.changed(cpu_optimizations=("pool_first",)))
    moved = [name for name, _module in quick.named_children()]
    assert (moved.index("pool1") < moved.index(f"{activation}1")) == (activation != "gelu")
    assert list(plain.state_dict()) == list(quick.state_dict())
    x = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    results = []
    for network in (plain, quick):
        logits = network(x)
        nn.functional.cross_entropy(logits, torch.arange(16) % 10).backward()
        results.append([logits, *(parameter.grad for parameter in network.parameters())])
    for one, other in zip(*results, strict=True):
        if activation in ("tanh", "sigmoid"):  # rounding makes them not quite monotonic
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
        else:
            assert torch.equal(one, other)


def test_only_max_pooling_moves():
    for changes in ({"pooling": "average"}, {"pooling": "none"}):
        networks = (
            build(OWN.changed(cpu_optimizations=cpu_optimizations, **changes))
            for cpu_optimizations in ((), ("pool_first",))
        )
        names, quick = ([name for name, _module in network.named_children()] for network in networks)
        assert names == quick


def test_loaded_weights_give_the_same_outputs():
    config = OWN.changed(batch_norm=True, dropout=0.5, cpu_optimizations=("bfloat16", "pool_first"))
    trained, x = build(config.changed(cpu_optimizations=())), torch.rand(4, 1, 28, 28)
    trained(x)  # updates the batch norm statistics
    network = load(config, {name: weight.double() for name, weight in trained.state_dict().items()})
    assert torch.equal(network(x), trained.eval()(x))
    assert network(x).dtype == torch.float32
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(
    ("changes", "code", "parameters"),
    [
        ({"channels": 5}, "weights_unfit", {"name": "conv1.bias", "expected": "float32 (4,)", "given": "float32 (5,)"}),
        ({"linear": 9}, "weights_unfit", {"name": "fc1.bias", "expected": "float32 (8,)", "given": "float32 (9,)"}),
        ({"conv_layers": 3}, "weights_unexpected", {"name": "conv3.bias"}),
        ({"conv_layers": 1}, "weights_missing", {"name": "conv2.bias"}),
    ],
)
def test_weights_of_another_network_are_refused(changes, code, parameters):
    with pytest.raises(CoreError) as told:
        load(OWN, build(OWN.changed(**changes)).state_dict())
    assert (told.value.code, told.value.parameters) == (code, parameters)
