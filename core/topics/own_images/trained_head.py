"""A head trained on the user's images: features of each image, the head on them, and how far its evaluation holds."""

from collections.abc import Hashable
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from core.topics.own_images.backbones import Backbone
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.labelled_images import FEW_IMAGES, LabelledImages
from core.topics.own_images.linear_probe import LabelledFeatures, leave_one_out


class ClassSize(NamedTuple):
    """How many images a class has, and how many different photos they show."""

    images: int
    photos: int

    @property
    def is_small(self) -> bool:
        """Whether there are too few images for reliable measurements."""
        return self.images < FEW_IMAGES

    @property
    def is_repetitive(self) -> bool:
        """Whether at least half of the images are copies of others."""
        return self.photos <= self.images / 2


class TrainedHead(NamedTuple):
    """A dataset, its features, and the head trained on them, with its loss before each update.

    ``held_out`` are for each image the probabilities (N, classes) of a head that was trained without a fifth of the
    photos, this one among them; None if all images show one photo.
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
        """Identity of the training; see `training_key`."""
        return training_key(self.dataset, self.config)

    @property
    def can_be_evaluated(self) -> bool:
        """Whether there are at least two photos, so that one can be left out."""
        return int(self.data.photos.max()) >= 1

    @property
    def class_sizes(self) -> list[ClassSize]:
        """The size of each class."""
        photos = [self.data.photos[self.data.labels == label] for label in range(len(self.dataset))]
        return [ClassSize(len(numbers), len(numbers.unique())) for numbers in photos]

    @property
    def class_of_one_photo(self) -> int | None:
        """The first class whose images all look like one photo: held out, they meet heads that never saw the class."""
        return next((label for label, size in enumerate(self.class_sizes) if size.photos == 1), None)

    def cross_validate(self) -> Float[Tensor, "images classes"]:
        """Return for each image the probabilities of a head that was trained without its photo."""
        return leave_one_out(self.data, len(self.dataset), self.config)


def training_key(dataset: LabelledImages, config: OwnImagesConfig) -> Hashable:
    """Return all that the trained head depends on. Noise is not part of it: only new images are noisy."""
    return dataset, config.changed(noise=0.0)
