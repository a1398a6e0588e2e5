"""Explanation of a prediction: whether the image is new, noise on it, class probabilities, occlusion by blurring."""

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor, nn

from core.data.corruptions import gaussian
from core.data.torchvision_compat import v2
from core.evaluation.occlusion import occluded_copies, pixel_importance
from core.topics.own_images.backbones import Backbone
from core.topics.own_images.labelled_images import LabelledImages, PreparedImage, all_images
from core.topics.own_images.linear_probe import is_same_photo
from core.topics.own_images.predict import as_input
from core.training.rng import Stream, generator

PATCH, STRIDE = 64, 32  # pixels of the blurred patch, and between two of its positions
BLUR = 30.0  # standard deviation in pixels
MIN_DROP = 0.05  # of the probability: if no patch makes it drop this much, no part is important
_MIN_BRIGHTNESS = 0.25  # of unimportant pixels

Novelty = Literal["trained", "copy", "new"]


def novelty(
    image: PreparedImage,
    features: Float[Tensor, "1 features"],
    dataset: LabelledImages,
    trained_features: Float[Tensor, "images features"],
) -> Novelty:
    """Return whether the head was trained on an image with ``features``, or on a copy of the same photo.

    See `core.topics.own_images.linear_probe.is_same_photo`.
    """
    if image.key in {trained.key for trained in all_images(dataset)}:
        return "trained"
    return "copy" if bool(is_same_photo(features, trained_features).any()) else "new"


def noisy_input(pixels: UInt8[np.ndarray, "height width 3"], noise: float) -> Float32[Tensor, "1 3 height width"]:
    """Return an image as a network's input in 0..1, with Gaussian noise clamped to that range."""
    x = as_input(pixels[None])
    return gaussian(x, noise, generator(0, Stream.OWN_IMAGES_NOISE)) if noise else x


def as_pixels(x: Float[Tensor, "1 3 height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Return an input in 0..1 as an image."""
    return (x[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)


def probabilities(
    backbone: Backbone, head: nn.Linear, x: Float32[Tensor, "images 3 224 224"]
) -> Float32[Tensor, "images classes"]:
    """Return the class probabilities of images."""
    return head(backbone.features(x)).softmax(dim=1)


def occluded_inputs(x: Float32[Tensor, "1 3 height width"]) -> Float32[Tensor, "copies 3 height width"]:
    """Return an image, and copies of it, each with another patch blurred.

    A grey square, which covers digits, would be a new object on a photo's background.
    Source: Fong and Vedaldi, Interpretable Explanations of Black Boxes by Meaningful Perturbation, 2017, section 4.1.
    """
    width = 2 * round(2 * BLUR) + 1
    # Rows first, then columns: a 60th of the multiplications of both at once
    blurred = v2.functional.gaussian_blur(x, [width, 1], [BLUR, BLUR])
    blurred = v2.functional.gaussian_blur(blurred, [1, width], [BLUR, BLUR])
    return torch.cat([x, occluded_copies(x, size=PATCH, stride=STRIDE, fill=blurred)])


def occlusion(
    head: nn.Linear, features: Float[Tensor, "copies features"], size: tuple[int, int]
) -> tuple[Float[Tensor, "height width"], float]:
    """Return the importance of each pixel of an image for its predicted class, and the least probability.

    The importance is the mean drop of the probability while a square with the pixel is blurred; see
    `core.evaluation.occlusion`. ``features`` are those of the `occluded_inputs` of an image of this ``size``; they do
    not depend on the head.
    """
    class_probabilities = head(features).softmax(dim=1)
    predicted = class_probabilities[:, class_probabilities[0].argmax()]
    importance = pixel_importance(predicted[0] - predicted[1:], size, size=PATCH, stride=STRIDE)
    return importance, float(predicted.min())


def shade(
    pixels: UInt8[np.ndarray, "height width 3"], importance: Float[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Darken pixels the less important they are, down to a quarter of their brightness."""
    light = np.clip(importance, 0, None)
    light = _MIN_BRIGHTNESS + (1 - _MIN_BRIGHTNESS) * light / (light.max() or 1)
    return (pixels * light[..., None]).astype(np.uint8)
