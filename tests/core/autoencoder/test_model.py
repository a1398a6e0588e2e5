"""The networks: all parameters of the tutorial's, costs as PyTorch counts them, and the effects of the settings."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from core.errors import CoreError
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import (
    NETWORKS,
    Autoencoder,
    build,
    load,
    size,
)

pytestmark = pytest.mark.usefixtures("one_thread")

PLAIN = AutoencoderConfig(cpu_optimizations=())
LINEAR = PLAIN.changed(network="linear", relu_code=True)
CONVOLUTIONAL = PLAIN.changed(network="convolutional")
WITH_CODE = ("quick", "linear", "convolutional")

# Kind, shape of the output, parameters
LINEAR_LAYERS = [
    ("Flatten", (784,), 0),
    ("Linear", (128,), 128 * (784 + 1)),
    ("ReLU", (128,), 0),
    ("Linear", (64,), 64 * (128 + 1)),
    ("ReLU", (64,), 0),
    ("Linear", (32,), 32 * (64 + 1)),
    ("ReLU", (32,), 0),
    ("Linear", (64,), 64 * (32 + 1)),
    ("ReLU", (64,), 0),
    ("Linear", (128,), 128 * (64 + 1)),
    ("ReLU", (128,), 0),
    ("Linear", (784,), 784 * (128 + 1)),
    ("Unflatten", (1, 28, 28), 0),
]
CONVOLUTIONAL_LAYERS = [
    ("Conv2d", (64, 28, 28), 64 * (1 * 9 + 1)),
    ("ReLU", (64, 28, 28), 0),
    ("MaxPool2d", (64, 14, 14), 0),
    ("Conv2d", (128, 14, 14), 128 * (64 * 9 + 1)),
    ("ReLU", (128, 14, 14), 0),
    ("MaxPool2d", (128, 7, 7), 0),
    ("Upsample", (128, 14, 14), 0),
    ("Conv2d", (64, 14, 14), 64 * (128 * 9 + 1)),
    ("ReLU", (64, 14, 14), 0),
    ("Upsample", (64, 28, 28), 0),
    ("Conv2d", (1, 28, 28), 1 * (64 * 9 + 1)),
]


def pictures(count: int = 5) -> Tensor:
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def number_of_weights(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def frozen(config: AutoencoderConfig) -> nn.Module:
    return build(config).eval().requires_grad_(False)


def layers(network: Autoencoder) -> list[tuple[str, tuple[int, ...], int]]:
    """Return the kind, the output shape and the number of parameters of every layer."""
    x, found = pictures(), []
    for module in (*network.encoder, *network.decoder):
        x = module(x)
        found.append((type(module).__name__, tuple(x.shape[1:]), number_of_weights(module)))
    return found


def linear_by_hand(weights: list[Tensor], x: Tensor) -> Tensor:
    """784-128-64-32-64-128-784 as matrices, with a ReLU after each but the last."""
    x = x.reshape(-1, 784)
    for at in range(0, 12, 2):
        x = x @ weights[at].T + weights[at + 1]
        x = x * (x > 0) if at < 10 else x
    return x.reshape(-1, 1, 28, 28)


def convolutional_by_hand(weights: list[Tensor], x: Tensor) -> Tensor:
    """Two pooling and two upsampling steps: the maximum of 2 x 2 pixels, and each pixel repeated four times."""
    for at in (0, 2):
        x = F.conv2d(x, weights[at], weights[at + 1], padding=1).clamp(min=0)
        x = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).amax(dim=(3, 5))
    for at in (4, 6):
        x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        x = F.conv2d(x, weights[at], weights[at + 1], padding=1)
        x = x.clamp(min=0) if at == 4 else x
    return x


def unet_by_hand(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """Two resolutions: 14 x 14, with each 2 x 2 block as channels, and 7 x 7; a skip connection for the larger."""

    def block(name: str, x: Tensor) -> Tensor:
        for convolution, norm in ((0, 1), (3, 4)):
            x = F.conv2d(x, state[f"{name}.{convolution}.weight"], padding=1)
            mean, variance, weight, bias = (
                state[f"{name}.{norm}.{each}"].view(-1, 1, 1)
                for each in ("running_mean", "running_var", "weight", "bias")
            )
            x = ((x - mean) / (variance + 1e-5).sqrt() * weight + bias).clamp(min=0)
        return x

    def fully_connected(number: int, x: Tensor) -> Tensor:
        return (x @ state[f"overview.{number}.weight"].T + state[f"overview.{number}.bias"]).clamp(min=0)

    corners = [(row, column) for row in (0, 1) for column in (0, 1)]
    large = block("down", torch.cat([x[:, :, row::2, column::2] for row, column in corners], dim=1))
    small = block("bottom", large.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).amax(dim=(3, 5)))
    everywhere = fully_connected(3, fully_connected(1, small.flatten(1))).view(-1, 64, 7, 7)
    small = block("joined", torch.cat([small, everywhere], dim=1))
    small = small.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    fourths = F.conv2d(block("up", torch.cat([small, large], dim=1)), state["out.weight"], state["out.bias"])
    output = torch.empty_like(x)
    for (row, column), fourth in zip(corners, fourths.unbind(1), strict=True):
        output[:, 0, row::2, column::2] = fourth
    return output


# ---- The tutorial's


@pytest.mark.parametrize(
    ("config", "expected", "parameters", "code"),
    [(LINEAR, LINEAR_LAYERS, 222_384, 32), (CONVOLUTIONAL, CONVOLUTIONAL_LAYERS, 148_865, 6_272)],
)
def test_the_tutorials_layers_are_the_tutorials(config, expected, parameters, code):
    network = build(config)
    assert layers(network) == expected
    assert number_of_weights(network) == sum(row[2] for row in expected) == size(config).parameters == parameters
    assert network.encoder(pictures()).flatten(1).shape == (5, code)
    assert size(config).code == code


@pytest.mark.parametrize(
    ("config", "by_hand"), [(LINEAR, linear_by_hand), (CONVOLUTIONAL, convolutional_by_hand)], ids=["linear", "conv"]
)
def test_the_tutorials_networks_answer_as_written_by_hand(
    config: AutoencoderConfig, by_hand: Callable[[list[Tensor], Tensor], Tensor]
):
    network = frozen(config)
    expected = by_hand(list(network.parameters()), pictures())
    torch.testing.assert_close(network(pictures()), expected, rtol=1e-5, atol=1e-6)


# ---- The quick one, and the one with skip connections


def test_the_quick_networks_layers():
    expected = [
        ("Conv2d", (16, 14, 14), 16 * (25 + 1)),
        ("ReLU", (16, 14, 14), 0),
        ("Conv2d", (32, 7, 7), 32 * (16 * 9 + 1)),
        ("ReLU", (32, 7, 7), 0),
        ("Flatten", (1_568,), 0),
        ("Linear", (20,), 20 * (1_568 + 1)),
        ("Linear", (1_568,), 1_568 * (20 + 1)),
        ("ReLU", (1_568,), 0),
        ("Unflatten", (32, 7, 7), 0),
        ("ConvTranspose2d", (16, 14, 14), 16 * (32 * 16 + 1)),
        ("ReLU", (16, 14, 14), 0),
        ("ConvTranspose2d", (1, 28, 28), 16 * 16 + 1),
    ]
    assert layers(build(PLAIN.changed(code=20))) == expected


def test_the_unet_answers_as_written_by_hand():
    network = build(PLAIN.changed(network="unet")).requires_grad_(False)
    network(pictures(50))  # updates the statistics of batch norm
    state = network.eval().state_dict()
    assert float(state["down.1.running_var"].max()) < 0.99
    torch.testing.assert_close(network(pictures()), unet_by_hand(state, pictures()), rtol=1e-4, atol=1e-5)


def test_the_unet_hands_on_what_its_bottleneck_does_not_know():
    """Without the lower resolution, the skip connection still makes the outputs of images differ."""
    network = frozen(PLAIN.changed(network="unet"))
    network.joined.register_forward_hook(lambda _module, _inputs, output: torch.zeros_like(output))
    one, other = network(pictures(2))
    assert not torch.allclose(one, other, atol=1e-3)


# ---- Costs


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("code", [2, 32])
def test_sizes_are_those_that_pytorch_counts(network, code):
    config = PLAIN.changed(network=network, code=code)
    found, built = size(config), build(config)
    assert found.parameters == number_of_weights(built)
    with FlopCounterMode(display=False) as counter:
        built(torch.zeros(2, 1, 28, 28))
    # Two operations each, for two images
    assert 4 * found.multiply_adds == counter.get_total_flops()
    if network == "unet":
        assert found.code is None
    else:
        assert found.code == built.encoder(pictures(1)).numel() == {"convolutional": 6_272}.get(network, code)


def test_sizes_in_numbers():
    assert size(LINEAR).multiply_adds == 2 * (784 * 128 + 128 * 64 + 64 * 32)
    products = 28**2 * 64 * 9 + 14**2 * 128 * 64 * 9 + 14**2 * 64 * 128 * 9 + 28**2 * 64 * 9
    assert size(CONVOLUTIONAL).multiply_adds == products
    quick = 14**2 * 16 * 25 + 7**2 * 32 * 16 * 9 + 2 * 1_568 * 32 + 7**2 * 32 * 16 * 16 + 14**2 * 16 * 16
    assert size(PLAIN).multiply_adds == quick


def test_to_ask_for_the_size_draws_no_random_numbers_and_changes_with_no_option():
    state = torch.random.get_rng_state()
    assert size(LINEAR.changed(sigmoid=True, cpu_optimizations=("pool_first",), relu_code=False)) == size(LINEAR)
    assert torch.equal(torch.random.get_rng_state(), state)


# ---- Effects of the settings


@pytest.mark.parametrize("sigmoid", [False, True])
@pytest.mark.parametrize("relu_code", [False, True])
@pytest.mark.parametrize("network", WITH_CODE)
def test_decoding_the_code_is_the_network(network, relu_code, sigmoid):
    built = build(PLAIN.changed(network=network, code=7, relu_code=relu_code, sigmoid=sigmoid))
    code = built.encoder(pictures())
    assert torch.equal(built.decoder(code), built(pictures()))
    assert built(pictures()).shape == (5, 1, 28, 28)
    assert code.shape == ((5, 128, 7, 7) if network == "convolutional" else (5, 7))


@pytest.mark.parametrize("network", WITH_CODE)
def test_a_relu_cuts_the_negative_numbers_of_the_code(network):
    configs = (PLAIN.changed(network=network, relu_code=relu_code) for relu_code in (False, True))
    free, cut = (frozen(config).encoder(pictures()) for config in configs)
    assert float(cut.min()) == 0
    assert torch.equal(cut, free.clamp(min=0))
    # Only the tutorial's convolutional network always has a ReLU on the code
    assert (float(free.min()) < -0.01) == (network != "convolutional")


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sigmoid_keeps_the_output_between_0_and_1(network):
    free, cut = (frozen(PLAIN.changed(network=network, sigmoid=sigmoid)) for sigmoid in (False, True))
    x = 200 * pictures() - 100
    torch.testing.assert_close(cut(x), 1 / (1 + (-free(x)).exp()))
    assert float(free(x).min()) < 0 < float(cut(x).min()) < float(cut(x).max()) < 1
    # Cross-entropy contains the sigmoid: there is no second one
    free, same = (frozen(PLAIN.changed(network=network, loss="bce", sigmoid=sigmoid)) for sigmoid in (False, True))
    assert torch.equal(same(x), free(x))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_seed_alone_gives_the_first_weights(network):
    config = PLAIN.changed(network=network, seed=3)
    state = torch.random.get_rng_state()
    first, again, other = (list(build(config.changed(seed=seed)).parameters()) for seed in (3, 3, 4))
    with_options = list(
        build(config.changed(sigmoid=True, relu_code=True, cpu_optimizations=("pool_first",))).parameters()
    )
    assert torch.equal(torch.random.get_rng_state(), state)
    for weights, same, different, optional in zip(first, again, other, with_options, strict=True):
        assert torch.equal(weights, same)
        assert torch.equal(weights, optional)
        assert not torch.equal(weights, different) or len(weights.unique()) == 1  # of batch norm
    largest = float(first[0].detach().abs().max())
    assert largest <= 1 / math.sqrt(first[0][0].numel()) < 1.1 * largest


def test_pooling_first_is_the_same_function_with_the_same_gradients():
    plain, quick = build(CONVOLUTIONAL), build(CONVOLUTIONAL.changed(cpu_optimizations=("pool_first",)))
    kinds = [type(module).__name__ for module in quick.encoder]
    assert kinds == ["Conv2d", "MaxPool2d", "ReLU"] * 2
    assert list(quick.state_dict()) == list(plain.state_dict())
    results = []
    for network in (plain, quick):
        output = network(pictures())
        output.square().mean().backward()
        results.append([output, *(parameter.grad for parameter in network.parameters())])
    for one, other in zip(*results, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("network", ["quick", "linear"])
def test_without_pooling_nothing_moves(network):
    networks = (
        build(PLAIN.changed(network=network, cpu_optimizations=cpu_optimizations))
        for cpu_optimizations in ((), ("pool_first",))
    )
    one, other = (str(built.encoder) for built in networks)
    assert one == other


# ---- Weights


@pytest.mark.parametrize("sigmoid", [False, True])
@pytest.mark.parametrize("network", NETWORKS)
def test_loaded_weights_answer_as_they_were_trained(network, sigmoid):
    config = PLAIN.changed(
        network=network, sigmoid=sigmoid, cpu_optimizations=("bfloat16", "pool_first", "channels_last")
    )
    trained = build(config).to(memory_format=torch.channels_last)
    trained(pictures())  # updates the statistics of batch norm
    loaded = load(config, {name: weight.double() for name, weight in trained.state_dict().items()})
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    torch.testing.assert_close(loaded(pictures()), trained.eval()(pictures()), rtol=1e-5, atol=1e-6)
    assert loaded(pictures()).dtype == torch.float32


def test_weights_of_another_code_do_not_fit():
    with pytest.raises(CoreError) as told:
        load(PLAIN.changed(code=16), build(PLAIN).state_dict())
    assert told.value.code == "weights_unfit"
    assert told.value.parameters == {
        "name": "decoder.0.weight",
        "expected": "float32 (1568, 16)",
        "given": "float32 (1568, 32)",
    }
