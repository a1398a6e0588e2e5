"""What is made of one picture: whether it is new, noise on it, its probabilities, which parts of it mattered."""

from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from core.data.corruptions import gaussian
from core.data.torchvision_compat import v2
from core.evaluation.occlusion import occluded_copies, pixel_importance
from core.topics.own_images.backbones import Backbone
from core.topics.own_images.labelled_images import Album, Picture, pictures
from core.topics.own_images.linear_probe import near
from core.topics.own_images.predict import as_input
from core.training.rng import Stream, generator

PATCH, STRIDE = 64, 32  # pixels of the part that is blurred, and between two places of it
BLUR = 30.0  # standard deviation, in pixels
LEAST_FALL = 0.05  # of the answer's probability: if no part makes it fall by so much, none mattered


Known = Literal["shown", "near", "new"]


def known(picture: Picture, features: Tensor, album: Album, shown: Tensor) -> Known:
    """Whether a picture with ``features`` (1, D) is among those that were ``shown``, (N, D), or nearly one of them.

    Near is what counts as one photo, see `core.topics.own_images.linear_probe.NEAR`.
    """
    if picture.key in {other.key for other in pictures(album)}:
        return "shown"
    return "near" if bool(near(features, shown).any()) else "new"


def noisy(pixels: np.ndarray, noise: float) -> Tensor:
    """A picture (H, W, 3) uint8 as the network gets it, (1, 3, H, W) in 0..1, with Gaussian noise cut to that range."""
    x = as_input(pixels[None])
    return gaussian(x, noise, generator(0, Stream.OWN_IMAGES_NOISE)) if noise else x


def probabilities(backbone: Backbone, head: nn.Linear, x: Tensor) -> Tensor:
    """Those of the classes for pictures (N, 3, H, W): (N, classes)."""
    return head(backbone.features(x)).softmax(dim=1)


def occlusion(backbone: Backbone, head: nn.Linear, x: Tensor) -> tuple[Tensor, float]:
    """How much each pixel of a picture (1, 3, H, W) matters for the most probable class, (H, W); its least probability.

    By how much its probability falls when a square with the pixel is blurred; see `core.evaluation.inspection.occlusion_map`. A
    grey square, which digits are covered with, would be something new on a photo's background.
    Source: Fong and Vedaldi, Interpretable Explanations of Black Boxes by Meaningful Perturbation, 2017, section 4.1.
    """
    width = 2 * round(2 * BLUR) + 1
    blurred = v2.functional.gaussian_blur(x, [width, 1], [BLUR, BLUR])  # along the rows, then the columns: a 60th of
    blurred = v2.functional.gaussian_blur(blurred, [1, width], [BLUR, BLUR])  # the products of both at once
    shares = probabilities(backbone, head, torch.cat([x, occluded_copies(x, size=PATCH, stride=STRIDE, fill=blurred)]))
    shares = shares[:, shares[0].argmax()]
    return pixel_importance(shares[0] - shares[1:], x.shape[-2:], size=PATCH, stride=STRIDE), float(shares.min())
