"""Crops of one size from a batch of images, each at its own position."""

import torch
from torch import Tensor


def crop(x: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Crop images (N, C, H, W) to (N, C, height, width), each from its row ``top`` and column ``left`` on.

    ``top`` and ``left`` are int64 (N,). The crops lie inside the images.
    """
    index = torch.arange(len(x)).view(-1, 1, 1)
    rows, columns = top.view(-1, 1, 1) + torch.arange(height).view(1, -1, 1), left.view(-1, 1, 1) + torch.arange(width)
    return x[index, :, rows, columns].permute(0, 3, 1, 2)
