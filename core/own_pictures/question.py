"""What is made of one new picture: noise on it, its probabilities, and which parts of it mattered."""

import numpy as np
import torch
from torch import Tensor, nn

from core.inspection import covered, mattered
from core.own_pictures.apply import as_input
from core.own_pictures.backbones import Backbone
from core.training import generator

PATCH, STRIDE = 64, 40  # pixels of the patch that covers a part, and between two places of it
_NOISE = 101  # stream of random numbers (see core.training.generator)


def noisy(pixels: np.ndarray, noise: float) -> Tensor:
    """A picture (H, W, 3) uint8 as the network gets it, (1, 3, H, W) in 0..1, with Gaussian noise cut to that range."""
    x = as_input(pixels[None])
    return (x + noise * torch.randn(x.shape, generator=generator(0, _NOISE))).clamp(0, 1) if noise else x


def probabilities(backbone: Backbone, head: nn.Linear, x: Tensor) -> Tensor:
    """Those of the classes for pictures (N, 3, H, W): (N, classes)."""
    return head(backbone.features(x)).softmax(dim=1)


def occlusion(backbone: Backbone, head: nn.Linear, x: Tensor) -> Tensor:
    """How much each pixel of a picture (1, 3, H, W) matters for the most probable class: (H, W).

    By how much its probability falls when a grey patch covers the pixel; see `core.inspection.occlusion_map`.
    """
    pictures = torch.cat([x, covered(x, size=PATCH, stride=STRIDE, fill=0.5)])
    shares = probabilities(backbone, head, pictures)
    falls = (shares[0] - shares[1:])[:, shares[0].argmax()]
    return mattered(falls, x.shape[-2:], size=PATCH, stride=STRIDE)
