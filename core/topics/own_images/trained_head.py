"""A head trained on the features of the user's images, with its cross-validated predictions."""

from collections.abc import Hashable
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from core.topics.own_images.backbones import Backbone
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.labelled_images import FEW_IMAGES, LabelledImages
from core.topics.own_images.linear_probe import LabelledFeatures, leave_one_out


class ClassSize(NamedTuple):
    """The number of images in a class, and the number of different photos among these images."""

    images: int
    photos: int

    @property
    def is_small(self) -> bool:
        """Whether there are too few images for a reliable accuracy."""
        return self.images < FEW_IMAGES

    @property
    def is_repetitive(self) -> bool:
        """Whether there are at least twice as many images as different photos."""
        return self.photos <= self.images / 2


class TrainedHead(NamedTuple):
    """A trained head, with its dataset, settings, backbone, and training data.

    ``losses`` holds the loss before each update. ``held_out`` holds the cross-validated class probabilities (N,
    classes) of the images (see `leave_one_out`). ``held_out`` is None if all images are copies of the same photo.
    """

    dataset: LabelledImages
    config: OwnImagesConfig
    backbone: Backbone
    data: LabelledFeatures
    head: nn.Linear
    losses: list[float]
    held_out: Tensor | None = None

    @property
    def key(self) -> Hashable:
        """The `training_key` of the dataset and the settings."""
        return training_key(self.dataset, self.config)

    @property
    def can_be_evaluated(self) -> bool:
        """Whether there are at least two different photos, the minimum for cross-validation."""
        return self.n_photos >= 2

    @property
    def n_photos(self) -> int:
        """The number of different photos."""
        return int(self.data.photos.max()) + 1

    @property
    def class_sizes(self) -> list[ClassSize]:
        """The `ClassSize` of each class."""
        photos = [self.data.photos[self.data.labels == label] for label in range(len(self.dataset))]
        return [ClassSize(len(numbers), len(numbers.unique())) for numbers in photos]

    @property
    def class_of_one_photo(self) -> int | None:
        """The index of the first class whose images are all copies of one photo, or None if there is no such class.

        A class with only one photo cannot be cross-validated.
        """
        return next((label for label, size in enumerate(self.class_sizes) if size.photos == 1), None)

    def cross_validate(self) -> Float[Tensor, "images classes"]:
        """Return the cross-validated class probabilities (N, classes) of the images (see `leave_one_out`)."""
        return leave_one_out(self.data, len(self.dataset), self.config)


def training_key(dataset: LabelledImages, config: OwnImagesConfig) -> Hashable:
    """Return a hashable key for the dataset and the settings that affect the head.

    The noise setting does not affect the head, because noise is added only to test images.
    """
    return dataset, config.changed(noise=0.0)
