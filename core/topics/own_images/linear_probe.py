"""The linear probe: one linear layer trained on frozen features, and cross-validation grouped by photo."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from core.topics.own_images.config import OwnImagesConfig

SAME_PHOTO_SIMILARITY = 0.9
"""Two images count as one photo if the cosine similarity of their features is at least this high.

A photo and a slightly cropped, rotated, or darkened copy have a similarity of 0.9 to 0.99. Two different example photos
have a similarity of at most 0.84.
"""
MAX_FOLDS = 60


class LabelledFeatures(NamedTuple):
    """Training data for a head: features (N, D), labels (N,), and photo indices (N,).

    Images that are copies of the same photo have the same photo index.
    """

    features: Tensor
    labels: Tensor
    photos: Tensor

    @classmethod
    def from_features(
        cls, features: Float[Tensor, "images features"], labels: Int64[Tensor, " images"]
    ) -> "LabelledFeatures":
        """Build the training data from features and labels. `group_by_photo` computes the photo indices."""
        return cls(features, labels, group_by_photo(features))

    def subset(self, mask: Bool[Tensor, " images"]) -> "LabelledFeatures":
        """Return the training data of the images for which ``mask`` is true."""
        return LabelledFeatures(*(values[mask] for values in self))


def train_head(
    data: LabelledFeatures,
    n_classes: int,
    config: OwnImagesConfig,
    *,
    report: Callable[[float], object] = lambda loss: None,
) -> tuple[nn.Linear, list[float]]:
    """Train a linear head on precomputed features. Return the head and the loss before each update.

    All parameters start at zero. ``report`` is called with each loss. If ``report`` raises an exception, training ends.
    """
    head = nn.utils.skip_init(nn.Linear, data.features.shape[1], n_classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.Adam(head.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    losses = []
    for _epoch in range(config.epochs):
        loss = cross_entropy(head(data.features), data.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        report(losses[-1])
    return head.requires_grad_(False), losses


def is_same_photo(
    features: Float[Tensor, "images features"], others: Float[Tensor, "others features"]
) -> Bool[Tensor, "images others"]:
    """Return, for each pair of images from two sets, whether both are copies of the same photo: bool (N, M).

    ``features`` (N, D) and ``others`` (M, D) hold the features of the two sets. For the criterion, see
    `SAME_PHOTO_SIMILARITY`.
    """
    return normalize(features) @ normalize(others).T >= SAME_PHOTO_SIMILARITY


def group_by_photo(features: Tensor) -> Tensor:
    """Group images by photo, and return a photo index for each image: int64 (N,).

    ``features`` has shape (N, D). Photo indices start at 0. Two images count as one photo if their features are similar
    (see `SAME_PHOTO_SIMILARITY`), or if a chain of similar pairs connects them.
    """
    connected, group = is_same_photo(features, features), torch.arange(len(features))
    while True:
        smallest = torch.where(connected, group, len(features)).min(dim=1).values.minimum(group)
        if torch.equal(smallest, group):
            return group.unique(return_inverse=True)[1]
        group = smallest


def folds(photos: Int64[Tensor, " images"], max_folds: int = MAX_FOLDS) -> Iterator[Bool[Tensor, " images"]]:
    """Yield, for each cross-validation fold, a mask of the held-out images.

    ``photos`` holds the photo index of each image (see `group_by_photo`). Images with the same index are in the same
    fold. Each fold contains the images of a single photo, unless there are more than ``max_folds`` photos.
    """
    for fold in range(min(int(photos.max()) + 1, max_folds)):
        yield photos % max_folds == fold


def leave_one_out(
    data: LabelledFeatures,
    n_classes: int,
    config: OwnImagesConfig,
    *,
    max_folds: int = MAX_FOLDS,
    report: Callable[[float], object] = lambda loss: None,
) -> Tensor:
    """Return the cross-validated class probabilities (N, classes) of the images.

    For each fold (see `folds`), a head is trained on all other folds. This head predicts the class probabilities of the
    images in the fold. ``report`` is passed to `train_head`.
    """
    probabilities = torch.empty(len(data.labels), n_classes)
    for held_out in folds(data.photos, max_folds):
        head, _losses = train_head(data.subset(~held_out), n_classes, config, report=report)
        probabilities[held_out] = head(data.features[held_out]).softmax(dim=1)
    return probabilities
