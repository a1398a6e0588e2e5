"""Occlusion maps: the drop in a class probability when a part of the image is covered.

Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 4.2.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from core.evaluation.inspection import probabilities

Image = Float[Tensor, "1 channels height width"]


def occlusion_map(
    network: nn.Sequential, x: Image, label: int, *, size: int = 7, stride: int = 2, fill: float
) -> Float32[Tensor, "height width"]:
    """Return the importance (-1 to 1) of each pixel of an image for the class ``label``; see `pixel_importance`.

    A patch of ``size`` x ``size`` pixels with the value ``fill`` (for example, the normalized value of black) is moved
    over the image in steps of ``stride`` pixels. The last patch in each direction ends at the edge of the image.
    ``stride`` must be at most ``size``.
    """
    with_original = torch.cat([x, occluded_copies(x, size=size, stride=stride, fill=fill)])
    class_probabilities = probabilities(network, with_original)[:, label]
    drops = class_probabilities[0] - class_probabilities[1:]
    return pixel_importance(drops, x.shape[-2:], size=size, stride=stride)


def occluded_copies(
    x: Image, *, size: int, stride: int, fill: float | Image
) -> Float[Tensor, "patches channels height width"]:
    """Return copies of an image, each covered by a patch at a different position (see `occlusion_map`).

    The patches are in row-major order. If ``fill`` is a number, all pixels of the patches have this value. If ``fill``
    is an image of the same shape as ``x``, the patches are copied from this image.
    """
    rows, columns = (_patches(side, size, stride) for side in x.shape[-2:])
    patches = (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1)  # (patches, H, W)
    return torch.where(patches.unsqueeze(1), fill, x)


def pixel_importance(
    drops: Float[Tensor, " patches"], shape: Sequence[int], *, size: int, stride: int
) -> Float32[Tensor, "{shape[0]} {shape[1]}"]:
    """Return, for each pixel of an image, the mean drop in probability over the patches that cover the pixel.

    ``drops`` holds the drop for each patch, in the order of `occluded_copies`. A drop is negative if the probability
    rises. ``shape`` is the height and width of the image. ``size`` and ``stride`` have the same meaning as in
    `occlusion_map`. Drops in log-probability are not used because they are unbounded: a single patch could dominate all
    others.
    """
    rows, columns = (_patches(side, size, stride).double() for side in shape)
    drops = drops.double().view(len(rows), len(columns))
    return (rows.T @ drops @ columns / torch.outer(rows.sum(dim=0), columns.sum(dim=0))).float()


def _patches(side: int, size: int, stride: int) -> Bool[Tensor, "patches {side}"]:
    """Return, for each patch, a mask of the pixels that the patch covers along one axis."""
    last = max(side - size, 0)
    starts = torch.tensor([*range(0, last, stride), last]).unsqueeze(1)
    pixels = torch.arange(side)
    return (starts <= pixels) & (pixels < starts + size)
