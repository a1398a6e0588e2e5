"""Crops of the same size from a batch of images, each at its own position."""

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor


def crop(
    x: Shaped[Tensor, "batch channels rows columns"],
    top: Int64[Tensor, " batch"],
    left: Int64[Tensor, " batch"],
    height: int,
    width: int,
) -> Shaped[Tensor, "batch channels {height} {width}"]:
    """Crop each image to ``height`` x ``width`` pixels.

    ``top`` and ``left`` hold the first row and the first column of each image's crop. Every crop must lie inside its
    image.
    """
    index = torch.arange(len(x)).view(-1, 1, 1)
    rows, columns = top.view(-1, 1, 1) + torch.arange(height).view(1, -1, 1), left.view(-1, 1, 1) + torch.arange(width)
    return x[index, :, rows, columns].permute(0, 3, 1, 2)
