"""What can be done to a picture so that there is something to repair: noise, blocks, holes, blur.

Every corruption takes pictures float32 (N, C, H, W) in 0..1, its level, and a generator for what is left to chance.
It returns new pictures of the same kind and shape, which at level 0 (see `LIMITS`) equal the old ones. The random
numbers drawn do not depend on the level: with the same seed a higher level is more of the same.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d


def gaussian(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Noise with the standard deviation ``level`` on every value, then cut to 0..1.

    The cut moves the mean: black becomes on average 0.4 times the level (as long as white is far away).
    """
    return torch.randn(images.shape, generator=random).mul_(level).add_(images).clamp_(0, 1)


def salt_and_pepper(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Each pixel is replaced with the probability ``level``, by black or white with equal chances, in all channels.

    Source: Vincent et al., Stacked Denoising Autoencoders, 2010, section 3.3 (there an exact share of the pixels).
    """
    chances = torch.rand(len(images), 1, *images.shape[2:], generator=random)
    return images.masked_fill(chances < level / 2, 0).masked_fill_(chances >= 1 - level / 2, 1)


def mosaic(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Every block of ``level`` x ``level`` pixels (a whole number) becomes its mean; with 1, as with 0, nothing does.

    The blocks begin at the top left. Those that the right or the lower edge cuts are the mean of the pixels that they
    have, and so the mean of the picture stays.
    """
    side = max(int(level), 1)
    means = avg_pool2d(images, side, ceil_mode=True, count_include_pad=False)
    rows, columns = (torch.arange(pixels) // side for pixels in images.shape[-2:])
    return means[..., rows.unsqueeze(1), columns]


def occlusion(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """A black square of ``level`` x ``level`` pixels (a whole number) in every picture, at a place of its own.

    All places at which the square lies inside the picture are equally likely.
    """
    side = int(level)
    places = torch.rand(len(images), 2, generator=random, dtype=torch.float64)
    down, right = (_covered(place, side, pixels) for place, pixels in zip(places.T, images.shape[-2:], strict=True))
    return images.masked_fill((down.unsqueeze(2) & right.unsqueeze(1)).unsqueeze(1), 0)


def _covered(places: Tensor, side: int, pixels: int) -> Tensor:
    """Which of the pixels along one direction a square covers, that lies at places (N,) in 0..1: bool (N, pixels)."""
    starts = (places * (pixels - side + 1)).long().unsqueeze(1)
    numbers = torch.arange(pixels)
    return (starts <= numbers) & (numbers < starts + side)


def blur(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    """Every pixel becomes a mean of those around it, weighted by a Gaussian of ``level`` pixels standard deviation.

    The Gaussian ends after three standard deviations. Beyond the edge the picture goes on as in a mirror, which keeps
    its mean.
    """
    if level == 0:
        return images.clone()
    down, right = (_blur_weights(pixels, level) for pixels in images.shape[-2:])
    return (down @ (images @ right.T)).clamp_(0, 1)  # rounding can leave 1 + 1e-7


def _blur_weights(pixels: int, sigma: float) -> Tensor:
    """How much each pixel (columns) weighs in each blurred one (rows), along one direction: (pixels, pixels)."""
    radius = math.ceil(3 * sigma)
    offsets = torch.arange(-radius, radius + 1)
    weights = (offsets.double() / sigma).square_().div_(-2).exp_()
    weights = (weights / weights.sum()).float()
    # In a mirror that stands on the edge, pixel -1 is pixel 0; and behind the next mirror it all repeats
    seen = (torch.arange(pixels).unsqueeze(1) + offsets) % (2 * pixels)
    seen = torch.minimum(seen, 2 * pixels - 1 - seen)
    return torch.zeros(pixels, pixels).scatter_add_(1, seen, weights.expand(pixels, -1))


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
"""Name -> smallest level, at which nothing happens, and largest; whole numbers where the levels are whole."""

RANDOM = frozenset({"gaussian", "salt_and_pepper", "occlusion"})
"""Those that leave something to chance."""


def corrupt(images: Tensor, steps: Sequence[tuple[str, float]], random: torch.Generator) -> Tensor:
    """Pictures after several corruptions, each given by name and level, in their order; without any as they are."""
    for name, level in steps:
        images = CORRUPTIONS[name](images, level, random)
    return images
