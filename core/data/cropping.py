"""Parts that are cut out of pictures, of each at a place of its own."""

import torch
from torch import Tensor


def cut(x: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Of pictures (N, C, H, W) the part (N, C, height, width) that begins at the row ``top`` and the column ``left``.

    Both are int64 (N,); the parts lie within the pictures.
    """
    each = torch.arange(len(x)).view(-1, 1, 1)
    rows, columns = top.view(-1, 1, 1) + torch.arange(height).view(1, -1, 1), left.view(-1, 1, 1) + torch.arange(width)
    return x[each, :, rows, columns].permute(0, 3, 1, 2)
