"""The networks: a quick autoencoder, the tutorial's two autoencoders, and a U-Net with skip connections."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d, pixel_shuffle, pixel_unshuffle

from core.evaluation.model_files import load_weights
from core.topics.autoencoder.config import AutoencoderConfig
from core.training.cpu_optimizations import pool_first
from core.training.rng import Stream, seeded

SIDE = 28
PIXELS = SIDE * SIDE


class Autoencoder(nn.Module):
    """An encoder from images (N, 1, 28, 28) to latent codes, and a decoder from codes to images."""

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        """Return the reconstructed images (N, 1, 28, 28)."""
        return self.decoder(self.encoder(x))


def quick(*, code: int = 32) -> Autoencoder:
    """Return the quick network: an encoder with two strided convolutions and a linear layer, and a mirrored decoder."""
    return Autoencoder(
        nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, code),
        ),
        nn.Sequential(
            nn.Linear(code, 32 * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 16, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, kernel_size=4, stride=2, padding=1),
        ),
    )


def linear(*, code: int = 32) -> Autoencoder:
    """Return the fully connected network of a PyTorch tutorial. Default layer sizes: 784-128-64-32-64-128-784."""
    return Autoencoder(
        nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, code),
        ),
        nn.Sequential(
            nn.Linear(code, 64),
            nn.ReLU(),
            nn.Linear(64, 128),
            nn.ReLU(),
            nn.Linear(128, 784),
            nn.Unflatten(1, (1, 28, 28)),
        ),
    )


def convolutional() -> Autoencoder:
    """Return the convolutional network of a PyTorch tutorial. The network does not compress the images.

    Its code dimension is 128 x 7 x 7 = 6,272, but an image has only 784 pixels.
    """
    return Autoencoder(
        nn.Sequential(
            nn.Conv2d(1, 64, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 128, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ),
        nn.Sequential(
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(128, 64, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(64, 1, kernel_size=3, stride=1, padding=1),
        ),
    )


class UNet(nn.Module):
    """A small U-Net with two resolutions; skip connections concatenate encoder and decoder features of equal size.

    The pixels of each 2 x 2 block are moved to four channels of size 14 x 14, which reduces the cost to a quarter. At
    the lower resolution, two linear layers extend the receptive field of every position to the whole image.
    ``channels`` is the number of feature maps at the higher resolution, and ``overview`` is the number of hidden units
    between the two linear layers.
    Source: Ronneberger, Fischer, Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation, 2015.
    """

    def __init__(self, *, channels: int = 32, overview: int = 64):
        super().__init__()
        self.down = _block(4, channels)
        self.bottom = _block(channels, 2 * channels)
        self.overview = nn.Sequential(
            nn.Flatten(),
            nn.Linear(2 * channels * 7 * 7, overview),
            nn.ReLU(),
            nn.Linear(overview, 2 * channels * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (2 * channels, 7, 7)),
        )
        self.joined = _block(4 * channels, 2 * channels)
        self.up = _block(3 * channels, channels)
        self.out: nn.Module = nn.Conv2d(channels, 4, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the reconstructed images (N, 1, 28, 28)."""
        large = self.down(pixel_unshuffle(x, 2))
        small = self.bottom(max_pool2d(large, 2))
        small = self.joined(torch.cat([small, self.overview(small)], dim=1))
        large = self.up(torch.cat([interpolate(small, scale_factor=2), large], dim=1))
        return pixel_shuffle(self.out(large), 2)


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


NETWORKS: dict[str, Callable[[AutoencoderConfig], Autoencoder | UNet]] = {
    "quick": lambda config: quick(code=config.code),
    "linear": lambda config: linear(code=config.code),
    "convolutional": lambda config: convolutional(),
    "unet": lambda config: UNet(),
}
"""Name -> a function that builds the network, without ReLU on the code and without sigmoid at the output."""


def build(config: AutoencoderConfig) -> Autoencoder | UNet:
    """Build the configured network, with initial weights determined by the seed."""
    with seeded(config.seed, Stream.AUTOENCODER_WEIGHTS):
        network = NETWORKS[config.network](config)
    if isinstance(network, Autoencoder):
        if config.relu_code and config.network != "convolutional":  # this encoder already has a ReLU before the code
            network.encoder.append(nn.ReLU())
        if "pool_first" in config.cpu_optimizations:
            network.encoder = nn.Sequential(pool_first(dict(network.encoder.named_children())))
        if config.ends_in_sigmoid:
            network.decoder.append(nn.Sigmoid())
    elif config.ends_in_sigmoid:
        network.out = nn.Sequential(network.out, nn.Sigmoid())
    return network


def load(config: AutoencoderConfig, weights: Mapping[str, Tensor]) -> Autoencoder | UNet:
    """Build the network with the given weights, in float32 and eval mode. Raises the same errors as `load_weights`."""
    return load_weights(build(config.changed(cpu_optimizations=())), weights)


@dataclass(frozen=True)
class Size:
    """The size of a network: parameters, multiply-adds per image, and code dimension (None for the U-Net)."""

    parameters: int
    multiply_adds: int
    code: int | None


def size(config: AutoencoderConfig) -> Size:
    """Return the size of the configured network. This function does not allocate any weights."""
    return _size(AutoencoderConfig(network=config.network, code=config.code))


@lru_cache(maxsize=64)
def _size(config: AutoencoderConfig) -> Size:
    with torch.device("meta"):
        network = NETWORKS[config.network](config)
        counts: list[int] = []
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear | nn.ConvTranspose2d):
                module.register_forward_hook(
                    lambda module, inputs, output: counts.append(_multiply_adds(module, output))
                )
        x = torch.zeros(1, 1, SIDE, SIDE)
        code = None
        if isinstance(network, Autoencoder):
            code = math.prod(network.encoder(x).shape[1:])
            counts.clear()
        network.eval()(x)
    return Size(sum(parameter.numel() for parameter in network.parameters()), sum(counts), code)


def _multiply_adds(module: nn.Conv2d | nn.Linear | nn.ConvTranspose2d, output: Tensor) -> int:
    """Return the multiply-adds of a layer for one image."""
    if isinstance(module, nn.ConvTranspose2d):  # each input value is multiplied by a whole kernel
        return module.weight.numel() * output[0, 0].numel() // math.prod(module.stride)
    return output[0].numel() * math.prod(module.weight.shape[1:])
