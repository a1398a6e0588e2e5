"""Corruptions of images: Gaussian noise, salt-and-pepper noise, mosaic, occlusion, and blur.

Every corruption takes images (float32 of shape (N, C, H, W), in 0..1), a level, and a random generator. It returns new
images of the same type and shape. At the lowest level (see `LIMITS`), they equal the originals. The random numbers do
not depend on the level: with the same seed, a higher level is a stronger version of the same corruption.
"""

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Float32, Float64
from torch import Tensor
from torch.nn.functional import avg_pool2d

Images = Float32[Tensor, "batch channels height width"]


def gaussian(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Add Gaussian noise to every pixel value, and clamp the results to 0..1.

    ``images`` are float32 of shape (N, C, H, W), with values in 0..1. The noise has mean 0 and standard deviation
    ``level``. Because of the clamping, the expected value of a black pixel becomes about 0.4 times ``level``, unless
    many values are clamped to 1.
    """
    return torch.randn(images.shape, generator=random).mul_(level).add_(images).clamp_(0, 1)


def salt_and_pepper(images: Images, level: float, random: torch.Generator) -> Images:
    """Turn each pixel black or white with probability ``level``. Both colors are equally likely.

    All channels of a pixel change together.
    Source: Vincent et al., Stacked Denoising Autoencoders, 2010, section 3.3. In the paper, the number of corrupted
    pixels is fixed. In this function, it is random.
    """
    draws = torch.rand(len(images), 1, *images.shape[2:], generator=random)
    return images.masked_fill(draws < level / 2, 0).masked_fill_(draws >= 1 - level / 2, 1)


def mosaic(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Replace every block of ``level`` x ``level`` pixels with its mean.

    ``level`` is a whole number; 0 and 1 change nothing. The first block is at the top left. Blocks at the right and
    bottom edges may be smaller. The mean of each image does not change. No random numbers are drawn.
    """
    side = max(int(level), 1)
    means = avg_pool2d(images, side, ceil_mode=True, count_include_pad=False)
    rows, columns = (torch.arange(pixels) // side for pixels in images.shape[-2:])
    return means[..., rows.unsqueeze(1), columns]


def occlusion(images: Images, level: float, random: torch.Generator) -> Images:
    """Cover a random part of each image with a black square of ``level`` x ``level`` pixels.

    ``level`` is a whole number, at most the length of the shorter side of the images. All positions of the square
    inside the image are equally likely.
    """
    side = int(level)
    positions = torch.rand(len(images), 2, generator=random, dtype=torch.float64)
    down, right = (
        _covered(position, side, pixels) for position, pixels in zip(positions.T, images.shape[-2:], strict=True)
    )
    return images.masked_fill((down.unsqueeze(2) & right.unsqueeze(1)).unsqueeze(1), 0)


def _covered(positions: Float64[Tensor, " batch"], side: int, pixels: int) -> Bool[Tensor, "batch {pixels}"]:
    """Return, for each square of ``side`` x ``side`` pixels, a mask of the pixels that it covers along one axis.

    ``positions`` are in 0..1, where 0 is the first possible position of a square, and 1 is the last.
    """
    starts = (positions * (pixels - side + 1)).long().unsqueeze(1)
    indices = torch.arange(pixels)
    return (starts <= indices) & (indices < starts + side)


def blur(images: Images, level: float, random: torch.Generator) -> Images:
    """Blur images with a Gaussian kernel. ``level`` is the kernel's standard deviation in pixels.

    The kernel is truncated at three standard deviations. Each image is reflected at its edges, so that its mean does
    not change. No random numbers are drawn.
    """
    if level == 0:
        return images.clone()
    down, right = (_blur_weights(pixels, level) for pixels in images.shape[-2:])
    return (down @ (images @ right.T)).clamp_(0, 1)  # rounding can give 1 + 1e-7


def _blur_weights(pixels: int, sigma: float) -> Float32[Tensor, "{pixels} {pixels}"]:
    """Return the weight of each pixel (columns) in each blurred pixel (rows), along one axis."""
    radius = math.ceil(3 * sigma)
    offsets = torch.arange(-radius, radius + 1)
    weights = (offsets.double() / sigma).square_().div_(-2).exp_()
    weights = (weights / weights.sum()).float()
    # Reflection at the edge makes pixel -1 equal to pixel 0; with both edges, the image repeats after 2 * pixels
    source = (torch.arange(pixels).unsqueeze(1) + offsets) % (2 * pixels)
    source = torch.minimum(source, 2 * pixels - 1 - source)
    return torch.zeros(pixels, pixels).scatter_add_(1, source, weights.expand(pixels, -1))


CORRUPTIONS: dict[str, Callable[[Tensor, float, torch.Generator], Tensor]] = {
    "gaussian": gaussian,
    "salt_and_pepper": salt_and_pepper,
    "mosaic": mosaic,
    "occlusion": occlusion,
    "blur": blur,
}

LIMITS: dict[str, tuple[float, float]] = {
    "gaussian": (0.0, 1.0),
    "salt_and_pepper": (0.0, 1.0),
    "mosaic": (1, 14),
    "occlusion": (0, 20),
    "blur": (0.0, 4.0),
}
"""Name of a corruption -> (lowest level, highest level).

The lowest level changes nothing. Levels that must be whole numbers are of type int.
"""

RANDOM = frozenset({"gaussian", "salt_and_pepper", "occlusion"})
"""Names of the corruptions that draw random numbers."""


def corrupt(images: Images, steps: Sequence[tuple[str, float]], random: torch.Generator) -> Images:
    """Return the images with several corruptions applied, one after another.

    ``steps`` holds the name and the level of each corruption (see `LIMITS`). All random numbers come from ``random``.
    """
    for name, level in steps:
        images = CORRUPTIONS[name](images, level, random)
    return images
