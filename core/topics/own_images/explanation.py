"""Explanation of a prediction: novelty of the image, class probabilities under noise, and an occlusion map."""

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

PATCH, STRIDE = 64, 32  # side length of a blurred patch, and distance between neighboring patches, in pixels
BLUR = 30.0  # standard deviation of the blur, in pixels
MIN_DROP = 0.05  # minimum drop in probability for a part to count as important
_MIN_BRIGHTNESS = 0.25  # brightness factor of unimportant pixels

Novelty = Literal["trained", "copy", "new"]


def novelty(
    image: PreparedImage,
    features: Float[Tensor, "1 features"],
    dataset: LabelledImages,
    trained_features: Float[Tensor, "images features"],
) -> Novelty:
    """Return "trained" for a training image, "copy" for a copy of a training image, and "new" for any other image.

    ``features`` are the features of the image, and ``trained_features`` are those of all images in ``dataset``. Copies
    are detected by `core.topics.own_images.linear_probe.is_same_photo`.
    """
    if image.key in {trained.key for trained in all_images(dataset)}:
        return "trained"
    return "copy" if bool(is_same_photo(features, trained_features).any()) else "new"


def noisy_input(pixels: UInt8[np.ndarray, "height width 3"], noise: float) -> Float32[Tensor, "1 3 height width"]:
    """Convert an image to a network input with values in 0..1, add Gaussian noise, and clamp the result to 0..1.

    ``noise`` is the standard deviation of the noise. The random numbers are the same in every call.
    """
    x = as_input(pixels[None])
    return gaussian(x, noise, generator(0, Stream.OWN_IMAGES_NOISE)) if noise else x


def as_pixels(x: Float[Tensor, "1 3 height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Convert a network input with values in 0..1 to the pixels of an image."""
    return (x[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)


def probabilities(
    backbone: Backbone, head: nn.Linear, x: Float32[Tensor, "images 3 224 224"]
) -> Float32[Tensor, "images classes"]:
    """Return the class probabilities that a head predicts for images with values in 0..1."""
    return head(backbone.features(x)).softmax(dim=1)


def occluded_inputs(x: Float32[Tensor, "1 3 height width"]) -> Float32[Tensor, "copies 3 height width"]:
    """Return an image, followed by copies of it, each with a different patch blurred.

    The patches are blurred because a patch of a single color would look like a new object in a photo.

    Source: Fong and Vedaldi, Interpretable Explanations of Black Boxes by Meaningful Perturbation, 2017, section 4.1.
    """
    width = 2 * round(2 * BLUR) + 1
    # Blurring one direction after the other takes 1/60 of the multiplications of a two-dimensional kernel
    blurred = v2.functional.gaussian_blur(x, [width, 1], [BLUR, BLUR])
    blurred = v2.functional.gaussian_blur(blurred, [1, width], [BLUR, BLUR])
    return torch.cat([x, occluded_copies(x, size=PATCH, stride=STRIDE, fill=blurred)])


def occlusion(
    head: nn.Linear, features: Float[Tensor, "copies features"], size: tuple[int, int]
) -> tuple[Float[Tensor, "height width"], float]:
    """Return the importance of each pixel for the predicted class, and the lowest probability of this class.

    The importance of a pixel is the mean drop in probability over all blurred patches that contain the pixel; see
    `core.evaluation.occlusion`. The lowest probability is the minimum over all images that `occluded_inputs` returns.

    ``features`` are the backbone's features of these images. The features can be reused with a different head. ``size``
    is the (height, width) of an image.
    """
    class_probabilities = head(features).softmax(dim=1)
    predicted = class_probabilities[:, class_probabilities[0].argmax()]
    importance = pixel_importance(predicted[0] - predicted[1:], size, size=PATCH, stride=STRIDE)
    return importance, float(predicted.min())


def shade(
    pixels: UInt8[np.ndarray, "height width 3"], importance: Float[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Darken the less important pixels of an image, and return the result.

    Pixels with zero or negative importance keep a quarter of their brightness. For pixels with positive importance,
    brightness increases linearly with importance; the most important pixels are unchanged.
    """
    light = np.clip(importance, 0, None)
    light = _MIN_BRIGHTNESS + (1 - _MIN_BRIGHTNESS) * light / (light.max() or 1)
    return (pixels * light[..., None]).astype(np.uint8)
