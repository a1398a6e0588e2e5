"""Robustness: the accuracy of a classifier on noisy, rotated, and shifted images."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from jaxtyping import Float32, Int64, Num
from torch import Tensor, nn
from torch.nn.functional import pad

from core.data.corruptions import gaussian
from core.data.torchvision_compat import v2
from core.evaluation.inspection import logits
from core.evaluation.metrics import accuracy
from core.training.rng import Stream, generator

Corruption = Literal["noise", "rotation", "shift"]
Images = Num[Tensor, "batch 1 height width"]  # uint8, or float in 0..1
Corrupted = Float32[Tensor, "batch 1 height width"]


def robustness(
    network: nn.Sequential,
    images: Images,
    labels: Int64[Tensor, " batch"],
    preprocess: Callable[[Tensor], Tensor],
    kind: Corruption,
    levels: Sequence[float],
    *,
    seed: int,
) -> list[float]:
    """Return the accuracy at each level of the corruption ``kind`` (see `corrupted`). Level 0 means clean images.

    ``images`` are uint8, or floats in 0..1. ``preprocess`` converts images in 0..1 to inputs of the network. The same
    random numbers are used at every level.
    """
    inputs = (preprocess(corrupted(images, kind, level, seed=seed)) for level in levels)
    return [accuracy(logits(network, x), labels) for x in inputs]


def corrupted(images: Images, kind: Corruption, level: float, *, seed: int) -> Corrupted:
    """Return images with the corruption ``kind`` applied: float32 in 0..1. At level 0, the images do not change.

    For "noise", the level is the standard deviation of the Gaussian noise. The noise is added to every pixel, then the
    values are clamped to 0..1. For "rotation", the level is the angle in degrees. Half of the images are rotated
    counterclockwise, and half clockwise. For "shift", the level is a whole number of pixels. Each image is moved up,
    down, left, or right at random. Pixels from outside the image are 0.
    """
    if not images.is_floating_point():
        images = images.float() / 255
    return CORRUPTIONS[kind](images, level, generator(seed, Stream.EVALUATION_CORRUPTION)) if level else images


def _rotation(images: Corrupted, level: float, random: torch.Generator) -> Corrupted:
    rotated = torch.empty_like(images)
    left_turns = torch.randperm(len(images), generator=random) % 2 == 0
    for mask, angle in ((left_turns, level), (~left_turns, -level)):
        rotated[mask] = v2.functional.rotate(images[mask], angle, interpolation=v2.InterpolationMode.BILINEAR)
    return rotated


def _shift(images: Corrupted, level: float, random: torch.Generator) -> Corrupted:
    pixels = int(level)
    height, width = images.shape[-2:]
    directions = torch.randint(4, (len(images),), generator=random)
    windows = pad(images, (pixels,) * 4).unfold(2, height, pixels).unfold(3, width, pixels)  # (N, 1, 3, 3, H, W)
    rows, columns = torch.tensor([0, 2, 1, 1])[directions], torch.tensor([1, 1, 0, 2])[directions]
    return windows[torch.arange(len(images)), :, rows, columns]


CORRUPTIONS: dict[str, Callable[[Tensor, float, torch.Generator], Tensor]] = {
    "noise": gaussian,
    "rotation": _rotation,
    "shift": _shift,
}
